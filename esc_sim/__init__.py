"""Agent-based discrete-event simulation of supply networks under disruption."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esc_sim.design.kinds import run_design as design
    from esc_sim.engine.agents.agents import SupplyAgent
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.loading import load_result
    from esc_sim.optimize.search import optimize
    from esc_sim.recovery.run import recover
    from esc_sim.results.result import Result
    from esc_sim.scenario.reader import load_scenario
    from esc_sim.simulation import simulate
    from esc_sim.stress.run import stress
    from esc_sim.sweep.sweep import sweep

__version__ = "0.1.0"

# Public name -> module that defines it; loaded when the name is first used, so that `import esc_sim` stays light.
_MODULES = {
    "SupplyAgent": "esc_sim.engine.agents.agents",
    "SupplyChainModel": "esc_sim.engine.agents.model",
    "Result": "esc_sim.results.result",
    "load_result": "esc_sim.loading",
    "load_scenario": "esc_sim.scenario.reader",
    "recover": "esc_sim.recovery.run",
    "simulate": "esc_sim.simulation",
}

# Public names that are packages and can be called like the function that they are about.
_PACKAGES = ("design", "optimize", "stress", "sweep")

__all__ = [
    "Result",
    "SupplyAgent",
    "SupplyChainModel",
    "__version__",
    "design",
    "load_result",
    "load_scenario",
    "optimize",
    "recover",
    "simulate",
    "stress",
    "sweep",
]


# Type checkers see the imports above instead: to them, a name that is not there is a mistake.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _PACKAGES:
            return importlib.import_module(f"{__name__}.{name}")
        if name not in _MODULES:
            raise AttributeError(f"module 'esc_sim' has no attribute '{name}'")
        value = getattr(importlib.import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# What draws, reports and reads back results stands above them; they ask for it by name, here at the door.
_ABOVE = {
    "run_figures": "esc_sim.views:run_figures",
    "run_figure_files": "esc_sim.views:figure_files",
    "save_figure": "esc_sim.views.style:save",
    "write_report": "esc_sim.views.report:write_report",
}


def from_above(name: str) -> Any:
    """What results are drawn and reported by, loaded when it is first used."""
    from importlib import import_module

    module, _, function = _ABOVE[name].partition(":")
    return getattr(import_module(module), function)
