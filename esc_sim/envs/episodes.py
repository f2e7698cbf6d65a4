"""Episodes of a scenario: whoever plays them, what is seen and what may be ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import gymnasium
import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.agents.steps import AgentStepper
from esc_sim.engine.steps import OBSERVED, Floats, Stepper
from esc_sim.errors import InputError
from esc_sim.fields.names import listed
from esc_sim.instance.controlled import Controlled, Controls, controlled, items_called
from esc_sim.options import Engine
from esc_sim.replications import KernelOf
from esc_sim.scenario.given import ScenarioLike, given_scenario
from esc_sim.scenario.kinds import flags, seed_number
from esc_sim.scenario.run import check_warm_up


class Episodes:
    """R replications of a scenario side by side, with orders from outside; one episode of each after the other.

    Attributes:
        given: what is played.
        seen: int64[V] items that are observed.
        count: replications R.
        seed: of the current episodes.
        first: number of the first of the current replications.
    """

    def __init__(
        self,
        scenario: ScenarioLike,
        *,
        count: int = 1,
        controls: Controls | None = None,
        observe: Sequence[str] | None = None,
        engine: Engine = "auto",
        nodes: bool = False,
        overrides: Sequence[str] | Mapping[str, Any] = (),
        allow_code: bool = False,
    ) -> None:
        """Nothing is played before :meth:`reset`.

        Args:
            scenario: a scenario, the path of one, or its content as a dict.
            count: replications R; the agents play one.
            controls: what is controlled; default everything that buys.
            observe: what is observed, by the names of nodes or of node/product; default what is controlled.
            engine: "compiled", "agents" or "auto": the agents only while the compiled engine is not there yet.
            nodes: keep what each node did.
            overrides: changes of values, as for ``--set``.
            allow_code: may Python files that the scenario names be run.

        Raises:
            InputError: something in the scenario or the arguments cannot be used.
        """
        if engine not in get_args(Engine):
            raise InputError(f"engine: there is no {engine!r}; take auto, compiled or agents")
        flags(allow_code=allow_code)
        read = given_scenario(scenario, overrides)
        check_warm_up(read.run)
        self.given: Controlled = controlled(read, controls, allow_code=allow_code)
        network = self.given.instance.network
        if observe is None:
            self.seen = self.given.items
        else:
            found = [item for name in listed("observe", observe) for item in items_called(name, network, "observe")]
            self.seen = np.array(list(dict.fromkeys(found)), np.int64)
        if not len(self.seen):
            raise InputError("observe: nothing is observed; name a node, or leave observe out")
        features = self.given.instance.agent_features
        if engine == "compiled" and features:
            raise InputError(
                f"the compiled engine cannot run this: {'; '.join(features)}; SupplyEnv(engine='agents') can, and "
                "gymnasium.vector.SyncVectorEnv puts several of them side by side"
            )
        self.count, self._nodes = count, nodes
        self._most: list[float] = self.given.most.tolist()
        self._engine: Engine = "agents" if features else engine
        self._kernel = KernelOf(self.given.instance)
        self._compiled: Stepper | None = None
        self.seed, self.first = read.run.seed, -count
        self._stepper: Stepper | None = None

    def reset(self, seed: int | None, options: Mapping[str, Any] | None) -> None:
        """Begin the next replications, or the first ones of a seed.

        Args:
            seed: of all random numbers; None: the seed stays, and the replications that follow are played.
            options: ``replication``, the number of the first replication; others, as of wrappers, are not looked at.

        Raises:
            InputError: seed or options cannot be used.
        """
        seed = None if seed is None else seed_number("reset: seed", seed)
        if options is not None and not isinstance(options, Mapping):
            raise InputError(f"reset: options: give a dict, such as {{'replication': 5}}, not {options!r}")
        first = 0 if seed is not None else self.first + self.count
        first = first if not options or "replication" not in options else options["replication"]
        if isinstance(first, bool) or not isinstance(first, (int, np.integer)) or first < 0:
            raise InputError(f"reset: replication: {first!r} is no number of a replication; give 0 or more")
        self.seed, self.first = self.seed if seed is None else seed, int(first)
        self._stepper = self._chosen()
        self._stepper.reset(self.seed, self.first)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy, or a pickle, is made from: the engine plays on in place, so only what has not begun is copied.

        Raises:
            InputError: an episode has begun.
        """
        if self._stepper is not None:
            raise InputError(
                "an environment cannot be copied or pickled once an episode has begun: make another one, reset it to "
                "the same seed and replication, and order the same"
            )
        return self.__dict__

    def step(self, orders: Floats) -> Stepper:
        """Play a period.

        Args:
            orders: float64[R, M].

        Raises:
            InputError: no episode is under way, or an order cannot be used.
        """
        stepper = self._stepper
        if stepper is None:
            raise InputError("step: no episode has begun; call reset() first")
        if stepper.period >= self.given.instance.periods:
            raise InputError("step: the episode is over; call reset() for the next one")
        if orders.shape != (self.count, len(self.given.items)):
            raise InputError(self._of_wrong_shape(orders.shape))
        if not self._may_be_ordered(orders):
            raise InputError(self._outside(orders))
        stepper.step(orders)
        return stepper

    @property
    def over(self) -> bool:
        """Whether the episodes have reached their horizon."""
        return self._stepper is not None and self._stepper.period >= self.given.instance.periods

    @property
    def stepper(self) -> Stepper:
        """Who plays the current episodes."""
        assert self._stepper is not None
        return self._stepper

    @property
    def observation_names(self) -> tuple[str, ...]:
        """What is seen, such as "shop.on_hand": one quantity of all items after the other."""
        names = [self.given.instance.network.item_name(item) for item in self.seen.tolist()]
        return tuple(f"{name}.{quantity}" for quantity in OBSERVED for name in names)

    def action_space(self, places: NDArray[np.int64] | None = None) -> gymnasium.Space[Floats]:
        """Orders that may be given, of all that is controlled or of some of it."""
        most = self.given.most if places is None else self.given.most[places]
        box: Any = gymnasium.spaces.Box(0.0, most, dtype=np.float64)
        return box

    def observation_space(self, items: int | None = None) -> gymnasium.Space[Floats]:
        """What may be seen of so many items, default all: health is a share, amounts have no upper limit."""
        count = len(self.seen) if items is None else items
        high = np.full((len(OBSERVED), count), np.inf)
        high[OBSERVED.index("health")] = 1.0
        box: Any = gymnasium.spaces.Box(0.0, high.ravel(), dtype=np.float64)
        return box

    def _chosen(self) -> Stepper:
        """The engine that plays the next episodes; both give the same numbers."""
        if self._engine == "agents" or (self._engine == "auto" and self._compiled is None and not self._is_there()):
            return AgentStepper(self.given, self.seen, self._nodes)
        if self._compiled is None:
            from esc_sim.engine.compiled.steps import CompiledStepper

            self._compiled = CompiledStepper(self.given, self.count, self.seen, self._nodes)
        return self._compiled

    def _is_there(self) -> bool:
        """Whether the compiled engine is there; if not, another process begins to compile it."""
        if self._kernel.is_there():
            return True
        self._kernel.comes()
        return False

    def _may_be_ordered(self, orders: Floats) -> bool:
        """Whether all orders are within their limits; nan is not."""
        if self.count == 1:  # numpy would take as long for a few numbers as playing the period does
            return all(0.0 <= order <= most for order, most in zip(orders[0].tolist(), self._most, strict=True))
        return bool(((orders >= 0.0) & (orders <= self.given.most)).all())

    def _of_wrong_shape(self, shape: tuple[int, ...]) -> str:
        names = self.given.names
        listed = ", ".join(names[:10]) + (" ..." if len(names) > 10 else "")
        wanted, got = ((len(names),), shape[1:]) if self.count == 1 else ((self.count, len(names)), shape)
        return f"action: an array of shape {wanted} is wanted, one order for each of {listed}; this one has {got}"

    def _outside(self, orders: Floats) -> str:
        row, place = np.argwhere(~((orders >= 0.0) & (orders <= self.given.most)))[0].tolist()
        where = f"action of '{self.given.names[place]}'" + (f" in replication {row}" if self.count > 1 else "")
        value, most = orders[row, place], self.given.most[place]
        if np.isnan(value):
            return f"{where}: not a number; give units from 0 to {most:g}"
        return (
            f"{where}: {value:g} is not between 0 and {most:g} units; clip it to env.action_space, or allow more: "
            f"controls={{'{self.given.names[place]}': ...}}"
        )


def as_orders(action: Any, what: str) -> Floats:
    """An action as numbers.

    Raises:
        InputError: it is something else.
    """
    try:
        return np.asarray(action, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{what}: {action!r} are no numbers; give the units to order as an array") from None
