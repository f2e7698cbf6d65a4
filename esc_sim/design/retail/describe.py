"""A retail design in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from esc_sim.design.result import Cell, OutTable, unproven
from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, Coverage
from esc_sim.design.retail.margins import radius
from esc_sim.design.retail.recheck import recheck
from esc_sim.design.retail.redispatch import Redispatch
from esc_sim.design.retail.solution import CLOSED, RetailPlan, cost_pieces, price_of_robustness
from esc_sim.lp import InfeasibleError
from esc_sim.views.report.design import COST_WORDS
from esc_sim.written import number

SHOWN = 3
"""Places named on the screen; all of them are in summary.json."""
_WORDS = {"supplier": "suppliers", "dc": "DCs"}
_PIECES = {"Cost": "sites, links and stock (Cost)", **COST_WORDS}


@dataclass(frozen=True)
class DemandCheck:
    """How a plan stands another demand level.

    Attributes:
        factor: of the nominal demand.
        broken: constraints that the flows as designed break, in words.
        cost: total cost with flows dispatched anew, None where no flows will do.
        binding: what would have to give way, in words, where no flows will do.
    """

    factor: float
    broken: tuple[str, ...]
    cost: float | None
    binding: tuple[str, ...]

    @property
    def summary(self) -> dict[str, Any]:
        """Plain values for summary.json."""
        return {
            "demand_factor": self.factor,
            "broken_as_designed": list(self.broken),
            "cost_dispatched_anew": self.cost,
            "infeasible_because": list(self.binding),
        }


def checks_at(plan: RetailPlan, factor: float) -> DemandCheck:
    """The plan at a multiple of the nominal demand: flows as designed, and dispatched anew."""
    demand = factor * plan.instance.demand
    broken = tuple(str(v) for v in recheck(plan, demand=demand, margin=0.0))
    try:
        return DemandCheck(factor, broken, Redispatch(plan)(demand).cost, ())
    except InfeasibleError as error:
        return DemandCheck(factor, broken, None, tuple(line.strip() for p in error.problems for line in p.splitlines()))


def described(plan: RetailPlan, plain: RetailPlan) -> dict[str, Any]:
    """Content of summary.json: costs, levels, stock, and how the search ended.

    Args:
        plan: the design.
        plain: the stochastic design of the same coverage.
    """
    i, pieces = plan.instance, cost_pieces(plan)
    robust = plan.model != "stochastic"
    return {
        "kind": "retail",
        "model": plan.model,
        "eps": plan.eps if robust else None,
        "reading": plan.reading if robust else None,
        "radius": radius(plan.model, plan.eps, len(i.areas)) if robust and plan.reading == "joint" else None,
        "coverage": [plan.coverage.dc, plan.coverage.store, plan.coverage.area],
        "probabilities": dict(zip(i.scenarios, i.probability.tolist(), strict=True)),
        "cost": plan.cost,
        "bound": plan.bound,
        "gap": plan.gap,
        "status": plan.status,
        "seconds": plan.seconds,
        "stochastic_cost": plain.cost,
        "price_of_robustness_percent": price_of_robustness(plan.cost, plain.cost),
        "cost_pieces_expected": pieces.expected,
        "cost_pieces_by_scenario": {
            name: dict(zip(i.scenarios, values.tolist(), strict=True)) for name, values in pieces.by_scenario.items()
        },
        "levels": {role: plan.level_counts(role) for role in FACILITY_ROLES},
        "stock": dict(zip(i.dcs.ids, plan.stock.tolist(), strict=True)),
        "open_links": {kind: int(plan.opened[kind].sum()) for kind, _, _ in KINDS},
        "rechecked": "every printed constraint holds",
    }


def tables(plan: RetailPlan) -> dict[str, OutTable]:
    """Facilities, links, areas and costs of a design."""
    return {"facilities": _facilities(plan), "links": _links(plan), "areas": _areas(plan), "costs": _costs(plan)}


def _facilities(plan: RetailPlan) -> OutTable:
    i = plan.instance
    rows: list[list[Cell]] = []
    for role in FACILITY_ROLES:
        f = i.facilities(role)
        fixed, capacity, out = plan.chosen(role, f.fixed_cost), plan.chosen(role, f.capacity), plan.outflow(role)
        for n, name in enumerate(f.ids):
            level = int(plan.level[role][n])
            stock: Cell = float(plan.stock[n]) if role == "dc" else ""
            row: list[Cell] = [name, role, "closed" if level == CLOSED else i.levels[level], float(fixed[n]), stock]
            rows.append([*row, *capacity[n].tolist(), *out[n].tolist()])
    by_case = [f"{what}_{s}" for what in ("capacity", "outflow") for s in i.scenarios]
    return OutTable(["node", "role", "level", "fixed_cost", "stock", *by_case], rows)


def _links(plan: RetailPlan) -> OutTable:
    """Open links with what flows over them, and the share of that in all that reaches the head."""
    i = plan.instance
    rows: list[list[Cell]] = []
    for kind, tail, head in KINDS:
        links, shares = i.links[kind], plan.routing_shares(kind)
        for k in np.flatnonzero(plan.opened[kind]):
            ends: list[Cell] = [i.role(tail).ids[int(links.tail[k])], i.role(head).ids[int(links.head[k])]]
            costs = [float(links.link_cost[k]), float(links.unit_cost[k])]
            rows.append([kind, *ends, *costs, *plan.flow[kind][k].tolist(), *shares[k].tolist()])
    by_case = [f"{what}_{s}" for what in ("flow", "share") for s in i.scenarios]
    return OutTable(["kind", "from", "to", "link_cost", "unit_cost", *by_case], rows)


def _areas(plan: RetailPlan) -> OutTable:
    i = plan.instance
    served = plan.inflow("area")
    rows: list[list[Cell]] = [
        [area, name, *(float(v[f, s]) for v in (i.demand, i.deviation, plan.margin, served, plan.shortage))]
        for f, area in enumerate(i.areas.ids)
        for s, name in enumerate(i.scenarios)
    ]
    return OutTable(["area", "scenario", "demand", "deviation", "margin", "delivered", "planned_shortage"], rows)


def _costs(plan: RetailPlan) -> OutTable:
    """Pieces of the cost: Cost (eq. 37), and OC, OD, OT, OP, OPP by scenario and expected."""
    i, pieces = plan.instance, cost_pieces(plan)
    rows: list[list[Cell]] = [["Cost", *([""] * len(i.scenarios)), pieces.fixed]]
    expected = pieces.expected
    rows += [[name, *values.tolist(), expected[name]] for name, values in pieces.by_scenario.items()]
    rows.append(["total", *([""] * len(i.scenarios)), pieces.total])
    return OutTable(["piece", *(f"scenario_{s}" for s in i.scenarios), "expected"], rows)


def eps_table(curve: Mapping[float, RetailPlan], plain: RetailPlan) -> OutTable:
    """Cost against eps."""
    rows: list[list[Cell]] = [
        [eps, p.cost, price_of_robustness(p.cost, plain.cost), p.gap, *p.stock.tolist()] for eps, p in curve.items()
    ]
    return OutTable(["eps", "cost", "pdr_percent", "gap", *(f"stock_{w}" for w in plain.instance.dcs.ids)], rows)


def coverage_table(strategies: Mapping[Coverage, RetailPlan]) -> OutTable:
    """Cost of coverage strategies, and what they cost above the first."""
    base = next(iter(strategies.values())).cost
    rows: list[list[Cell]] = [[c.dc, c.store, c.area, p.cost, p.cost - base, p.gap] for c, p in strategies.items()]
    return OutTable(["dc", "store", "area", "cost", "increment", "gap"], rows)


def main_lines(plan: RetailPlan, plain: RetailPlan, checks: Sequence[DemandCheck]) -> list[str]:
    """What the command prints.

    Args:
        plan: the design.
        plain: the stochastic design on the same data, for the price of robustness.
        checks: what the design does at other demands.
    """
    i, pieces = plan.instance, cost_pieces(plan)
    robust = plan.model != "stochastic"
    asked = f"{plan.model}, eps {plan.eps:g}, {plan.reading} reading" if robust else plan.model
    lines = [
        f"Retail design of {i.name}: {asked}, coverage {plan.coverage}",
        f"  cost                 {number(plan.cost)} {i.money} (proven gap {plan.gap:.1e}, {plan.seconds:.2f} s)",
        *unproven(plan.status),
    ]
    if robust:
        pdr = price_of_robustness(plan.cost, plain.cost)
        lines.append(f"  price of robustness  {pdr:.3f} % above the stochastic design ({number(plain.cost)} {i.money})")
    expected = ", ".join(f"{_PIECES[name]} {number(value)}" for name, value in pieces.expected.items())
    lines.append(f"  cost pieces          {expected} (expected)")
    for role, word in _WORDS.items():
        opened = [
            f"{name} (level {i.levels[int(level)]})"
            for name, level in zip(i.role(role).ids, plan.level[role], strict=True)
            if level != CLOSED
        ]
        lines.append(f"  {word:<20} {', '.join(opened)}")
    counts = ", ".join(f"{count} at level {level}" for level, count in plan.level_counts("store").items() if count)
    lines.append(f"  {'stores':<20} {counts}")
    stock = ", ".join(f"{name} {number(units)} {i.goods}" for name, units in zip(i.dcs.ids, plan.stock, strict=True))
    lines.append(f"  {'stock':<20} {stock}")
    links = ", ".join(f"{int(plan.opened[kind].sum())} {kind.replace('_', ' to ')}" for kind, _, _ in KINDS)
    lines.append(f"  {'open links':<20} {links}")
    lines.append("  re-check             every printed constraint holds")
    for check in checks:
        lines += _check_lines(check, i.money)
    return lines + ([f"  note: {i.notice}"] if i.notice else [])


def _check_lines(check: DemandCheck, money: str) -> list[str]:
    head = f"  {f'demand x {check.factor:g}':<20} "
    lines = [head + (f"flows as designed break {len(check.broken)} rows" if check.broken else "flows as designed do")]
    lines += [f"    {text}" for text in check.broken[:SHOWN]]
    lines += [f"    ... and {len(check.broken) - SHOWN} more"] if len(check.broken) > SHOWN else []
    if check.cost is not None:
        return [*lines, f"    dispatched anew: {number(check.cost)} {money}"]
    return [*lines, "    infeasible, whatever the flows:", *(f"      {text}" for text in check.binding[: 2 * SHOWN])]
