"""A sourcing design as `esc-sim design` runs it: from a scenario's section ``design.sourcing`` to plan and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.crew import Crew
from esc_sim.design.result import DesignResult, OutTable, Report
from esc_sim.design.sourcing.benders import Partition, design_by_benders
from esc_sim.design.sourcing.demand import DesignDemand, design_demand, nominal_demand
from esc_sim.design.sourcing.describe import described, front_table, main_lines, switch_table, tables
from esc_sim.design.sourcing.front import FrontPoint, pareto_front
from esc_sim.design.sourcing.given import nominal_of, read_given
from esc_sim.design.sourcing.handover import contract_plan
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.solve import SourcingDesign, design_sourcing
from esc_sim.design.sourcing.switches import SwitchPrice, price_of_switches
from esc_sim.errors import InputError
from esc_sim.plans.plan import Origin
from esc_sim.plans.sourcing import SourcingContractPlan
from esc_sim.scenario.design_sourcing import SourcingSection
from esc_sim.scenario.schema import Scenario

FloatArray = NDArray[np.float64]

OPTIONS = frozenset({"model", "reading", "front", "switches", "gap", "time_limit"})
MODELS = ("deterministic", "ddro", "bro", "box", "box-ball", "cvar")
READINGS = ("marginal", "joint")


@dataclass(frozen=True)
class SourcingCase:
    """Everything that a sourcing design of a scenario starts from.

    Attributes:
        section: what the scenario asks for, options of the command taken in.
        instance: suppliers, prices and scenarios.
        past: past demand, shape (periods, buyers).
        files: that these were read from.
    """

    section: SourcingSection
    instance: SourcingInstance
    past: FloatArray
    files: tuple[Path, ...]

    @property
    def options(self) -> SourcingOptions:
        """Variant and limits of the model."""
        s = self.section
        return SourcingOptions(
            objective=s.objective,
            budget=s.budget,
            epsilon=s.epsilon,
            cvar_limit=s.cvar_limit,
            confidence=s.confidence,
            sole_sourcing=s.sole_sourcing,
            backup=s.backup_open,
            spot=s.spot_open,
            levels=None if s.levels is None else tuple(s.levels),
        )

    def demand(self, section: SourcingSection | None = None) -> DesignDemand:
        """Demand to cover."""
        section = section or self.section
        if section.demand == "deterministic" and section.nominal is not None:
            return nominal_demand(nominal_of(section, self.past, self.instance.buyers))
        return design_demand(section.demand, self.past, section.theta)


def read_case(scenario: Scenario, options: Mapping[str, Any] | None = None) -> SourcingCase:
    """Read the tables that a scenario's section ``design.sourcing`` names.

    Args:
        scenario: read from a folder.
        options: those of the command; they go before what the section says.

    Raises:
        InputError: a table that is missing or cannot be used, unknown effort levels, an option that means nothing.
    """
    assert scenario.design is not None
    assert scenario.design.sourcing is not None
    section = with_options(scenario.design.sourcing, options or {})
    if scenario.folder is None:
        raise InputError("a sourcing design reads tables: load the scenario from a folder")
    given = read_given(section, scenario.folder)
    instance = given.tables.instance
    unknown = [level for level in section.levels or () if level not in instance.levels]
    if unknown:
        raise InputError(
            f"design.sourcing.levels: there is no effort level '{unknown[0]}'; levels are {', '.join(instance.levels)}"
        )
    spot = given.tables.spot
    priced = spot is not None or bool(instance.spot_price.any())
    section = section.model_copy(update={"spot": spot, "spot_open": section.spot_open and priced})
    return SourcingCase(section, instance, given.past, given.files)


def with_options(section: SourcingSection, options: Mapping[str, Any]) -> SourcingSection:
    """The section with the command's options taken in.

    Raises:
        InputError: an unknown model or reading, a reading of a model that has none, numbers out of range.
    """
    changes: dict[str, Any] = {}
    model, reading = options.get("model"), options.get("reading")
    if model is not None and model not in MODELS:
        raise InputError(f"--model: a sourcing design has no model '{model}'; models are {', '.join(MODELS)}")
    if reading is not None and reading not in READINGS:
        raise InputError(f"--reading: there is no reading '{reading}'; readings are {', '.join(READINGS)}")
    if model == "cvar":
        changes["objective"] = "cvar"
    elif model == "ddro":
        kept = section.demand.removeprefix("ddro-") if section.demand.startswith("ddro-") else "marginal"
        changes["demand"] = f"ddro-{reading or kept}"
    elif model is not None:
        changes["demand"] = model
    if reading is not None and model in (None, "cvar"):
        if not section.demand.startswith("ddro-"):
            raise InputError(f"--reading {reading}: demand '{section.demand}' has no readings; add --model ddro")
        changes["demand"] = f"ddro-{reading}"
    elif reading is not None and model != "ddro":
        raise InputError(f"--reading {reading}: model '{model}' has no readings; it belongs to --model ddro")
    for name, low, high in (("gap", 0.0, 1.0), ("time_limit", 0.0, float("inf"))):
        value = options.get(name)
        if value is not None:
            if not (low <= value < high) or (name == "time_limit" and value == 0.0):
                raise InputError(f"--{name.replace('_', '-')}: {value:g} is out of range")
            changes[name] = float(value)
    return section.model_copy(update=changes)


def solve_case(case: SourcingCase, report: Report = lambda text: None) -> SourcingDesign:
    """The cheapest plan, re-checked against the original model.

    Raises:
        InfeasibleError: no plan keeps every limit.
        EscSimError: none was found in time.
    """
    demand, s = case.demand(), case.section

    def told(state: Any) -> None:
        known = f"best {state.objective:.6g}, " if np.isfinite(state.objective) else ""
        report(f"{known}bound {state.bound:.6g}, {state.time:.0f} s")

    if s.method == "whole":
        return design_sourcing(
            case.instance, demand, case.options, form=s.form, gap=s.gap, time_limit=s.time_limit, progress=told
        )
    partition: Partition = "paper" if s.method == "benders-paper" else "scenario"
    design, _ = design_by_benders(
        case.instance, demand, case.options, partition=partition, gap=max(s.gap, 1e-6), time_limit=s.time_limit,
        progress=told,
    )  # fmt: skip
    return design


def run_design(scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
    """Solve a scenario's sourcing design and describe it; see ``design.result.DesignKind``.

    Args:
        scenario: the scenario, with a section ``design.sourcing``.
        options: options of the command, by name; those not given are missing or None.
        report: told what is being done.
        crew: solves the variants of ``switches``.

    Raises:
        InputError: tables or options that cannot be used.
        InfeasibleError: no plan keeps the limits.
    """
    report("reading tables")
    case = read_case(scenario, options)
    report("solving")
    design = solve_case(case, report)
    report("deterministic design, for the price of robustness")
    plain = _deterministic(case)
    summary = described(design, case.past, plain)
    found: dict[str, OutTable] = tables(design, case.past)
    front: list[FrontPoint] = []
    if options.get("front"):
        report("front")
        front = pareto_front(
            case.instance, design.demand, replace(case.options, epsilon=1.0), gap=max(case.section.gap, 1e-5),
            time_limit=case.section.time_limit, on_point=lambda point: report(f"front: {point.epf:.4f}"),
        )  # fmt: skip
        found["front"] = front_table(front)
    prices: list[SwitchPrice] = []
    if options.get("switches"):
        report("price of each option")
        prices = price_of_switches(case.instance, design.demand, case.options, gap=case.section.gap, crew=crew)
        found["switches"] = switch_table(prices)
    from esc_sim.design.sourcing.figures import figures

    return DesignResult(
        kind="sourcing",
        plan=_plan(scenario, case, design),
        summary={"scenario": scenario.name, "data": scenario.data.model_dump(), **summary},
        settings=case.section.model_dump(mode="json"),
        tables=found,
        figures=figures(scenario, case, design, front),
        inputs=case.files,
        lines=main_lines(scenario, design, summary, front, prices),
    )


def _deterministic(case: SourcingCase) -> SourcingDesign | None:
    """The design of known demand with the same limits, or None where it has no plan."""
    section = case.section.model_copy(update={"demand": "deterministic"})
    try:
        return design_sourcing(
            case.instance, case.demand(section), case.options, gap=section.gap,
            time_limit=section.time_limit, explain=False,
        )  # fmt: skip
    except InputError:
        return None


def _plan(scenario: Scenario, case: SourcingCase, design: SourcingDesign) -> SourcingContractPlan | None:
    """The plan that agents carry out; None where the scenario's network is not that of the design.

    Raises:
        InputError: the network lacks some of the design's suppliers or buyers.
    """
    from esc_sim.network.model import network_of
    from esc_sim.results.manifest import scenario_hash

    network, i = network_of(scenario), case.instance
    wanted = (*i.primaries, *i.backups, *i.buyers, *([case.section.spot] if case.section.spot else []))
    missing = [name for name in wanted if name not in network.node_index]
    if len(missing) == len(wanted):
        return None
    if missing:
        raise InputError(f"the scenario's network has no node '{missing[0]}', which the design's tables name")
    kind = design.demand.kind
    return contract_plan(
        design,
        name=f"sourcing, {kind}" + ("" if design.demand.theta is None else f", theta {design.demand.theta:g}"),
        spot_market=case.section.spot if case.section.spot_open else None,
        past=case.past,
        structure_hash=network.structure_hash,
        origin=Origin(scenario=scenario.name, scenario_hash=scenario_hash(scenario)),
    )
