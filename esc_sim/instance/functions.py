"""Order policies that are pure functions: written in the subset that is compiled, and so run by both engines.

    def cautious(position, demand, cover=3.0):
        return cover * demand - position

An argument named after something that a policy sees (``SEEN``) receives it; every other one is a parameter, whose value
is its default or stands in the scenario's ``parameters``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from esc_sim.errors import InputError
from esc_sim.instance.plugins import OrderPolicy, Plugin, PolicyView, loaded_name
from esc_sim.instance.subset import PureFunction, pure_function

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance

SEEN: Final = ("period", "on_hand", "safety_stock", "on_order", "owed", "position", "demand")
"""What a function may look at; the meanings are those of :class:`PolicyView`."""


@dataclass(frozen=True)
class FunctionPlugin(Plugin):
    """A user's pure function for one item."""

    @property
    def function(self) -> Callable[..., Any]:
        """The function; loads the user's file where it has one."""
        found: Callable[..., Any] = self.given if self.file is None else loaded_name(self.file, self.name)
        return found

    @cached_property
    def pure(self) -> PureFunction:
        """The function, checked.

        Raises:
            InputError: it is outside the subset, or an argument has no value; with the user's file and line.
        """
        return pure_function(self.function)

    def with_parameters(self, parameters: Mapping[str, float]) -> Self:
        """The same function with other parameters; it is not checked again."""
        changed = super().with_parameters(parameters)
        changed.__dict__["pure"] = self.pure
        return changed

    @cached_property
    def values(self) -> dict[str, float]:
        """Parameters in the order of the arguments.

        Raises:
            InputError: the scenario names a parameter that there is not, or leaves one out that has no default.
        """
        place = f"{self._place()}: '{self.name}'"
        names = [name for name in self.pure.arguments if name not in SEEN]
        for name in self.parameters:
            if name not in names:
                seen = " (what a policy sees needs no value)" if name in SEEN else ""
                raise InputError(f"{place} has no parameter '{name}'{seen}; it has {', '.join(names) or 'none'}")
        given = {**self.pure.defaults, **self.parameters}
        for name in names:
            if name not in given:
                raise InputError(
                    f"{place} needs a value of '{name}': give it under parameters, or as a default; what a policy "
                    f"sees is {', '.join(SEEN)}"
                )
        return {name: float(given[name]) for name in names}

    @property
    def compiled(self) -> bool:
        """Whether both engines run it."""
        return True

    def make(self) -> _Calling:
        """The policy as the agents call it."""
        return _Calling(self.function, self.pure.arguments, self.values)

    def _place(self, policy: OrderPolicy | None = None) -> str:
        code = getattr(self.function, "__code__", None)
        return super()._place(policy) if code is None else f"{Path(code.co_filename).name}:{code.co_firstlineno}"

    def __getstate__(self) -> dict[str, Any]:
        """Plain values: worker processes read the function from its file."""
        state = super().__getstate__()
        return {key: value for key, value in state.items() if key not in ("pure", "values")}


class _Calling:
    """Calls a function with what the view shows."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[str, ...], values: dict[str, float]) -> None:
        self._function = function
        self._arguments = tuple((name, values.get(name)) for name in arguments)

    def order(self, view: PolicyView) -> Any:
        """Units to order now."""
        return self._function(*(getattr(view, n) if value is None else value for n, value in self._arguments))


def code_of(instance: Instance) -> dict[str, str]:
    """Hash of the source of every user's function, and its parameters, by item; of one that ranks suppliers, too."""
    ranking = instance.arcs.ranking
    found = {} if ranking is None else {"negotiation": ranking.pure.digest}
    return found | {
        instance.network.item_name(item): f"{plugin.pure.digest} {plugin.values}"
        for item, plugin in instance.plugins.items()
        if isinstance(plugin, FunctionPlugin)
    }
