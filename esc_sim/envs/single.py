"""One controller of a supply network, as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium

from esc_sim.engine.steps import Floats
from esc_sim.envs.episodes import Episodes, as_orders
from esc_sim.envs.rewards import Reward, reward_of
from esc_sim.instance.controlled import Controls
from esc_sim.options import Engine
from esc_sim.scenario.given import ScenarioLike


class SupplyEnv(gymnasium.Env[Floats, Floats]):
    """A supply network whose orders one controller decides; registered as ``esc_sim/Supply-v0``.

    A step is one review period. The action is an order for each controlled item, in units, placed before the final
    demand of the period is known. What is seen, at the end of a period, is of each observed item what is on hand, on
    order, owed to customers and buyers, was asked for in the period, and the health of its node. An episode is one
    replication; it is truncated at the horizon.

    ``reset(seed=7)`` begins the replication of number 0 of seed 7, and each further ``reset()`` the next one:
    disruptions and demands are those of ``simulate(..., seed=7)``, whatever is ordered.

    >>> import esc_sim as esc
    >>> env = esc.envs.SupplyEnv("scenarios/quickstart", controls=["warehouse"], reward="profit")
    >>> observation, info = env.reset(seed=7)
    >>> env.action_names
    ('warehouse',)
    >>> observation, reward, terminated, truncated, info = env.step([70.0])
    >>> env.observation_names[:2]
    ('warehouse.on_hand', 'warehouse.on_order')
    """

    def __init__(
        self,
        scenario: ScenarioLike,
        *,
        controls: Controls | None = None,
        observe: Sequence[str] | None = None,
        reward: Reward = "profit",
        engine: Engine = "auto",
        overrides: Sequence[str] | Mapping[str, Any] = (),
        allow_code: bool = False,
    ) -> None:
        """Nothing is played before :meth:`reset`.

        Args:
            scenario: a scenario, the path of one, or its content as a dict.
            controls: names of nodes, or of items (node/product), whose orders are decided here, perhaps with the
                largest order of each; default everything that buys. The largest order is by default the final demand
                at the node and downstream in the period in which it is largest, times the lead time and two periods.
            observe: names of nodes or items that are seen; default what is controlled.
            reward: "profit", or another column of a period or measure of which more, or less, is better (then with a
                minus sign); or a function of the period's columns by name, arrays of one number each.
            engine: "compiled", "agents", or "auto": the compiled engine, but the agents while it is not there yet.
                Both give the same numbers.
            overrides: changes of values, as for ``--set``.
            allow_code: may Python files that the scenario names be run.

        Raises:
            InputError: something in the scenario or the arguments cannot be used.
        """
        self._rewards = reward_of(reward)
        self._episodes = Episodes(
            scenario, controls=controls, observe=observe, engine=engine, overrides=overrides, allow_code=allow_code
        )
        self.action_names = self._episodes.given.names
        """Items that the numbers of an action are for."""
        self.observation_names = self._episodes.observation_names
        """What the numbers of an observation are, such as "shop.on_hand"."""
        self.action_space = self._episodes.action_space()
        self.observation_space = self._episodes.observation_space()

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: of all random numbers; default the scenario's, then the one before.
            options: ``{"replication": 5}``: the number of the replication; default the next one, 0 after a seed.

        Raises:
            InputError: seed or options cannot be used.
        """
        episodes = self._episodes
        episodes.reset(seed, options)
        super().reset(seed=None if seed is None else int(seed))
        return episodes.stepper.observed()[0], {"seed": episodes.seed, "replication": episodes.first}

    def step(self, action: Any) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Play a period with these orders, float64[M].

        Raises:
            InputError: no episode is under way, or the action is outside its space.
        """
        stepper = self._episodes.step(as_orders(action, "action")[None])
        reward = float(self._rewards(stepper.totals())[0])
        return stepper.observed()[0], reward, False, self._episodes.over, {}
