"""A sourcing design in words and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.result import OutTable, unproven
from esc_sim.design.sourcing.assess import assess, price_of_robustness, violation_share
from esc_sim.design.sourcing.front import FrontPoint
from esc_sim.design.sourcing.guarantee import DemandGuarantee, demand_guarantee
from esc_sim.design.sourcing.handover import reading_note
from esc_sim.design.sourcing.solve import SourcingDesign
from esc_sim.design.sourcing.switches import SwitchPrice
from esc_sim.scenario.schema import Scenario
from esc_sim.written import number

FloatArray = NDArray[np.float64]


def described(design: SourcingDesign, past: FloatArray, deterministic: SourcingDesign | None) -> dict[str, Any]:
    """Content of summary.json: costs, what is signed, risk, and how the search ended.

    Args:
        design: the design.
        past: past demand, for the share that the plan does not meet.
        deterministic: design of known demand, for the price of robustness; None where there is none.
    """
    i, plan, options = design.instance, design.plan, design.options
    shown = demand_guarantee(design.demand, past)
    budgets = () if options.budget is None else (options.budget,)
    risk = assess(i, plan, budgets, options.confidence)
    return {
        "kind": "sourcing",
        "demand": design.demand.kind,
        "theta": design.demand.theta,
        "objective": options.objective,
        "cost": design.objective,
        "bound": design.bound,
        "gap": design.gap,
        "status": design.status,
        "form": design.form,
        "seconds": design.time,
        "cost_pieces": plan.cost_pieces(i),
        "first_stage_cost": plan.first_stage_cost(i),
        "second_stage": {
            "expected": risk.expected,
            "least": risk.least,
            "most": risk.most,
            "budget": options.budget,
            "epf": None if options.budget is None else risk.epf[options.budget],
            "epsilon": options.epsilon,
            "confidence": risk.confidence,
            "var": risk.var,
            "cvar": risk.cvar,
        },
        "primaries": plan.level(i),
        "backups": {name: float(q) for name, q in zip(i.backups, plan.reserve, strict=True) if q > 0.0},
        "spot_expected": float(i.probability @ plan.spot.sum(axis=1)),
        "price_of_robustness": (
            None if deterministic is None else price_of_robustness(design.objective, deterministic.objective)
        ),
        "deterministic_cost": None if deterministic is None else deterministic.objective,
        "violation_of_past_demand": violation_share(plan, past),
        "demand_to_come": {**asdict(shown), "rows_too_few": shown.too_few},
        **({"reading": reading_note(design)} if reading_note(design) else {}),
        "rechecked": "every constraint of the unreduced model holds",
    }


def tables(design: SourcingDesign, past: FloatArray) -> dict[str, OutTable]:
    """Suppliers, procurement of each buyer, demand, and the cost of every scenario."""
    i, plan, p = design.instance, design.plan, design.instance.probability
    levels = plan.level(i)
    suppliers: list[list[str | float]] = []
    for m, name in enumerate(i.primaries):
        level = levels.get(name, "")
        sure = float((i.sure_capacity()[m] * plan.effort[m]).sum())
        suppliers.append([name, "primary", level, float(plan.contract[m].sum()), sure])
    for b, name in enumerate(i.backups):
        suppliers.append([name, "backup", "", float(plan.reserve[b]), float(plan.reserve[b])])
    prices = np.broadcast_to(i.backup_price, plan.backup.shape)
    bought: list[list[str | float]] = []
    for a, buyer in enumerate(i.buyers):
        for m, name in enumerate(i.primaries):
            if plan.contract[m, a] > 0.0:
                bought.append(
                    [buyer, name, "primary", float(plan.contract[m, a]), float(i.primary_price[m, a])],
                )
        for b, name in enumerate(i.backups):
            amount, price = float(p @ plan.backup[:, b, a]), float(p @ prices[:, b, a])
            if amount > 0.0:
                bought.append([buyer, name, "backup", amount, price])
        if (amount := float(p @ plan.spot[:, a])) > 0.0:
            bought.append([buyer, "spot", "spot", amount, float(p @ i.spot_price)])
    worst = np.broadcast_to(design.demand.worst, (len(i.scenarios), len(i.buyers))).max(axis=0)
    demand: list[list[str | float]] = [
        [buyer, float(past[:, a].mean()), float(past[:, a].std(ddof=1)), float(past[:, a].max()), float(worst[a])]
        for a, buyer in enumerate(i.buyers)
    ]
    costs = plan.scenario_costs(i)
    scenarios: list[list[str | float]] = [
        [name, float(p[k]), " ".join(m for m, down in zip(i.primaries, i.disrupted[k], strict=True) if down),
         float(i.spot_price[k]), float(plan.backup[k].sum()), float(plan.spot[k].sum()), float(costs[k])]
        for k, name in enumerate(i.scenarios)
    ]  # fmt: skip
    return {
        "suppliers": OutTable(["supplier", "kind", "level", "units", "units_sure"], suppliers),
        "procurement": OutTable(["buyer", "source", "kind", "expected_units", "price"], bought),
        "demand": OutTable(["buyer", "past_mean", "past_sd", "past_most", "covered"], demand),
        "scenarios": OutTable(
            ["scenario", "probability", "failed", "spot_price", "backup_units", "spot_units", "second_stage_cost"],
            scenarios,
        ),
    }


def front_table(points: Sequence[FrontPoint]) -> OutTable:
    """Cost against excess probability."""
    rows: list[list[str | float]] = [
        [p.epf, p.design.objective, " ".join(p.design.plan.level(p.design.instance)), p.design.gap] for p in points
    ]
    return OutTable(["epf", "cost", "primaries", "gap"], rows)


def switch_table(prices: Sequence[SwitchPrice]) -> OutTable:
    """What each option of the buyers is worth; empty cells where no plan is left."""
    rows: list[list[str | float]] = [
        [p.switch, "" if p.design is None else p.design.objective, "" if math.isinf(p.change) else p.change]
        for p in prices
    ]
    return OutTable(["change", "cost", "difference"], rows)


def _demand_lines(design: SourcingDesign, summary: dict[str, Any]) -> list[str]:
    """How much of past demand is not met, and what that shows of demand to come."""
    shown = DemandGuarantee(**{k: v for k, v in summary["demand_to_come"].items() if k != "rows_too_few"})
    lines = [
        f"  past demands not met {100 * summary['violation_of_past_demand']:.3g} %; "
        f"some buyer short in {100 * shown.past_short_periods:.3g} % of {shown.rows:,} periods"
    ]
    if shown.most_short_demands is None or shown.most_short_periods is None:
        return lines
    sure = f"{100 * shown.confidence:g} % sure, if drawn like the past"
    lines.append(
        f"  demand to come       at most {100 * shown.most_short_demands:.2g} % not met, some buyer short in at most "
        f"{100 * shown.most_short_periods:.2g} % of periods ({sure})"
    )
    if shown.too_few:
        aim = shown.aimed_short_demands if shown.aimed_short_demands is not None else shown.aimed_short_periods
        of = "demands" if shown.aimed_short_demands is not None else "periods"
        lines.append(
            f"  rows are too few     to show the {100 * (aim or 0.0):.3g} % of {of} that the set aims at, at least "
            f"{shown.rows_needed:,} are needed"
        )
    if note := reading_note(design):
        lines.append(f"  reading              {note}")
    return lines


def main_lines(
    scenario: Scenario,
    design: SourcingDesign,
    summary: dict[str, Any],
    front: Sequence[FrontPoint],
    prices: Sequence[SwitchPrice],
) -> list[str]:
    """What the command prints.

    Args:
        scenario: the scenario, for titles and units.
        design: the design.
        summary: as :func:`described` gives it.
        front: points of cost against excess probability; empty where none was asked for.
        prices: what each option is worth; likewise.
    """
    money, goods = scenario.units.money, scenario.units.goods
    second, pieces = summary["second_stage"], summary["cost_pieces"]
    theta = "" if design.demand.theta is None else f", theta {design.demand.theta:g}"
    signed = ", ".join(f"{name} ({level})" for name, level in summary["primaries"].items()) or "none"
    reserved = ", ".join(f"{name} {number(units)} {goods}" for name, units in summary["backups"].items()) or "none"
    lines = [
        f"Sourcing design of {scenario.title or scenario.name}: demand {design.demand.kind}{theta}",
        f"  cost                 {number(design.objective)} {money} (proven gap {design.gap:.1e}, form {design.form}, "
        f"{design.time:.2f} s)",
        *unproven(design.status),
        f"  primary suppliers    {signed}",
        f"  reserved at backups  {reserved}",
        f"  contracts, efforts, goods, reserves   "
        f"{', '.join(number(pieces[name]) for name in ('fixed', 'effort', 'contract', 'reserve'))} {money}",
        f"  second-stage cost    expected {number(second['expected'])}, from {number(second['least'])} to "
        f"{number(second['most'])}, CVaR {100 * second['confidence']:g} % {number(second['cvar'])} {money}",
    ]
    if second["budget"] is not None:
        lines.append(
            f"  excess probability   {100 * second['epf']:.4g} % above a budget of {number(second['budget'])} {money} "
            f"(allowed: {100 * second['epsilon']:g} %)"
        )
    if summary["price_of_robustness"] is not None:
        lines.append(
            f"  price of robustness  {100 * summary['price_of_robustness']:.2f} % above the deterministic cost"
        )
    lines += _demand_lines(design, summary)
    if front:
        lines.append("Front (probability of exceeding the budget, cost):")
        lines += [f"  {100 * p.epf:8.4g} %  {number(p.design.objective)} {money}" for p in front]
    if prices:
        lines.append("What each option is worth (change of the cost without it):")
        lines += [
            f"  {p.switch:<42} " + ("no plan is left" if p.design is None else f"{number(p.change, sign=True)} {money}")
            for p in prices[1:]
        ]
    return [*lines, f"Data: {scenario.data.status}" + (f" ({scenario.data.note})" if scenario.data.note else "")]
