"""Sourcing designs: the demand set, every paper-size design, a large design, Benders against the whole model.

The paper-size instance is scenarios/electrolyte (6 primaries, 16 buyers, 64 scenarios). The large one has 8 primaries,
64 buyers and 256 scenarios, drawn from the laws of Table C.2 with capacities, contract costs and the budget scaled to
the larger demand. "Demand by scenario" multiplies demand by a factor on [0.95, 1.05] for each scenario and one on
[0.98, 1.02] for each entry: then nothing collapses, no order among scenarios fixes a binary, and the EPF rows keep
one free binary a scenario. That is where a decomposition would have its chance.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from esc_sim.design.sourcing import (
    DesignDemand,
    SourcingDesign,
    SourcingInstance,
    SourcingOptions,
    design_by_benders,
    design_demand,
    design_sourcing,
    independent_failures,
    nominal_demand,
    read_tables,
)
from esc_sim.design.sourcing.benders import Partition
from esc_sim.design.sourcing.demand import DemandKind
from esc_sim.design.sourcing.solve import Form
from esc_sim.design.uncertainty import read_samples, svc_set
from esc_sim.errors import EscSimError
from experiments.bench.rows import Row, cpu_seconds, small_run

NAME = "sourcing"
FOLDER = Path(__file__).parents[2] / "scenarios" / "electrolyte"
LIMITS = SourcingOptions(budget=49e6, epsilon=0.3)


def measure() -> list[Row]:
    """All measurements; in the tiny size only that they work."""
    tiny = small_run()
    instance = read_tables(FOLDER, max_recovery_time=0.8).instance
    past = read_samples(FOLDER / "demand_history.csv", instance.buyers)[0]
    rows = _demand_set(past, rounds=1 if tiny else 9)
    rows += _paper_size(instance, past, tiny=tiny)
    rows += _large(primaries=3 if tiny else 8, buyers=6 if tiny else 64, limit=5.0 if tiny else 300.0)
    rows += _benders(instance, past, limit=0.5 if tiny else 120.0)
    return rows


def _demand_set(past: np.ndarray, rounds: int) -> list[Row]:
    """Learning the joint set, and its worst cases."""
    svc_set(past, 0.05)  # the first call loads scikit-learn
    learned = svc_set(past, 0.05)
    fit = statistics.median(cpu_seconds(lambda: svc_set(past, 0.05)) for _ in range(rounds))
    worst = statistics.median(cpu_seconds(learned.worst_case) for _ in range(rounds))
    note = f"J = {past.shape[0]}, {past.shape[1]} buyers, {learned.alpha.size} support vectors"
    return [
        Row("learning the SVC set", fit, "s", "<= 0.1", note),
        Row("worst-case demands of all buyers", worst, "s", "<= 0.05"),
    ]


def _paper_size(instance: SourcingInstance, past: np.ndarray, *, tiny: bool) -> list[Row]:
    """Every variant at a proven gap of 1e-4, in the form that is chosen and in the scenario form."""
    kinds: tuple[DemandKind, ...] = ("deterministic", "ddro-marginal", "ddro-joint", "bro")
    variants = [(kind, LIMITS, "EPF") for kind in kinds]
    variants += [("ddro-marginal", SourcingOptions(objective="cvar"), "CVaR objective")]
    variants += [("ddro-marginal", SourcingOptions(sole_sourcing=True), "sole sourcing")]
    variants += [("ddro-marginal", SourcingOptions(), "expected cost only")]
    rows = []
    forms: tuple[Form, ...] = ("small",) if tiny else ("small", "scenario")
    for form in forms:
        for kind, options, name in variants:
            demand = design_demand(kind, past)
            rows.append(_timed(f"{kind}, {name}, {form} form", instance, demand, options, form, "<= 5"))
    if not tiny:
        moving = _moving_prices(instance)
        demand = design_demand("ddro-marginal", past)
        rows.append(_timed("backup prices by scenario, EPF", moving, demand, LIMITS, "auto", "<= 5"))
        moved = _by_scenario(design_demand("ddro-marginal", past).worst, len(instance.scenarios))
        rows.append(_timed("demand by scenario, EPF", instance, moved, LIMITS, "auto", "<= 5"))
    return rows


def _timed(
    what: str, instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions, form: Form, target: str
) -> Row:
    start = time.perf_counter()
    try:
        design = design_sourcing(instance, demand, options, form=form, gap=1e-4, time_limit=300.0)
        note = f"gap {design.gap:.1e}, cost {design.objective / 1e6:.3f} million"
    except EscSimError as error:
        note = str(error).splitlines()[0]
    return Row(what, time.perf_counter() - start, "s", target, note)


def _large(primaries: int, buyers: int, limit: float) -> list[Row]:
    """The large design, demand alike in all scenarios, then by scenario: the gap when the time is up."""
    instance = large_instance(primaries, buyers)
    options = SourcingOptions(budget=49e6 * buyers / 16.0, epsilon=0.3)
    worst = np.full(buyers, 1695.0)
    size = f"{primaries} primaries x {buyers} buyers"
    moved = _by_scenario(worst, len(instance.scenarios))
    found = [
        (f"{size}, demand alike", lambda: design_sourcing(instance, nominal_demand(worst), options, gap=1e-2)),
        (f"{size}, demand by scenario", _within(instance, moved, options, limit)),
    ]
    return [_gap_row(what, solve, limit) for what, solve in found]


def _within(
    instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions, limit: float
) -> Callable[[], SourcingDesign]:
    return lambda: design_sourcing(instance, demand, options, gap=1e-2, time_limit=limit)


def _gap_row(what: str, solve: Callable[[], SourcingDesign], limit: float) -> Row:
    start = time.perf_counter()
    try:
        design = solve()
    except EscSimError as error:
        return Row(f"{what}: gap", float("inf"), "%", "<= 1", str(error))
    spent = time.perf_counter() - start
    note = (
        f"{spent:.1f} s of at most {limit:g}; cost {design.objective / 1e6:.2f}, bound {design.bound / 1e6:.2f} million"
    )
    return Row(f"{what}: gap", 100.0 * design.gap, "%", "<= 1", note)


def _benders(instance: SourcingInstance, past: np.ndarray, limit: float) -> list[Row]:
    """Both partitions against the whole scenario form, gap 1e-4."""
    alike = design_demand("ddro-marginal", past)
    by_scenario = _by_scenario(alike.worst, len(instance.scenarios))
    joint, moving = design_demand("ddro-joint", past), _moving_prices(instance)
    rows = []
    for name, data, demand, options in (
        ("without EPF", instance, alike, SourcingOptions()),
        ("EPF", instance, alike, LIMITS),
        ("joint, EPF", instance, joint, LIMITS),
        ("joint, backup prices by scenario, EPF", moving, joint, LIMITS),
        ("demand by scenario, EPF", instance, by_scenario, LIMITS),
    ):
        start = time.perf_counter()
        try:
            whole = design_sourcing(data, demand, options, form="scenario", gap=1e-4, time_limit=limit)
            note = f"gap {whole.gap:.1e}"
        except EscSimError as error:
            note = str(error)
        rows.append(Row(f"whole scenario form, {name}", time.perf_counter() - start, "s", note=note))
        partitions: tuple[Partition, ...] = ("paper", "scenario")
        for partition in partitions:
            start = time.perf_counter()
            try:
                cuts, report = design_by_benders(data, demand, options, partition=partition, gap=1e-4, time_limit=limit)
                rounds = report.relaxed_iterations + report.integer_iterations
                note = f"gap {cuts.gap:.1e}, {rounds} iterations, {report.cuts} cuts"
            except EscSimError as error:
                note = str(error)
            rows.append(Row(f"Benders, {partition} partition, {name}", time.perf_counter() - start, "s", note=note))
    return rows


def _moving_prices(instance: SourcingInstance) -> SourcingInstance:
    factor = np.random.default_rng(3).uniform(0.925, 1.075, (len(instance.scenarios), 1, 1))
    return replace(instance, backup_price=factor * instance.backup_price)


def _by_scenario(worst: np.ndarray, scenarios: int) -> DesignDemand:
    rng = np.random.default_rng(4)
    factor = rng.uniform(0.95, 1.05, (scenarios, 1)) * rng.uniform(0.98, 1.02, (scenarios, worst.size))
    return nominal_demand(worst * factor)


def large_instance(primaries: int, buyers: int) -> SourcingInstance:
    """An instance drawn from the laws of Table C.2, scaled to the number of buyers; three backups and levels."""
    rng = np.random.default_rng(2)
    disrupted, probability = independent_failures(primaries, 0.5)
    scenarios = len(disrupted)
    scale = buyers / 16.0 * 6.0 / primaries
    warning = np.broadcast_to([0.0, 0.1, 0.2], (primaries, 3))
    kilometres = rng.uniform(50.0, 2500.0, (primaries + 3, buyers))
    raw = np.repeat([9320.084058, 7724.474632], [primaries, 3])[:, None]
    prices = raw + 1.168579494 * kilometres
    return SourcingInstance(
        primaries=tuple(f"M{i + 1}" for i in range(primaries)),
        backups=("B1", "B2", "B3"),
        buyers=tuple(f"A{i + 1}" for i in range(buyers)),
        levels=("L1", "L2", "L3"),
        scenarios=tuple(str(k) for k in range(scenarios)),
        fixed_cost=scale * rng.uniform(55e6, 75e6, primaries),
        capacity=scale * rng.uniform(5000.0, 7000.0, primaries),
        effort_cost=warning * rng.uniform(4e5, 5e5, (primaries, 3)),
        recovery_rate=np.broadcast_to([0.0, 0.2, 0.45], (primaries, 3)),
        warning=warning,
        reserve_cost=rng.uniform(11e3, 13e3, 3),
        primary_price=prices[:primaries],
        backup_price=prices[primaries:],
        probability=probability,
        spot_price=rng.uniform(20109.0, 25137.0, scenarios),
        disrupted=disrupted,
        residual=rng.uniform(0.5, 0.8, (scenarios, primaries)),
        max_recovery_time=0.8,
    )
