"""What the tables and figures show, computed once and kept as small tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from esc_sim.design.sourcing import (
    DesignDemand,
    SourcingDesign,
    SourcingInstance,
    SourcingOptions,
    assess,
    design_demand,
    design_sourcing,
    nominal_demand,
    pareto_front,
    price_of_robustness,
    price_of_switches,
    violation_shares,
    with_rates,
)
from esc_sim.design.sourcing.demand import DemandKind
from esc_sim.lp import InfeasibleError
from experiments.sourcing.case import (
    LIMITS,
    TABLES,
    THETA,
    Floats,
    fresh_demand,
    with_moving_backup_prices,
    write_csv,
)

READINGS: tuple[DemandKind, ...] = ("ddro-marginal", "ddro-joint")
THETAS = (0.01, 0.02, 0.05, 0.08, 0.1, 0.14, 0.2)


@dataclass
class Case:
    """Instance, past demand, and where the tables go."""

    instance: SourcingInstance
    past: Floats
    tables: Path = TABLES

    def demand(self, kind: DemandKind, theta: float = THETA) -> DesignDemand:
        """Demand to cover; "deterministic" is the law's mean of 1,500 units per buyer."""
        if kind == "deterministic":
            return nominal_demand(np.full(len(self.instance.buyers), 1500.0))
        return design_demand(kind, self.past, theta)

    def write(self, name: str, header: list[str], rows: list[list[object]]) -> None:
        """Write one table."""
        write_csv(name, header, rows, self.tables)


def solved(
    instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions = LIMITS, gap: float = 1e-6
) -> SourcingDesign | None:
    """The design, or None where no plan keeps the limits."""
    try:
        return design_sourcing(instance, demand, options, gap=gap, explain=False)
    except InfeasibleError:
        return None


def main_designs(case: Case) -> dict[str, SourcingDesign]:
    """Sections 6.2 to 6.5: one design a variant; figures 3, 4, 6, 8 and 9."""
    i = case.instance
    variants: dict[str, tuple[DesignDemand, SourcingOptions]] = {
        "deterministic": (case.demand("deterministic"), LIMITS)
    }
    for kind in READINGS:
        variants[kind] = (case.demand(kind), LIMITS)
    variants["bro"] = (case.demand("bro"), LIMITS)
    for kind in READINGS:
        variants[f"{kind}, sole sourcing at epsilon 1"] = (case.demand(kind), SourcingOptions(sole_sourcing=True))
        variants[f"{kind}, budget 9 million"] = (case.demand(kind), replace(LIMITS, budget=9e6))
        variants[f"{kind}, CVaR objective"] = (case.demand(kind), SourcingOptions(objective="cvar"))
    designs: dict[str, SourcingDesign] = {}
    rows: list[list[object]] = []
    base = 0.0
    for name, (demand, options) in variants.items():
        design = solved(i, demand, options)
        if design is None:
            rows.append([name, "", "", "", "", "", "", "", "no plan keeps the limits"])
            continue
        designs[name] = design
        base = base or design.objective
        levels = design.plan.level(i)
        cost = assess(i, design.plan)
        rows.append(
            [name, f"{design.objective:.0f}", f"{price_of_robustness(design.objective, base):.4f}",
             " ".join(levels), " ".join(levels.values()), " ".join(design.plan.reserved(i)),
             f"{cost.least:.0f}", f"{cost.most:.0f}", f"proven gap {design.gap:.0e}"]
        )  # fmt: skip
    header = ["design", "objective", "rp", "primaries", "levels", "backups", "least_cost", "most_cost", "note"]
    case.write("designs.csv", header, rows)
    return designs


def out_of_sample(case: Case, designs: Mapping[str, SourcingDesign], experiments: int) -> dict[str, Floats]:
    """VP of 100 fresh demands in each of many experiments; figures 5 and 12."""
    fresh = np.stack([fresh_demand("violations", case.instance.buyers, r, 100) for r in range(experiments)])
    shares = {name: violation_shares(design.plan, fresh) for name, design in designs.items()}
    rows = [
        [name, f"{v.mean():.5f}", f"{v.std(ddof=1):.5f}", f"{v.min():.5f}", f"{v.max():.5f}", experiments]
        for name, v in shares.items()
    ]
    case.write("violations.csv", ["design", "mean_vp", "sd_vp", "least_vp", "most_vp", "experiments"], rows)
    return shares


def table3(case: Case) -> None:
    """Sole and diversified sourcing over theta."""
    rows: list[list[object]] = []
    for strategy, options in (("sole", SourcingOptions(sole_sourcing=True)), ("diversified", LIMITS)):
        for kind in READINGS:
            for theta in (0.02, 0.08, 0.14):
                design = solved(case.instance, case.demand(kind, theta), options)
                assert design is not None
                cost = assess(case.instance, design.plan)
                values = (design.objective, cost.least, cost.most)
                rows.append([strategy, kind, theta, *(f"{v:.0f}" for v in values)])
    case.write("table3.csv", ["strategy", "reading", "theta", "objective", "least_cost", "most_cost"], rows)


def table4(case: Case) -> None:
    """EPF against CVaR plans at five budget levels, on the synthetic variant with moving backup prices.

    The budgets are spread over the range of the EPF plan's scenario costs; the paper's levels mean nothing here. The
    objectives differ in kind, so plans are compared by expected cost.
    """
    i, demand = with_moving_backup_prices(case.instance), case.demand("ddro-marginal")
    reference = solved(i, demand, gap=1e-5)
    assert reference is not None
    range_ = assess(i, reference.plan)
    budgets = np.linspace(range_.least, range_.most, 6)[1:]
    plans = {"CVaR": solved(i, demand, SourcingOptions(objective="cvar"), gap=1e-5)}
    for budget in budgets[1:]:
        plans[f"EPF {budget:.0f}"] = solved(i, demand, replace(LIMITS, budget=float(budget)), gap=1e-5)
    base = 0.0  # of the CVaR plan, which comes first
    rows: list[list[object]] = []
    for name, design in plans.items():
        if design is not None:
            found = assess(i, design.plan, budgets)
            cost = design.plan.first_stage_cost(i) + found.expected
            base = base or cost
            dearer = f"{100.0 * (cost / base - 1.0):.2f}"
            epf = [f"{found.epf[float(b)]:.4f}" for b in budgets]
            rows.append([name, f"{design.objective:.0f}", f"{cost:.0f}", dearer, *epf])
    head = ["indicator", "objective", "expected_cost", "dearer_than_cvar_percent"]
    case.write("table4.csv", [*head, *(f"budget_{b:.0f}" for b in budgets)], rows)


def table5(case: Case) -> None:
    """Recovery rate v against warning h, g as it is; figure 10's choices."""
    rows: list[list[object]] = []
    for kind in READINGS:
        for h in (0.0, 0.1, 0.2):
            for v in (0.0, 0.2, 0.45):
                design = solved(with_rates(case.instance, v, h), case.demand(kind))
                signed = "" if design is None else " ".join(design.plan.level(case.instance))
                rows.append([kind, h, v, "" if design is None else f"{design.objective:.0f}", signed])
    case.write("table5.csv", ["reading", "warning_h", "recovery_v", "objective", "primaries"], rows)


def front(case: Case) -> None:
    """Cost against excess probability (figure 7): the shipped instance, and the variant with moving backup prices."""
    demand = case.demand("ddro-marginal")
    moving = with_moving_backup_prices(case.instance)
    rows: list[list[object]] = []
    for name, instance, budget in (
        ("shipped", case.instance, 49e6),
        ("moving backup prices", moving, 30e6),
    ):
        for point in pareto_front(instance, demand, SourcingOptions(budget=budget), gap=1e-5):
            signed = " ".join(point.design.plan.level(instance))
            rows.append([name, f"{budget:.0f}", f"{point.epf:.6f}", f"{point.design.objective:.0f}", signed])
    case.write("front.csv", ["instance", "budget", "epf", "objective", "primaries"], rows)


def over_theta(case: Case) -> None:
    """Cost and price of robustness over theta (figure 11), with VP on fresh demand."""
    base = solved(case.instance, case.demand("deterministic"))
    assert base is not None
    fresh = fresh_demand("violations over theta", case.instance.buyers, 0, 20_000)[None]
    rows: list[list[object]] = []
    for kind in (*READINGS, "bro"):
        for theta in THETAS:
            design = solved(case.instance, case.demand(kind, theta))
            if design is None:
                rows.append([kind, theta, "", "", ""])
                continue
            rp = price_of_robustness(design.objective, base.objective)
            vp = float(violation_shares(design.plan, fresh)[0])
            rows.append([kind, theta, f"{design.objective:.0f}", f"{rp:.4f}", f"{vp:.5f}"])
    case.write("theta.csv", ["set", "theta", "objective", "rp", "vp"], rows)


def over_samples(case: Case, draws: int = 10) -> None:
    """Cost over the number of samples J (figure 13): mean and range over fresh sample sets."""
    rows: list[list[object]] = []
    for kind in READINGS:
        for theta in (0.01, 0.07, 0.13):
            for count in (200, 600, 1000, 1400):
                costs = []
                for r in range(draws):
                    past = fresh_demand("samples", case.instance.buyers, r, count)
                    design = solved(case.instance, design_demand(kind, past, theta))
                    if design is not None:
                        costs.append(design.objective)
                c = np.array(costs)
                rows.append([kind, theta, count, f"{c.mean():.0f}", f"{c.min():.0f}", f"{c.max():.0f}", c.size])
    case.write("samples.csv", ["reading", "theta", "samples", "mean", "least", "most", "designs"], rows)


def switch_prices(case: Case) -> None:
    """What each option of the buyers is worth."""
    rows: list[list[object]] = []
    for kind in ("deterministic", *READINGS):
        for price in price_of_switches(case.instance, case.demand(kind), LIMITS):
            cost = "" if price.design is None else f"{price.design.objective:.0f}"
            rows.append([kind, price.switch, cost, "no plan" if price.design is None else f"{price.change:.0f}"])
    case.write("switches.csv", ["demand", "switch", "objective", "change"], rows)


STEPS: tuple[tuple[str, Callable[[Case], None]], ...] = (
    ("table 3: sole and diversified sourcing", table3),
    ("table 4: EPF and CVaR", table4),
    ("table 5: recovery and warning", table5),
    ("figure 7: cost against excess probability", front),
    ("figure 11: theta", over_theta),
    ("figure 13: number of samples", over_samples),
    ("price of each switch", switch_prices),
)
