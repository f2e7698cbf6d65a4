"""Order policies that users write: a class with a method ``order(view)`` that returns a quantity, or a pure function.

    class Cautious:
        def __init__(self, cover=3.0):
            self.cover = cover

        def order(self, view):
            return self.cover * view.demand - view.position

Classes are run by the agent engine only, functions (``instance.functions``) by both. A scenario names them by file
and name; such a file is imported only where the user allows code, never to check the scenario.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import math
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any, Final, NoReturn, Protocol, Self

from esc_sim.errors import InputError
from esc_sim.fields.names import named
from esc_sim.network.model import Network
from esc_sim.policies.code import CodeOrder
from esc_sim.policies.policy import Order
from esc_sim.scenario.items import items_of
from esc_sim.scenario.schema import Scenario

GIVEN: Final = "python:given"
"""Stands as the code of an order that is left to a policy from Python."""
PLANNED: Final = ""
"""Stands as the code of an order that a rolling plan decides (``instance.rolling``); no scenario can state it."""


@dataclass(frozen=True)
class PolicyView:
    """What a policy sees of its buyer line when it orders.

    Attributes:
        period: number of the review, from 0.
        node, product: names.
        on_hand: units on hand and not promised.
        safety_stock: units of them that are kept back.
        on_order: units in transit or owed by suppliers.
        owed: units owed to customers and buyers.
        position: inventory position, on hand - safety stock + on order - owed.
        demand: units asked for in this period so far (0 where orders are placed before demand).
    """

    period: int
    node: str
    product: str
    on_hand: float
    safety_stock: float
    on_order: float
    owed: float
    position: float
    demand: float


class OrderPolicy(Protocol):
    """What a user's class must offer."""

    def order(self, view: PolicyView) -> float:
        """Units to order now, at least 0."""


GivenPolicy = OrderPolicy | Callable[..., float]
"""What a user may hand in from Python: an object with a method ``order``, or a pure function."""


@dataclass(frozen=True)
class Plugin:
    """A user's policy for one item, not yet loaded; here a class.

    Attributes:
        name: how messages call it.
        file: Python file that holds it; None: ``given`` is the policy.
        parameters: arguments of the class.
        given: an object with a method ``order``; each replication works on a copy of its own.
    """

    name: str
    file: Path | None = None
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    given: Any = None

    @property
    def compiled(self) -> bool:
        """Whether both engines run it."""
        return False

    def __getstate__(self) -> dict[str, Any]:
        """Plain values, so that worker processes can be handed a plugin."""
        return {**self.__dict__, "parameters": dict(self.parameters)}

    def with_parameters(self, parameters: Mapping[str, float]) -> Self:
        """The same policy with other parameters."""
        return replace(self, parameters=parameters)

    def make(self) -> OrderPolicy:
        """The policy, new: loads the user's file where it has one.

        Raises:
            InputError: with the user's file and line.
        """
        if self.file is None:
            policy = copy.deepcopy(self.given)
        else:
            maker = loaded_name(self.file, self.name)
            policy = self.call(lambda: maker(**self.parameters))
        if not callable(getattr(policy, "order", None)):
            raise InputError(f"{self._place()}: '{self.name}' has no method order(view)")
        made: OrderPolicy = policy
        return made

    def ask(self, policy: OrderPolicy, view: PolicyView) -> float:
        """What the policy orders.

        Raises:
            InputError: it fails, or what it returns is no quantity; with the user's file and line.
        """
        quantity = self.call(lambda: policy.order(view))
        if isinstance(quantity, bool) or not isinstance(quantity, (int, float)) or not math.isfinite(quantity):
            place = self._place(policy)
            raise InputError(f"{place}: {self.name} returned {quantity!r} for '{view.node}', not a quantity")
        return max(0.0, float(quantity))

    def call(self, action: Callable[[], Any]) -> Any:
        """Do something of the user's; its failure is told with the line of the user's file."""
        try:
            return action()
        except Exception as error:
            _refuse(error, self.name)

    def _place(self, policy: OrderPolicy | None = None) -> str:
        """Where the user's code stands: its file, and the line of the method that was asked."""
        code = getattr(getattr(type(policy), "order", None), "__code__", None)
        if policy is not None and code is not None:
            return f"{Path(code.co_filename).name}:{code.co_firstlineno}"
        return self.file.name if self.file is not None else "policies"


def _refuse(error: Exception, name: str) -> NoReturn:
    """Tell where the user's code failed: the innermost line that is no part of esc_sim."""
    own = str(Path(__file__).resolve().parents[1])
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(own)]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: " if frames else ""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{Path(error.filename).name}:{error.lineno}: "
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    raise InputError(f"{place}{name}: {type(error).__name__}: {text}") from error


def _loaded(file: Path) -> Any:
    """The module of a user's file, under a name that nothing else has; read again when the file has changed."""
    content = file.read_bytes() if file.is_file() else b""
    name = f"esc_sim_user_{hashlib.blake2b(bytes(file) + content, digest_size=12).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise InputError(f"{file.name}: there is no such Python file in the scenario's folder")
    module = importlib.util.module_from_spec(spec)
    try:
        # Not by the loader: its bytecode cache takes a file of the same size and second for unchanged.
        exec(compile(content, str(file), "exec"), module.__dict__)
    except Exception as error:
        _refuse(error, file.name)
    sys.modules[name] = module
    return module


def loaded_name(file: Path, name: str) -> Any:
    """A class or function of a user's file.

    Raises:
        InputError: there is no such file or name, or the file fails; with its line.
    """
    found = getattr(_loaded(file), name, None)
    if not isinstance(found, (type, FunctionType)):
        raise InputError(f"{file.name}: there is no class or function '{name}' in it")
    return found


def plugins_of(
    scenario: Scenario, network: Network, allow_code: bool, given: Mapping[str, GivenPolicy]
) -> dict[int, Plugin]:
    """User-written policies by item.

    Args:
        scenario: a scenario whose folder is known where it names files.
        network: its network.
        allow_code: may files that the scenario names be run.
        given: policies from Python by node, or by node/product: objects or pure functions.

    Raises:
        InputError: code is named and not allowed, or lies outside the scenario's folder.
    """
    from esc_sim.instance.functions import FunctionPlugin
    from esc_sim.network.model import stock_lines

    found: dict[int, Plugin] = {}
    for item, (_, _, line) in enumerate(stock_lines(scenario)):
        order, name = line.order, network.item_name(item)
        if not isinstance(order, CodeOrder) or order.code == PLANNED:
            continue
        if name in given:
            policy = given[name]
            if isinstance(policy, FunctionType):
                found[item] = _checked(FunctionPlugin(policy.__name__, None, dict(order.parameters), policy))
            else:
                found[item] = Plugin(type(policy).__name__, given=policy)
            continue
        if not allow_code:
            raise InputError(
                f"order of '{name}': the scenario names Python code ({order.code}); allow it: --allow-code"
            )
        file, _, kind = order.code.partition(":")
        folder = scenario.folder
        if folder is None:
            raise InputError(
                f"order of '{name}': {order.code} cannot be found: the scenario was not read from a folder"
            )
        path = (folder / file).resolve()
        if not path.is_relative_to(folder):
            raise InputError(f"order of '{name}': '{file}' leads out of the scenario's folder")
        plugin = FunctionPlugin if isinstance(loaded_name(path, kind), FunctionType) else Plugin
        found[item] = _checked(plugin(kind, path, dict(order.parameters)))
    return found


def _checked(plugin: Plugin) -> Plugin:
    """A plugin that can be made."""
    plugin.make()
    return plugin


def with_policies(scenario: Scenario, given: Mapping[str, GivenPolicy]) -> Scenario:
    """The scenario with the orders of some nodes left to policies from Python.

    Raises:
        InputError: there is no such node or stock line.
    """
    names = set(named("policies", given))
    entries: dict[str, list[Any]] = {"nodes": list(scenario.nodes), "stocks": list(scenario.stocks)}
    own = {node.id: node.product or scenario.products[0].id for node in scenario.nodes}
    for (node, product), ((key, number), entry) in items_of(scenario).items():
        found = names & {f"{node}/{product}", *([node] if product == own[node] else [])}
        if found:
            entries[str(key)][int(number)] = entry.model_copy(update={"order": _left_to_code(entry.order)})
            names -= found
    if names:
        raise InputError(f"policies: there is no node or stock line '{sorted(names)[0]}'")
    return scenario.model_copy(update=entries)


def _left_to_code(order: Order | None) -> CodeOrder:
    """An order left to a policy from Python; what orders cost, their least size, lots and review stay."""
    kept = {} if order is None else {name: getattr(order, name) for name in ("fixed_cost", "minimum", "order_multiple")}
    parameters = order.parameters if isinstance(order, CodeOrder) else {}
    review = getattr(order, "review", "periodic")
    return CodeOrder(policy="code", code=GIVEN, parameters=parameters, review=review, **kept)
