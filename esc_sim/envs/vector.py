"""Many replications of a supply network side by side, as a vectorised Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from esc_sim.engine.steps import Floats
from esc_sim.envs.episodes import Episodes, as_orders
from esc_sim.envs.rewards import Reward, reward_of
from esc_sim.errors import InputError
from esc_sim.instance.controlled import Controls
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import whole


class SupplyVectorEnv(VectorEnv[Floats, Floats, NDArray[Any]]):
    """R replications of :class:`SupplyEnv` in one call of the compiled engine; number r gives the same bits as it.

    ``reset(seed=7)`` begins the replications 0 to R - 1 of seed 7. All episodes end together; the step after the last
    one begins the next R replications, whatever the action, and rewards nothing (``AutoresetMode.NEXT_STEP``).

    >>> import numpy as np
    >>> import esc_sim as esc
    >>> envs = esc.envs.SupplyVectorEnv("scenarios/quickstart", num_envs=100, controls=["warehouse"])
    >>> observations, infos = envs.reset(seed=7)
    >>> observations, rewards, terminations, truncations, infos = envs.step(np.full((100, 1), 70.0))
    >>> rewards.shape
    (100,)
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - as in the base
        "render_modes": [],
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        scenario: ScenarioLike,
        *,
        num_envs: int,
        controls: Controls | None = None,
        observe: Sequence[str] | None = None,
        reward: Reward = "profit",
        overrides: Sequence[str] | Mapping[str, Any] = (),
        allow_code: bool = False,
    ) -> None:
        """Nothing is played before :meth:`reset`.

        Args:
            scenario: a scenario, the path of one, or its content as a dict; one that the compiled engine can run.
            num_envs: replications R.
            controls, observe, reward: as in :class:`SupplyEnv`; a function of rewards is given arrays of R numbers.
            overrides: changes of values, as for ``--set``.
            allow_code: may Python files that the scenario names be run.

        Raises:
            InputError: something in the scenario or the arguments cannot be used.
        """
        num_envs = whole("num_envs", num_envs)
        if num_envs < 1:
            raise InputError(f"num_envs: {num_envs} is not a number of replications; give at least 1")
        self._rewards = reward_of(reward)
        self._episodes = Episodes(
            scenario,
            count=num_envs,
            controls=controls,
            observe=observe,
            engine="compiled",
            overrides=overrides,
            allow_code=allow_code,
        )
        self.num_envs = num_envs
        self.action_names = self._episodes.given.names
        """Items that the numbers of a row of actions are for."""
        self.observation_names = self._episodes.observation_names
        """What the numbers of a row of observations are, such as "shop.on_hand"."""
        self.single_action_space = self._episodes.action_space()
        self.single_observation_space = self._episodes.observation_space()
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        """Begin R episodes.

        Args:
            seed: of all random numbers; default the scenario's, then the one before.
            options: ``{"replication": 5}``: the number of the first replication; default the one after those played, 0
                after a seed.

        Raises:
            InputError: seed or options cannot be used.
        """
        self._episodes.reset(seed, options)
        super().reset(seed=None if seed is None else int(seed))
        return self._episodes.stepper.observed(), {}

    def step(self, actions: Any) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Play a period with these orders, float64[R, M].

        Raises:
            InputError: no episode is under way, or an action is outside its space.
        """
        never = np.zeros(self.num_envs, np.bool_)
        if self._episodes.over:
            observations, infos = self.reset()
            return observations, np.zeros(self.num_envs), never, never.copy(), infos
        stepper = self._episodes.step(as_orders(actions, "action"))
        over = np.full(self.num_envs, self._episodes.over)
        return stepper.observed(), self._rewards(stepper.totals()), never, over, {}
