"""The parts of a scenario under their public names, with the words for what cannot be one."""

from esc_sim.disruptions.kind import Recovery
from esc_sim.policies.base_stock import BaseStockOrder
from esc_sim.policies.forecast import ForecastOrder
from esc_sim.policies.mean import MeanOrder
from esc_sim.policies.periodic import PeriodicOrder
from esc_sim.policies.reorder_quantity import ReorderQuantityOrder
from esc_sim.policies.reorder_up_to import ReorderUpToOrder
from esc_sim.scenario import places as places
from esc_sim.scenario.demand import Demand, Production
from esc_sim.scenario.disruptions import Dates, Disruption
from esc_sim.scenario.distances import Distances, Travel
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.laws import (
    Constant,
    Discrete,
    Exponential,
    Gamma,
    Geometric,
    Intermittent,
    Lognormal,
    NegativeBinomial,
    Normal,
    Poisson,
    TruncatedNormal,
    Uniform,
)
from esc_sim.scenario.recipes import Recipe
from esc_sim.scenario.rolling import RollingPlan
from esc_sim.scenario.rules import Rules
from esc_sim.scenario.run import Risk, Run, Units
from esc_sim.scenario.schema import Arc, Lane, Market, Node, Product, Scenario, StockLine
from esc_sim.scenario.three_points import Pert, Triangular

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
    "Intermittent",
    "Lane",
    "Lognormal",
    "Market",
    "MeanOrder",
    "NegativeBinomial",
    "Node",
    "Normal",
    "PeriodicOrder",
    "Pert",
    "Poisson",
    "Product",
    "Production",
    "Recipe",
    "Recovery",
    "ReorderQuantityOrder",
    "ReorderUpToOrder",
    "Risk",
    "RollingPlan",
    "Rules",
    "Run",
    "Scenario",
    "StockLine",
    "Travel",
    "Triangular",
    "TruncatedNormal",
    "Uniform",
    "Units",
]
