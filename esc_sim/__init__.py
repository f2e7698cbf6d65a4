"""Agent-based discrete-event simulation of supply networks under disruption."""

from __future__ import annotations

# As `typing` has it, whose import alone takes long enough to be interrupted: nothing is imported at the door.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from esc_sim import envs
    from esc_sim.calibration.study import calibrate
    from esc_sim.comparing import compare
    from esc_sim.design.kinds import run_design as design
    from esc_sim.engine.agents.agents import SupplyAgent
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.errors import InputError
    from esc_sim.fields.item import Item
    from esc_sim.fitting.study import fit
    from esc_sim.geojson import network_geojson
    from esc_sim.loading import load_result
    from esc_sim.measures.own import OwnMeasure
    from esc_sim.negotiations.protocol import NegotiationProtocol
    from esc_sim.optimize.search import optimize
    from esc_sim.optimize.textbook import textbook_levels
    from esc_sim.options import Options
    from esc_sim.recovery.run import recover
    from esc_sim.results.result import Result
    from esc_sim.scenario.reader import load_scenario
    from esc_sim.scenario.vocabulary import (
        Arc,
        BaseStockOrder,
        Constant,
        Dates,
        Demand,
        Discrete,
        Disruption,
        Distances,
        Empirical,
        Exponential,
        ForecastOrder,
        Gamma,
        Geometric,
        Intermittent,
        Lane,
        Lognormal,
        Market,
        MeanOrder,
        NegativeBinomial,
        Node,
        Normal,
        PeriodicOrder,
        Pert,
        Poisson,
        Product,
        Production,
        Recipe,
        Recovery,
        ReorderQuantityOrder,
        ReorderUpToOrder,
        Risk,
        RollingPlan,
        Rules,
        Run,
        Scenario,
        StockLine,
        Travel,
        Triangular,
        TruncatedNormal,
        Uniform,
        Units,
    )
    from esc_sim.simulation import simulate
    from esc_sim.stress.run import stress
    from esc_sim.sweep.finished import discover
    from esc_sim.sweep.sweep import sweep

__version__ = "0.1.0"

# Public name -> module that defines it, where that is not the vocabulary of scenarios; loaded when the name is first
# used, so that `import esc_sim` stays light.
_MODULES = {
    "InputError": "esc_sim.errors",
    "Item": "esc_sim.fields.item",
    "NegotiationProtocol": "esc_sim.negotiations.protocol",
    "Options": "esc_sim.options",
    "OwnMeasure": "esc_sim.measures.own",
    "SupplyAgent": "esc_sim.engine.agents.agents",
    "SupplyChainModel": "esc_sim.engine.agents.model",
    "Result": "esc_sim.results.result",
    "calibrate": "esc_sim.calibration.study",
    "compare": "esc_sim.comparing",
    "discover": "esc_sim.sweep.finished",
    "fit": "esc_sim.fitting.study",
    "load_result": "esc_sim.loading",
    "load_scenario": "esc_sim.scenario.reader",
    "network_geojson": "esc_sim.geojson",
    "recover": "esc_sim.recovery.run",
    "simulate": "esc_sim.simulation",
    "textbook_levels": "esc_sim.optimize.textbook",
}

# Public names that are packages; all but `envs` can be called like the function that they are about.
_PACKAGES = ("design", "envs", "optimize", "stress", "sweep")

__all__ = [
    "Arc",
    "BaseStockOrder",
    "Constant",
    "Dates",
    "Demand",
    "Discrete",
    "Disruption",
    "Distances",
    "Empirical",
    "Exponential",
    "ForecastOrder",
    "Gamma",
    "Geometric",
    "InputError",
    "Intermittent",
    "Item",
    "Lane",
    "Lognormal",
    "Market",
    "MeanOrder",
    "NegativeBinomial",
    "NegotiationProtocol",
    "Node",
    "Normal",
    "Options",
    "OwnMeasure",
    "PeriodicOrder",
    "Pert",
    "Poisson",
    "Product",
    "Production",
    "Recipe",
    "Recovery",
    "ReorderQuantityOrder",
    "ReorderUpToOrder",
    "Result",
    "Risk",
    "RollingPlan",
    "Rules",
    "Run",
    "Scenario",
    "StockLine",
    "SupplyAgent",
    "SupplyChainModel",
    "Travel",
    "Triangular",
    "TruncatedNormal",
    "Uniform",
    "Units",
    "__version__",
    "calibrate",
    "compare",
    "design",
    "discover",
    "envs",
    "fit",
    "load_result",
    "load_scenario",
    "network_geojson",
    "optimize",
    "recover",
    "simulate",
    "stress",
    "sweep",
    "textbook_levels",
]


# Type checkers see the imports above instead: to them, a name that is not there is a mistake.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name in _PACKAGES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module 'esc_sim' has no attribute '{name}'")
        value = getattr(import_module(_MODULES.get(name, "esc_sim.scenario.vocabulary")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return list(__all__)


# What draws and reports results, and reads workbooks, stands above what asks for it by name, here at the door.
_ABOVE = {
    "mean_demands": "esc_sim.fitting.flows:mean_demands",
    "take_design": "esc_sim.design.networks:take_design",
    "scenario_from": "esc_sim.importing.run:scenario_from",
    "run_figures": "esc_sim.views:run_figures",
    "run_figure_files": "esc_sim.views:figure_files",
    "save_figure": "esc_sim.views.style:save",
    "write_report": "esc_sim.views.report:write_report",
}


def from_above(name: str) -> Any:
    """What a lower floor asks of a higher one, such as figures and reports, loaded when it is first used."""
    from importlib import import_module

    module, _, function = _ABOVE[name].partition(":")
    return getattr(import_module(module), function)
