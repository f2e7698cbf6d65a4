"""A learner at each member of a supply network, as a PettingZoo environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from pettingzoo import ParallelEnv

from esc_sim.engine.steps import OBSERVED, Floats
from esc_sim.envs.episodes import Episodes, as_orders
from esc_sim.envs.rewards import Reward, node_reward_of, reward_of
from esc_sim.errors import InputError
from esc_sim.fields.names import named
from esc_sim.instance.controlled import Controls
from esc_sim.options import Engine
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import flags


class SupplyParallelEnv(ParallelEnv[str, Floats, Floats]):
    """A supply network in which every member decides what it orders; all order at once.

    Each learner is called after its node. It decides the orders of what its node buys and sees the state of these
    items, as :class:`SupplyEnv` has them, and is rewarded by its own money.

    >>> import esc_sim as esc
    >>> env = esc.envs.SupplyParallelEnv("scenarios/quickstart")
    >>> observations, infos = env.reset(seed=7)
    >>> env.agents
    ['shop_north', 'shop_south', 'warehouse']
    >>> env.action_names("warehouse")
    ('warehouse',)
    >>> env.observation_names("warehouse")[0]
    'warehouse.on_hand'
    >>> env.observation_space("warehouse").contains(observations["warehouse"])
    True
    >>> float(env.action_space("shop_north").high[0])
    165.0
    >>> orders = {"shop_north": [40.0], "shop_south": [25.0], "warehouse": [70.0]}
    >>> observations, rewards, terminations, truncations, infos = env.step(orders)
    """

    metadata: dict[str, Any] = {"name": "esc_sim_supply_v0", "render_modes": []}  # noqa: RUF012 - as in the base

    def __init__(
        self,
        scenario: ScenarioLike,
        *,
        controls: Controls | None = None,
        reward: Reward = "profit",
        shared: bool = False,
        engine: Engine = "auto",
        overrides: Sequence[str] | Mapping[str, Any] = (),
        allow_code: bool = False,
    ) -> None:
        """Nothing is played before :meth:`reset`.

        Args:
            scenario: a scenario, the path of one, or its content as a dict.
            controls: names of nodes, or of items, whose orders are learnt, perhaps with the largest order of each;
                default everything that buys. Other members go on as the scenario says.
            reward: "profit", "income", "cost", "procurement", "storage" or "penalty" of the learner's own node.
            shared: the reward is that of the whole network, the same for all; ``reward`` is then what it may be in
                :class:`SupplyEnv`.
            engine: as in :class:`SupplyEnv`.
            overrides: changes of values, as for ``--set``.
            allow_code: may Python files that the scenario names be run.

        Raises:
            InputError: something in the scenario or the arguments cannot be used.
        """
        flags(shared=shared)
        if not shared and callable(reward):
            raise InputError("reward: a function is one of the whole network: say shared=True")
        self._shared = reward_of(reward) if shared else None
        self._own = None if shared or callable(reward) else node_reward_of(reward)
        self._episodes = Episodes(
            scenario, controls=controls, engine=engine, nodes=True, overrides=overrides, allow_code=allow_code
        )
        network = self._episodes.given.instance.network
        nodes = network.item_node[self._episodes.given.items]
        self._nodes = {network.node_ids[node]: int(node) for node in nodes.tolist()}
        self._places = {name: np.flatnonzero(nodes == node) for name, node in self._nodes.items()}
        self.possible_agents = list(self._nodes)
        self.agents: list[str] = []
        self._actions = {name: self._episodes.action_space(places) for name, places in self._places.items()}
        self._observations = {
            name: self._episodes.observation_space(len(places)) for name, places in self._places.items()
        }

    def observation_space(self, agent: str) -> gymnasium.Space[Floats]:
        """What a learner may see."""
        return self._observations[agent]

    def action_space(self, agent: str) -> gymnasium.Space[Floats]:
        """What a learner may order."""
        return self._actions[agent]

    def action_names(self, agent: str) -> tuple[str, ...]:
        """Items that the numbers of a learner's action are for."""
        return tuple(self._episodes.given.names[place] for place in self._places[agent].tolist())

    def observation_names(self, agent: str) -> tuple[str, ...]:
        """What the numbers of a learner's observation are, such as "shop.on_hand"."""
        return tuple(f"{name}.{quantity}" for quantity in OBSERVED for name in self.action_names(agent))

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Floats], dict[str, dict[str, Any]]]:
        """Begin an episode; as :meth:`SupplyEnv.reset`.

        Raises:
            InputError: seed or options cannot be used.
        """
        self._episodes.reset(seed, options)
        self.agents = self.possible_agents.copy()
        return self._seen(), {name: {} for name in self.agents}

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[dict[str, Floats], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Play a period with the orders of all learners.

        Raises:
            InputError: no episode is under way, a learner's action is missing or outside its space, or there is no such
                learner.
        """
        for name in named("step: actions", actions):
            if name not in self._places:
                raise InputError(f"step: actions: there is no learner '{name}'{suggestion(name, self.possible_agents)}")
        orders = np.empty((1, len(self._episodes.given.items)))
        for name, places in self._places.items():
            if name not in actions:
                raise InputError(f"action of '{name}': is missing; every learner orders in every period")
            own = as_orders(actions[name], f"action of '{name}'")
            if own.shape != places.shape:
                raise InputError(f"action of '{name}': an array of shape {places.shape} is wanted, not {own.shape}")
            orders[0, places] = own
        stepper, over = self._episodes.step(orders), self._episodes.over
        if self._shared is not None:
            rewards = dict.fromkeys(self._nodes, float(self._shared(stepper.totals())[0]))
        else:
            assert self._own is not None
            money = self._own(stepper.nodes()[0])
            rewards = {name: float(money[node]) for name, node in self._nodes.items()}
        now = self.agents
        self.agents = [] if over else self.possible_agents.copy()
        return self._seen(), rewards, dict.fromkeys(now, False), dict.fromkeys(now, over), {name: {} for name in now}

    def _seen(self) -> dict[str, Floats]:
        found = self._episodes.stepper.observed()[0].reshape(len(OBSERVED), -1)
        return {name: found[:, places].ravel() for name, places in self._places.items()}
