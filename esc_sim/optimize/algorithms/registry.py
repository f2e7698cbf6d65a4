"""All algorithms of searches: those below, and those of installed packages (entry points, group esc_sim.optimize).

They are imported when they are asked for, so that their names cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from esc_sim.entries import named

if TYPE_CHECKING:
    from esc_sim.optimize.algorithms.algorithm import Algorithm
    from esc_sim.scenario.optimization import Optimization

GROUP: Final = "esc_sim.optimize"
"""An entry point of this group names a module with an ALGORITHM."""

_OWN: Final = {
    "warm-nsga2": "warm_nsga2",
    "nsga2": "nsga2",
    "surrogate-nsga2": "surrogate_nsga2",
    "warm": "warm",
    "ga": "ga",
    "cma-es": "cma_es",
    "mixed": "mixed",
}


def algorithm_names() -> tuple[str, ...]:
    """Names of all algorithms, the house's own first."""
    return (*_OWN, *named(GROUP, _OWN, "algorithm"))


def algorithm_of(name: str) -> Algorithm:
    """The algorithm of a name.

    Raises:
        KeyError: there is none.
        ImportError: the algorithm of an installed package calls itself otherwise.
    """
    if name in _OWN:
        found: Algorithm = import_module(f"esc_sim.optimize.algorithms.{_OWN[name]}").ALGORITHM
        return found
    point = named(GROUP, _OWN, "algorithm")[name]
    found = point.load().ALGORITHM
    if found.name != name:
        raise ImportError(f"algorithm '{name}' of {point.module} calls itself '{found.name}': give both the same name")
    return found


def usual_algorithm(section: Optimization) -> str:
    """The algorithm of a search that names none."""
    if any(variable.choices for variable in section.variables):
        return "mixed"
    return "warm" if len(section.objectives) == 1 else "warm-nsga2"
