"""The retail paper on networks drawn afresh; none is selected.

Printed numbers of scenarios/retail_wuhan are kept: costs and capacities of levels, sales, prices and shares. So are its
fitted rates of transport and links, the fitted share of sales that is demand, and its synthetic capacities of
suppliers, without which no cost can be said. Drawn is what that case had selected: where suppliers, DCs and stores
lie, which district a store belongs to, and the areas' shares of demand.

Networks are a quarter of the city, in a tenth of the time: 32 stores as printed, a quarter of sales, demand and
storage, and of the capacities and costs of suppliers and DCs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.retail import RetailInstance, RetailOptions, RetailPlan, cost_pieces, design_retail
from esc_sim.design.retail.data import KINDS, Coverage, Facilities, Links, Places, complete_links
from esc_sim.design.retail.margins import MODELS, RetailModel
from esc_sim.design.retail.redispatch import static_stress
from esc_sim.sampling.inverse import standard_normal
from esc_sim.sampling.streams import stream_hashes, uniforms
from experiments.evidence.claims import Claim, below, falls, number
from experiments.retail.designs import COVERAGES, instance

Floats = NDArray[np.float64]
Found = dict[str, float | str]

SEED: Final = 20
STORES: Final = 32
GAP: Final = 1e-4
DRAWS: Final = 1000
SPREAD: Final = 1.5
"""Standard deviation of a store's place around the centre of its district [km], as in the shipped case."""
AWAY: Final = {"supplier": (34.0, 87.0), "dc": (35.0, 93.0)}
"""Least and largest distance from the centre of the city [km], as in the shipped case."""
ROAD, LINK, RATE = 1.3, 4.847471683848238, 2.698
"""Road km for a km of straight line; CNY per road km of a link, and per kg and road km (parameters.csv)."""


def drawn(number_: int) -> RetailInstance:
    """One network.

    Args:
        number_: of the instance; each has draws of its own.
    """
    shipped = instance("I1")
    part = STORES / len(shipped.stores)

    def draw(name: str, count: int) -> Floats:
        hashes = stream_hashes([f"experiments/evidence/retail/{name}"])
        return np.asarray(uniforms(SEED, hashes, number_, 0, count)[:, 0])

    def around(facilities: Facilities, role: str) -> Facilities:
        angle, (near, far) = 2.0 * np.pi * draw(f"{role}/angle", len(facilities)), AWAY[role]
        away = near + (far - near) * draw(f"{role}/distance", len(facilities))
        return replace(
            facilities,
            x=away * np.cos(angle),
            y=away * np.sin(angle),
            fixed_cost=part * facilities.fixed_cost,
            capacity=part * facilities.capacity,
            destruction_cost=part * facilities.destruction_cost,
        )

    stores, areas = shipped.stores, shipped.areas
    district = (len(areas) * draw("store/district", STORES)).astype(int)
    placed = Facilities(
        stores.ids[:STORES],
        areas.x[district] + SPREAD * standard_normal(draw("store/x", STORES)),
        areas.y[district] + SPREAD * standard_normal(draw("store/y", STORES)),
        stores.fixed_cost[:STORES],
        stores.capacity[:STORES],
        stores.destruction_cost[:STORES],
    )
    weight = 0.5 + draw("area/share", len(areas))
    demand = part * shipped.demand.sum(axis=0) * (weight / weight.sum())[:, None]
    suppliers, dcs = around(shipped.suppliers, "supplier"), around(shipped.dcs, "dc")
    roles: dict[str, Places] = {"supplier": suppliers, "dc": dcs, "store": placed, "area": areas}
    return replace(
        shipped,
        suppliers=suppliers,
        dcs=dcs,
        stores=placed,
        links={kind: _links(roles[tail], roles[head]) for kind, tail, head in KINDS},
        sales=part * shipped.sales,
        storage=part * shipped.storage,
        demand=demand,
        deviation=0.1 * demand,
    )


def _links(tail: Places, head: Places) -> Links:
    a, b, km = complete_links(tail, head)
    return Links(a, b, link_cost=LINK * ROAD * km, unit_cost=RATE * ROAD * km)


def measured(number_: int, *, quick: bool = False) -> Found:
    """Everything that the claims ask of one network; money in million CNY, shares and differences in percent.

    Args:
        number_: of the instance.
        quick: leave out the coverages, half of the designs.
    """
    network = drawn(number_)

    def solved(model: RetailModel, eps: float = 0.05, coverage: Coverage = COVERAGES[0]) -> RetailPlan:
        return design_retail(network, RetailOptions(model, eps, "joint", coverage, GAP))

    found: Found = {"instance": number_}
    plans = {model: solved(model) for model in MODELS}
    for model, plan in plans.items():
        stores, pieces = plan.level_counts("store"), cost_pieces(plan).unweighted
        found |= {f"stores at {level} {model}": 100.0 * count / STORES for level, count in stores.items()}
        found |= {f"{name} {model}": pieces[name] / 1e6 for name in ("Cost", "OT", "OP")}
        found[f"cost {model}"] = plan.cost / 1e6
        found[f"DCs at 2 {model}"] = float(plan.level_counts("dc")["2"])
        found[f"stock {model}"], found[f"stock of DC 3 {model}"] = float(plan.stock.sum()), float(plan.stock[2])
        found[f"short {model}"] = 100.0 * float(static_stress(plan, "normal", draws=DRAWS, seed=1).any_violation.max())
    base = plans["stochastic"].cost
    for model in MODELS[1:]:
        found[f"pdr {model}"] = 100.0 * (plans[model].cost / base - 1.0)
        found[f"pdr at 0.09 {model}"] = 100.0 * (solved(model, 0.09).cost / base - 1.0)
    for coverage in COVERAGES[1:]:
        found[f"coverage {coverage}"] = (
            "" if quick else 100.0 * (solved("stochastic", coverage=coverage).cost / base - 1.0)
        )
    return found


def claims() -> list[Claim]:
    """What the paper claims of its one network."""
    found = [
        Claim("stochastic: every store open, none at level 1", "yes",
              lambda f: number(f, "stores at 1 stochastic") == 0.0, ("stores at 1 stochastic",)),
        Claim("stochastic: fewer stores at level 4 than at 2 and at 3", "2.3 %",
              lambda f: number(f, "stores at 4 stochastic") < min(number(f, f"stores at {x} stochastic") for x in "23"),
              (), "stores at 4 stochastic"),
        Claim("stochastic: all DCs at level 2", "yes", lambda f: number(f, "DCs at 2 stochastic") == 3.0,
              (), "DCs at 2 stochastic"),
        Claim("stochastic: DCs hold stock", "yes", lambda f: number(f, "stock stochastic") > 0.0,
              (), "stock stochastic"),
        Claim("stochastic: DC 3 holds no stock", "yes", lambda f: number(f, "stock of DC 3 stochastic") == 0.0,
              (), "stock of DC 3 stochastic"),
        Claim("stochastic: no shortage in the design's scenarios", "yes", lambda f: number(f, "OP stochastic") == 0.0,
              (), "OP stochastic"),
        Claim("stochastic: some area short in over half of the draws (flows as designed)", "",
              lambda f: number(f, "short stochastic") > 50.0, (), "short stochastic"),
        Claim("coverage (3, 3, 3) costs more than (2, 2, 2)", "0.44 %", lambda f: number(f, "coverage (3, 3, 3)") > 0.0,
              (), "coverage (3, 3, 3)"),
        Claim("coverage (4, 3, 4) costs more than (3, 3, 3)", "1.08 %",
              lambda f: number(f, "coverage (4, 3, 4)") > number(f, "coverage (3, 3, 3)"), (), "coverage (4, 3, 4)"),
        Claim("coverage (4, 3, 5) costs what (4, 3, 4) does, to the gap of 0.01 %", "yes",
              lambda f: abs(number(f, "coverage (4, 3, 5)") - number(f, "coverage (4, 3, 4)"))
              <= 100.0 * GAP, (), "coverage (4, 3, 5)"),
    ]  # fmt: skip
    for model, pdr in (("box-ball", "0.749 %"), ("budget", "0.750 %")):
        found += _robust(model, pdr)
    return found


def _robust(model: str, pdr: str) -> list[Claim]:
    """What the paper claims of a robust model beside the stochastic one."""
    return [
        Claim(f"{model}: dearer than the stochastic design by less than 1 %", pdr,
              lambda f: 0.0 < number(f, f"pdr {model}") < 1.0, (), f"pdr {model}"),
        Claim(f"{model}: cost falls with eps (0.05, 0.09)", "yes",
              lambda f: falls(f, f"pdr {model}", f"pdr at 0.09 {model}"), (), f"pdr at 0.09 {model}"),
        Claim(f"{model}: fewer stores at level 4 than in the stochastic design", "1.6 % against 2.3 %",
              below(f"stores at 4 {model}", "stores at 4 stochastic"), (), f"stores at 4 {model}"),
        Claim(f"{model}: fixed cost below that of the stochastic design", "yes",
              below(f"Cost {model}", "Cost stochastic"), (), f"Cost {model}"),
        Claim(f"{model}: transport dearer than in the stochastic design", "yes",
              below("OT stochastic", f"OT {model}"), (), f"OT {model}"),
        Claim(f"{model}: DC 3 holds no stock", "yes", lambda f: number(f, f"stock of DC 3 {model}") == 0.0,
              (), f"stock of DC 3 {model}"),
        Claim(f"{model}: no area short in more draws than eps, 5 % (flows as designed)", "promised",
              lambda f: number(f, f"short {model}") <= 5.0, (), f"short {model}"),
    ]  # fmt: skip
