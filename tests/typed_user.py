"""A user's script, as a type checker sees it: the public names with their types (mypy --strict, see pyproject.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import esc_sim as esc
from esc_sim.negotiations.protocol import Call, Offer
from esc_sim.risk.measures import conditional_value_at_risk


class Cautious(esc.SupplyAgent):
    """Orders a fifth more while anything in the network is disrupted."""

    def wants(self, item: esc.Item, planned: float) -> float:
        return 1.2 * planned if self.model.hazards.active else planned


class Quickest(esc.NegotiationProtocol):
    """Buyers ask the supplier first from which goods come soonest."""

    def ask(self, call: Call) -> Offer:
        return min(call.offers, key=lambda offer: offer.lead_time)


def worst_day(periods: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Demand that is lost on the worst day."""
    worst: NDArray[np.float64] = periods["lost_demand"].max(axis=1)
    return worst


def bakery() -> esc.Scenario:
    """A network put together in Python: every kind of part, law and order policy."""
    products = [esc.Product(id="bread"), esc.Product(id="flour")]
    baker = esc.Node(
        id="baker",
        role="baker",
        initial_stock=50,
        demand=esc.Demand(law=esc.Poisson(mean=40), price=9.0),
        product="bread",
    )
    mills = [
        esc.Node(
            id="mill", product="flour", initial_stock=90, target_stock=90, production=esc.Production(mean=60, sd=4)
        ),
        esc.Node(id="far", product="flour", production=esc.Production(law=esc.Uniform(low=0, high=20))),
        esc.Node(id="shop", product="bread", initial_stock=30, order=esc.BaseStockOrder(order_up_to=30)),
    ]
    flour = esc.StockLine(
        node="baker", product="flour", initial_stock=80, order=esc.PeriodicOrder(every=2, order_up_to=90)
    )
    arcs = [
        esc.Arc(
            buyer="baker",
            supplier="mill",
            product="flour",
            price=2,
            lead_time=esc.Discrete(values=[1, 3], probabilities=[0.9, 0.1]),
        ),
        esc.Arc(
            buyer="baker",
            supplier="far",
            product="flour",
            price=3,
            lead_time=esc.Gamma(mean=3, sd=1),
            max_lead_time=9,
            mode="sea",
            lane="port",
        ),
        esc.Arc(buyer="shop", supplier="baker", product="bread", price=8, market="town"),
    ]
    flood = esc.Disruption(
        name="flood",
        nodes=["mill"],
        health=0.2,
        stops=["ship", "produce"],
        recovery=esc.Recovery(duration=5),
        time_between_failures=esc.Exponential(mean=60),
        time_to_repair=esc.TruncatedNormal(mean=7, sd=2, low=1, high=20),
    )
    strike = esc.Disruption(name="strike", nodes=["baker"], dates=[esc.Dates(start=10, duration=2)])
    empty = esc.Scenario(
        name="bakery",
        products=products,
        units=esc.Units(money="EUR"),
        run=esc.Run(periods=30, replications=2),
        rules=esc.Rules(unmet="backorder"),
        risk=esc.Risk(level=0.9),
        markets=[esc.Market(id="town")],
        lanes=[esc.Lane(id="port", capacity=40)],
        distances=esc.Distances(speed=600, cost=0.01, modes={"sea": esc.Travel(speed=500)}),
    )
    recipe = esc.Recipe(node="baker", id="bake", inputs={"flour": 0.6}, outputs={"bread": 1.0})
    return empty.add(baker, *mills, flour, *arcs, flood, strike, recipe)


PLAN = esc.RollingPlan(name="all", horizon=12, paths=20)
LAWS = [esc.Constant(value=2), esc.Normal(mean=2, sd=1), esc.Geometric(probability=0.5)]
OF_HISTORIES = [
    esc.Empirical(series="shop", block=4),
    esc.Intermittent(probability=0.2, size=esc.Lognormal(mean=3, sd=1)),
]
OF_THREE_POINTS = [esc.Triangular(low=1, most_likely=2, high=5), esc.Pert(low=1, most_likely=2, high=5)]
FITTED: dict[str, object] = esc.fit({"shop": [3.0, 4.0, 5.0]})["shop"].demand
SCATTERED = esc.NegativeBinomial(mean=3, sd=2)
ORDERS = [
    esc.MeanOrder(mean=9),
    esc.ForecastOrder(cover=3),
    esc.ReorderUpToOrder(reorder_point=3, order_up_to=9),
    esc.ReorderQuantityOrder(reorder_point=3, order_quantity=6),
]


def from_elsewhere(graph: nx.DiGraph[str], nodes: pd.DataFrame, arcs: pd.DataFrame) -> list[str]:
    """Networks of other programs, as scenarios in YAML."""
    return [esc.Scenario.from_networkx(graph).to_yaml(), esc.Scenario.from_tables(nodes=nodes, arcs=arcs).to_yaml()]


def on_a_map(scenario: esc.Scenario) -> int:
    """Number of nodes and arcs that a map could show."""
    return len(esc.network_geojson(scenario)["features"])


def read(path: Path) -> esc.Scenario | None:
    """A scenario, or None with what is wrong with it on the screen."""
    try:
        return esc.load_scenario(path, {"run.periods": 30})
    except esc.InputError as error:
        print(*error.problems, sep="\n")
        return None


def mean_costs(result: esc.Result) -> NDArray[np.float64]:
    """Mean cost of each period over the replications."""
    costs: NDArray[np.float64] = result.values[:, :, 0].mean(axis=0)
    return costs


def stock_by_hand(scenario: esc.Scenario, periods: int) -> float:
    """Mean stock in a loop over the periods, with agents of one's own."""
    model = esc.SupplyChainModel(scenario, seed=7, members={"shop": Cautious})
    held = 0.0
    for _ in range(periods):
        model.step()
        held += sum(agent.on_hand for agent in (model.agent_of(node.id) for node in scenario.nodes))
    return held / periods


def search(path: Path, out: Path) -> dict[str, float]:
    """One number of each study; how to run is said once."""
    how = esc.Options(seed=7, workers=2)
    swept = esc.sweep(path, {"run.warm_up": [0, 5]}, replications=2, out=out / "sweep", **how)
    seen = [{"measure": "fill_rate", "value": 0.9, "standard_error": 0.02}]
    calibrated = esc.calibrate(path, {"nodes.*.initial_stock": "*0.5:*2"}, pd.DataFrame(seen), replications=2, **how)
    design = esc.design(path, kind="sourcing")
    front = esc.optimize(path, plan=design.plan, preset="quick", generations=2, population=4, **how)
    restored = esc.recover(path, 20.0, remove=3, **how)
    tested = esc.stress(path, duration=7.0, what=("nodes",), starts=2, replications=2, **how)
    compared = esc.compare(path, {"as it is": {}, "shorter": {"run.periods": 20}}, replications=2, **how)
    return {
        "points": float(len(swept.table)),
        "estimate": float(calibrated.estimates["value"][0]),
        "plans": float(len(front.designs)),
        "tables": float(len(design.tables)),
        "RN": restored.chosen.rn,
        "outages": float(len(tested.table)),
        "rows": float(len(compared.rows)),
        "levels": float(len(esc.textbook_levels(path, {"run.periods": 20}).levels)),
        "points stored": float(len(esc.load_result(out / "sweep").frame)),
    }


def broken(folder: Path) -> int:
    """Points of an earlier sweep that fail."""
    return int(esc.discover(folder, "fill_rate < 0.9").discovery.hits.sum())


def kept(folder: Path) -> int:
    """Rows of what an earlier run or study has left in a folder."""
    return len(esc.load_result(folder).frame)


def learn(path: Path) -> float:
    """Rewards of an episode in which a controller orders the same in every period."""
    env = esc.envs.SupplyEnv(path, controls=["warehouse"], reward="profit")
    total, truncated = 0.0, False
    observation, _ = env.reset(seed=7)
    while not truncated:
        observation, reward, _, truncated, _ = env.step(0.0 * observation[:1] + 70.0)
        total += reward
    return total


def risk(path: Path) -> tuple[float, str]:
    """CVaR of the cost per period, and the title."""
    measures = {"worst_day": esc.OwnMeasure(of=worst_day, better="smaller")}
    result = esc.simulate(
        path, replications=4, seed=1, members={"shop": Cautious}, negotiation=Quickest(), measures=measures
    )
    cost = conditional_value_at_risk(mean_costs(result), 0.9)
    return cost, result.title
