"""What `recover` reads of a scenario: a fingerprint, equal where a change means nothing to the search."""

from __future__ import annotations

from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.network.model import network_of
from esc_sim.plans.reads import instance_read
from esc_sim.scenario.cascade import MEASURED
from esc_sim.scenario.schema import Scenario


def recovery_reads(scenario: Scenario) -> str:
    """What `recover` reads: the network with roles, how failures spread, and what disruptions strike.

    Loads that are measured in a run depend on all that the run does, and on its seed.
    """
    network, measured = network_of(scenario), None
    if scenario.cascade is not None and scenario.cascade.load == "stated":
        measured = fingerprint([node.load for node in scenario.nodes])
    elif scenario.cascade is not None and scenario.cascade.load in MEASURED:
        measured = fingerprint(instance_read(instance_of(scenario, network)), scenario.run.seed)
    struck = [(d.name, d.nodes, d.regions, d.roles, d.cascade) for d in scenario.disruptions]
    spreads = (scenario.cascade, scenario.competitors, struck, measured)
    return fingerprint(network.structure_hash, network.roles, network.regions, *spreads)
