"""A retail design as `esc-sim design` runs it: from a scenario's section ``design.retail`` to plans and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from esc_sim.crews.crew import Crew
from esc_sim.design.result import DesignResult, OutTable, Report
from esc_sim.design.retail.data import Coverage, RetailInstance
from esc_sim.design.retail.describe import checks_at, coverage_table, described, eps_table, main_lines, tables
from esc_sim.design.retail.handover import Operation, network_plan
from esc_sim.design.retail.margins import MODELS
from esc_sim.design.retail.read import TABLES, read_instance
from esc_sim.design.retail.solution import RetailPlan
from esc_sim.design.retail.solve import RetailOptions, design_retail
from esc_sim.design.tables import inside
from esc_sim.errors import InputError
from esc_sim.lp import Progress
from esc_sim.plans.plan import Origin
from esc_sim.plans.retail import RetailNetworkPlan
from esc_sim.scenario.design_retail import RetailSection
from esc_sim.scenario.schema import Scenario

OPTIONS = frozenset({"model", "reading", "eps", "coverage", "front", "switches", "gap", "time_limit"})
READINGS = ("joint", "own")


@dataclass(frozen=True)
class RetailCase:
    """Everything that a retail design of a scenario starts from.

    Attributes:
        section: what the scenario asks for, options of the command taken in.
        instance: the data.
        files: that they were read from.
    """

    section: RetailSection
    instance: RetailInstance
    files: tuple[Path, ...]

    def options(self, **changes: Any) -> RetailOptions:
        """What to design, some of it changed."""
        s = self.section
        asked: dict[str, Any] = {
            "model": s.model,
            "eps": s.eps,
            "reading": s.reading,
            "coverage": Coverage(*s.coverage),
            "gap": s.gap,
            "time_limit": s.time_limit,
        }
        return RetailOptions(**(asked | changes))


def read_case(scenario: Scenario, options: Mapping[str, Any] | None = None) -> RetailCase:
    """Read the tables that a scenario's section ``design.retail`` names.

    Args:
        scenario: read from a folder.
        options: those of the command; they go before what the section says.

    Raises:
        InputError: a table that is missing or cannot be used, probabilities that are none, an option that means
            nothing.
    """
    assert scenario.design is not None
    assert scenario.design.retail is not None
    section = with_options(scenario.design.retail, options or {})
    if scenario.folder is None:
        raise InputError("a retail design reads tables: load the scenario from a folder")
    folder = inside(scenario.folder, section.tables, "design.retail.tables")
    data, units = scenario.data, scenario.units
    notice = f"data: {data.status}" + (f" ({data.note})" if data.note else "")
    instance = read_instance(folder, name=scenario.name, notice=notice, money=units.money, goods=units.goods)
    if section.probabilities is not None:
        instance = instance.with_probability(section.probabilities)
    return RetailCase(section, instance, tuple(folder / name for name in TABLES if (folder / name).exists()))


def with_options(section: RetailSection, options: Mapping[str, Any]) -> RetailSection:
    """The section with the command's options taken in.

    Raises:
        InputError: an unknown model or reading, a coverage that is not three whole numbers, numbers out of range.
    """
    changes: dict[str, Any] = {}
    for name, known in (("model", MODELS), ("reading", READINGS)):
        value = options.get(name)
        if value is not None:
            if value not in known:
                raise InputError(f"--{name}: a retail design has no {name} '{value}'; it has {', '.join(known)}")
            changes[name] = value
    for name, least, most in (("eps", 0.0, 1.0), ("gap", 0.0, 1.0), ("time_limit", 0.0, float("inf"))):
        value = options.get(name)
        if value is not None:
            if not least <= value < most or (value == least and name != "gap"):
                raise InputError(f"--{name.replace('_', '-')}: {value:g} is out of range")
            changes[name] = float(value)
    if options.get("coverage") is not None:
        changes["coverage"] = _three(str(options["coverage"]))
    return section.model_copy(update=changes)


def _three(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise InputError(
            f"--coverage {text}: give three whole numbers such as 2,2,2 (links into a DC, a store, an area)"
        )
    return [int(part) for part in parts]


def run_design(scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
    """Solve a scenario's retail design and describe it; see ``design.result.DesignKind``.

    Args:
        scenario: the scenario, with a section ``design.retail``.
        options: options of the command, by name; those not given are missing or None.
        report: told what is being done.
        crew: solves what the design is set beside: without robustness, at other eps, with other coverage.

    Raises:
        InputError: tables or options that cannot be used.
        InfeasibleError: no network keeps the limits.
    """
    report("reading tables")
    case = read_case(scenario, options)
    design = _solved(case, report)
    robust = case.section.model != "stochastic"
    eps = case.section.compare_eps if options.get("front") and robust else []
    links = [Coverage(*some) for some in case.section.compare_coverage] if options.get("switches") else []
    beside: list[dict[str, Any]] = [{"model": "stochastic"}] if robust else []
    beside += [{"eps": one} for one in eps] + [{"coverage": one} for one in links]
    others: list[RetailPlan] = []
    for made in crew(partial(_beside, case), beside):
        others.append(made)
        report(f"designs to set beside it: {len(others)} of {len(beside)}")
    plain = others[0] if robust else design
    report("other demands")
    checks = [checks_at(design, factor) for factor in case.section.check_demand]
    found: dict[str, OutTable] = tables(design)
    curve = dict(zip(eps, others[1:], strict=False))
    if options.get("front") and robust:
        found["eps"] = eps_table(curve, plain)
    strategies = dict(zip(links, others[len(others) - len(links) :], strict=True))
    if options.get("switches"):
        found["coverage"] = coverage_table(strategies)
    plan, adaptive = (_handed_over(scenario, case, design, how) for how in ("static", "adaptive"))
    from esc_sim.design.retail.figures import figures

    return DesignResult(
        kind="retail",
        plan=plan,
        further_plans={} if adaptive is None else {"plan_adaptive": adaptive},
        summary={
            "scenario": scenario.name,
            "data": scenario.data.model_dump(),
            **described(design, plain),
            "other_demands": [check.summary for check in checks],
        },
        settings=case.section.model_dump(mode="json"),
        tables=found,
        figures=figures(design, plain, curve, strategies),
        inputs=case.files,
        lines=[*main_lines(design, plain, checks), *([] if plan is not None else [_NO_NETWORK])],
    )


_NO_NETWORK = "  no plan: the scenario's network is not that of the design's tables (see the guide to retail designs)"


def _solved(case: RetailCase, report: Report) -> RetailPlan:
    def told(state: Progress) -> None:
        report(f"best {state.objective:.6g}, bound {state.bound:.6g}, {state.time:.0f} s")

    report("solving")
    return design_retail(case.instance, case.options(), progress=told)


def _beside(case: RetailCase, changes: Mapping[str, Any]) -> RetailPlan:
    """A design with other options."""
    return design_retail(case.instance, case.options(**changes))


def _handed_over(
    scenario: Scenario, case: RetailCase, design: RetailPlan, operation: Operation
) -> RetailNetworkPlan | None:
    """The plan for the scenario's agents; None where the scenario's network is another one."""
    from esc_sim.network.model import network_of
    from esc_sim.results.manifest import scenario_hash

    s = case.section
    asked = "stochastic" if s.model == "stochastic" else f"{s.model} {s.reading} eps {s.eps:g}"
    plan = network_plan(
        design,
        operation,
        name=f"{asked} {operation}",
        structure_hash=network_of(scenario).structure_hash,
        origin=Origin(
            scenario=scenario.name,
            scenario_hash=scenario_hash(scenario),
            command="esc-sim design",
            objectives={"cost": design.cost},
        ),
    )
    there = {node.id for node in scenario.nodes}
    arcs = {(arc.buyer, arc.supplier) for arc in scenario.arcs}
    known = {use.node for use in plan.nodes} <= there and {(use.buyer, use.supplier) for use in plan.links} <= arcs
    return plan if known else None
