"""Environments for learning agents: one controller, a learner at each member, many replications side by side.

Needs the extra ``rl``. The environments play a scenario period by period; what is learnt are the orders.
"""

from __future__ import annotations

from esc_sim.errors import InputError

try:
    import gymnasium
    import pettingzoo  # noqa: F401 - asked for here, so that one message names the extra
except ImportError as error:
    raise InputError(
        f"learning environments need the package {error.name}: pip install 'esc_sim[rl]' (gymnasium and pettingzoo)"
    ) from None

from esc_sim.engine.steps import OBSERVED
from esc_sim.envs.parallel import SupplyParallelEnv
from esc_sim.envs.single import SupplyEnv
from esc_sim.envs.vector import SupplyVectorEnv

__all__ = ["OBSERVED", "SupplyEnv", "SupplyParallelEnv", "SupplyVectorEnv"]

gymnasium.register(
    "esc_sim/Supply-v0",
    entry_point="esc_sim.envs.single:SupplyEnv",
    vector_entry_point="esc_sim.envs.vector:SupplyVectorEnv",
)
