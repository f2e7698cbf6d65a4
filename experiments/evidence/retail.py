"""The retail paper on networks drawn afresh; none is selected.

Printed numbers of scenarios/retail_wuhan are kept: costs and capacities of levels, sales, prices and shares. So are its
fitted rates of transport and links, the fitted share of sales that is demand, and its synthetic capacities of
suppliers, without which no cost can be said. Drawn is what that case had selected: where suppliers, DCs and stores
lie, which district a store belongs to, and the areas' shares of demand.

Networks are a quarter of the city, in a tenth of the time: 32 stores as printed, a quarter of sales, demand and
storage, and of the capacities and costs of suppliers and DCs.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from experiments.retail.designs import COVERAGES, PROBABILITIES, instance

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
    found: Found = {"instance": number_}
    plans = {model: _solved(network, model) for model in MODELS}
    for model, plan in plans.items():
        found |= _described(model, plan)
    paths = {model: plan.opened["store_area"] for model, plan in plans.items()}
    for model in MODELS[1:]:
        loose = _solved(network, model, 0.09)
        found[f"pdr {model}"] = _percent(plans[model], plans["stochastic"])
        found[f"pdr at 0.09 {model}"] = _percent(loose, plans["stochastic"])
        found[f"stock at 0.09 {model}"] = float(loose.stock.sum())
        found[f"other paths {model}"] = float((paths[model] != paths["stochastic"]).sum())
    for model, plan in plans.items():
        for coverage in COVERAGES[1:]:
            other = "" if quick else _percent(_solved(network, model, coverage=coverage), plan)
            found[f"coverage {coverage} {model}"] = other
    return found | _second(network.with_probability(PROBABILITIES["I2"]), plans)


def _solved(
    network: RetailInstance, model: RetailModel, eps: float = 0.05, coverage: Coverage = COVERAGES[0]
) -> RetailPlan:
    return design_retail(network, RetailOptions(model, eps, "joint", coverage, GAP))


def _percent(dear: RetailPlan, cheap: RetailPlan) -> float:
    """How much more a plan costs than another."""
    return 100.0 * (dear.cost / cheap.cost - 1.0)


def _described(model: str, plan: RetailPlan) -> Found:
    """Levels, pieces of cost, stock, flows of goods and shortage of a design."""
    stores, pieces = plan.level_counts("store"), cost_pieces(plan).unweighted
    found: Found = {f"stores at {level} {model}": 100.0 * count / STORES for level, count in stores.items()}
    found |= {f"{name} {model}": pieces[name] / 1e6 for name in ("Cost", "OC", "OD", "OT", "OP", "OPP")}
    found[f"cost {model}"] = plan.cost / 1e6
    found[f"DCs at 2 {model}"] = float(plan.level_counts("dc")["2"])
    found[f"stock {model}"], found[f"stock of DC 3 {model}"] = float(plan.stock.sum()), float(plan.stock[2])
    found[f"short {model}"] = 100.0 * float(static_stress(plan, "normal", draws=DRAWS, seed=1).any_violation.max())
    direct, through = plan.flow["supplier_store"].sum(), plan.flow["dc_store"].sum()
    found[f"direct {model}"] = 100.0 * float(direct / (direct + through))
    return found | _near(model, plan)


def _near(model: str, plan: RetailPlan) -> Found:
    """Share of the stores that send most to the nearest area, and of those that serve several, in scenario 1."""
    links, sent = plan.instance.links["store_area"], plan.flow["store_area"][:, 0]
    shape = len(plan.instance.stores), len(plan.instance.areas)
    flow, cost = np.zeros(shape), np.full(shape, np.inf)
    flow[links.tail, links.head], cost[links.tail, links.head] = sent, links.unit_cost
    serving = flow.sum(axis=1) > 0.0
    near = flow[serving].argmax(axis=1) == cost[serving].argmin(axis=1)
    several = (flow[serving] > 0.0).sum(axis=1) > 1
    return {f"near {model}": 100.0 * float(near.mean()), f"several {model}": 100.0 * float(several.mean())}


def _second(network: RetailInstance, first: Mapping[RetailModel, RetailPlan]) -> Found:
    """The designs under the probabilities of the paper's second instance, I2, beside those under I1."""
    plans = {model: _solved(network, model) for model in MODELS}
    found: Found = {f"pdr I2 {model}": _percent(plans[model], plans["stochastic"]) for model in MODELS[1:]}
    for model, plan in plans.items():
        found[f"I2 dearer {model}"] = _percent(plan, first[model])
        found[f"stores at 4 I2 {model}"] = 100.0 * plan.level_counts("store")["4"] / STORES
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
    ]  # fmt: skip
    found += [
        Claim("budget costs what box-ball does, to twice the gap of 0.01 %", "0.0008 % more",
              lambda f: abs(number(f, "pdr budget") - number(f, "pdr box-ball")) <= 200.0 * GAP,
              (), "pdr budget"),
        Claim("I2 dearer than I1, stochastic", "6.5 %", lambda f: number(f, "I2 dearer stochastic") > 0.0,
              (), "I2 dearer stochastic"),
        Claim("I2: more stores at level 4 than in I1, stochastic", "7.0 % against 2.3 %",
              below("stores at 4 stochastic", "stores at 4 I2 stochastic"), (), "stores at 4 I2 stochastic"),
    ]  # fmt: skip
    for model, pdr, second in (("box-ball", "0.749 %", "0.980 %"), ("budget", "0.750 %", "0.976 %")):
        found += _robust(model, pdr, second)
    for model, printed in (("stochastic", ("0.44 %", "1.08 %")), ("box-ball", ("0.37 %", "1.01 %")),
                           ("budget", ("0.38 %", "1.00 %"))):  # fmt: skip
        found += _coverage(model, *printed)
    return found


def _coverage(model: str, second: str, third: str) -> list[Claim]:
    """What more links into every node cost, beside (2, 2, 2)."""
    names = [f"coverage {coverage} {model}" for coverage in COVERAGES[1:]]
    return [
        Claim(f"{model}: coverage (3, 3, 3) costs more than (2, 2, 2)", second,
              lambda f: number(f, names[0]) > 0.0, (), names[0]),
        Claim(f"{model}: coverage (4, 3, 4) costs more than (3, 3, 3)", third,
              lambda f: number(f, names[1]) > number(f, names[0]), (), names[1]),
        Claim(f"{model}: coverage (4, 3, 5) costs what (4, 3, 4) does, to twice the gap of 0.01 %",
              "yes" if model == "stochastic" else "within 0.005 %",
              lambda f: abs(number(f, names[2]) - number(f, names[1])) <= 200.0 * GAP, (), names[2]),
    ]  # fmt: skip


def _robust(model: str, pdr: str, second: str) -> list[Claim]:
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
        Claim(f"{model}: destruction dearer than in the stochastic design", "yes",
              below("OC stochastic", f"OC {model}"), (), f"OC {model}"),
        Claim(f"{model}: handling and stock cheaper than in the stochastic design", "yes",
              below(f"OD {model}", "OD stochastic"), (), f"OD {model}"),
        Claim(f"{model}: purchases dearer than in the stochastic design", "yes",
              below("OPP stochastic", f"OPP {model}"), (), f"OPP {model}"),
        Claim(f"{model}: some store-area links other than in the stochastic design", "yes",
              lambda f: number(f, f"other paths {model}") > 0.0, (), f"other paths {model}"),
        Claim(f"{model}: most stores send most to the nearest area", "yes",
              lambda f: number(f, f"near {model}") > 50.0, (), f"near {model}"),
        Claim(f"{model}: some store serves several areas", "yes",
              lambda f: number(f, f"several {model}") > 0.0, (), f"several {model}"),
        Claim(f"{model}: stores buy from suppliers directly", "yes",
              lambda f: number(f, f"direct {model}") > 0.0, (), f"direct {model}"),
        Claim(f"{model}: stock moves with eps (0.05, 0.09)", "yes",
              lambda f: f[f"stock {model}"] != f[f"stock at 0.09 {model}"], (), f"stock at 0.09 {model}"),
        Claim(f"{model}: price of robustness larger in I2 than in I1", second,
              below(f"pdr {model}", f"pdr I2 {model}"), (), f"pdr I2 {model}"),
        Claim(f"{model}: DC 3 holds no stock", "yes", lambda f: number(f, f"stock of DC 3 {model}") == 0.0,
              (), f"stock of DC 3 {model}"),
        Claim(f"{model}: no area short in more draws than eps, 5 % (flows as designed)", "promised",
              lambda f: number(f, f"short {model}") <= 5.0, (), f"short {model}"),
    ]  # fmt: skip
