"""Loads measured in the running network: what passed each node of an undisrupted run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.scenario import throughput_loads
from esc_sim.engine.block import Block
from esc_sim.errors import InputError
from esc_sim.instance.model import Instance


def measured_loads(instance: Instance, seed: int, scale: float) -> NDArray[np.float64]:
    """Throughput loads of an undisrupted run of one replication.

    Args:
        instance: what is run.
        seed: seed of all random numbers.
        scale: c, the mean load.

    Raises:
        InputError: nothing was shipped in that run.
    """
    plain = replace(instance, spreading=None)
    run: Callable[..., Block]
    if plain.agent_features:
        from esc_sim.engine.agents.runner import run_replications as run
    else:
        from esc_sim.engine.compiled.runner import run_replications as run
    flows = run(plain, seed, [0], disrupted=False).arc_shipped
    if not flows.any():
        raise InputError("cascade.load: nothing is shipped in an undisrupted run, so there is no throughput to measure")
    return throughput_loads(flows, instance.network, scale)
