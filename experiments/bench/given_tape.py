"""The simulation alone, without the drawing of its random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from esc_sim.engine.compiled import runner
from esc_sim.instance.model import Instance


class GivenTape:
    """Runs work of the compiled engine on chance drawn before: the first time draws, later times read."""

    def __init__(self) -> None:
        self._drawn: dict[Any, Any] = {}

    def run(self, work: Callable[[], object]) -> object:
        """Call ``work``; what it draws is kept, and handed to it again when it asks for the same."""
        drawing = runner.fate_of, runner.chance_of
        runner.fate_of, runner.chance_of = (self._remembering(function) for function in drawing)
        try:
            return work()
        finally:
            runner.fate_of, runner.chance_of = drawing

    def _remembering(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def remembered(instance: Instance, *rest: Any) -> Any:
            key = function.__name__, *(part if isinstance(part, (int, range)) else id(part) for part in rest)
            if key not in self._drawn:
                # The arguments are kept too, so that no other object can come to have the same id.
                self._drawn[key] = function(instance, *rest), rest
            return self._drawn[key][0]

        return remembered
