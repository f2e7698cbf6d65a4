"""Variants of a scenario, or several scenarios, compared on the same random numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.compared import DEMAND_INDEX, Compared, demand_by_variant, worst_by_variant
from esc_sim.compared import compare_runs as compare_runs  # a comparison begins with it
from esc_sim.errors import InputError
from esc_sim.findings.drawings import Drawing, draws
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.measures.measure import ByReplication, Place
from esc_sim.measures.registry import MEASURES, highlighted
from esc_sim.results.asked import asked_of, change_words
from esc_sim.results.compared_texts import comparison_texts
from esc_sim.results.estimable import why_not
from esc_sim.results.knowledge import known_after_words
from esc_sim.results.losses import losses_block
from esc_sim.results.run import RunResult
from esc_sim.scenario.dotted import partition_outside, path_of, split_outside, unquoted
from esc_sim.storage.files import write_json

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from esc_sim.findings.plots import Draw
    from esc_sim.plans.plan import Plan
    from esc_sim.results.customer_demand import CustomerDemand
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Fill


def check_variants(wanted: Sequence[Wanted], checked: Mapping[str, Scenario], common: Sequence[str] = ()) -> None:
    """Refuse variants none of whose changes a comparison reads, and scenarios whose units differ.

    Args:
        wanted: the variants.
        checked: their scenarios by name; notices say which changes are not read.
        common: changes that all of them have, as 'path=value' texts.

    Raises:
        InputError: there are such.
    """
    units = {name: f"{one.units.money}, {one.units.goods}, {one.units.period}" for name, one in checked.items()}
    if len(set(units.values())) > 1:
        told = "; ".join(f"'{name}': {words}" for name, words in units.items())
        raise InputError(f"compare needs scenarios of the same units (money, goods, period), not {told}")
    problems = [
        f"--variant {one.name}: {notice}"
        for one in wanted
        if one.changes and len(own := _of_its_own(checked[one.name], common)) == len(one.changes)
        for notice in own
    ]
    if problems:
        raise InputError(problems)


def _of_its_own(scenario: Scenario, common: Sequence[str]) -> list[str]:
    """Notices of a variant but those of changes that all have in common."""
    return [notice for notice in scenario.notices if not notice.startswith(_labels(common))]


def _labels(changes: Sequence[str]) -> tuple[str, ...]:
    """How notices of changes that are not read begin."""
    return tuple(start for text in changes for start in (f"--set {text}: ", f"override '{path_of(text)}': "))


def of_variant(name: str, problems: Sequence[str], changes: Sequence[str]) -> list[str]:
    """Problems of a scenario, with the name of the variant whose changes they are.

    Args:
        name: of the variant.
        problems: of its scenario.
        changes: those of its own, as 'path=value' texts.
    """
    own = _labels(changes)
    return [f"--variant {name}: {one.removeprefix('--set ')}" if one.startswith(own) else one for one in problems]


def comparison_notices(rows: Sequence[Compared], runs: Mapping[str, RunResult]) -> list[str]:
    """What the reader of a comparison must know: changes without effect, and key figures that nobody can estimate."""
    found = [
        f"{name}: {notice}" if notice in run.scenario.notices else notice
        for name, run in runs.items()
        for notice in run.notices
    ]
    found += _horizon_notices(runs)
    for name in list(runs)[1:]:
        mine = [row.difference for row in rows if row.variant == name]
        if not any(abs(value) > 0.0 for one in mine for value in (one.mean, one.low, one.high)):
            found.append(f"'{name}' differs from '{next(iter(runs))}' in no key figure")
    missing: dict[str, list[str]] = {}
    for kpi in MEASURES.values():
        if not isinstance(kpi, ByReplication):
            continue
        reasons = [why_not(kpi.name, run.scenario, run.replications) for run in runs.values()]
        if all(reasons):
            missing.setdefault(str(reasons[0]), []).append(kpi.label)
    found += [f"cannot be estimated: {', '.join(labels)}: {reason}" for reason, labels in missing.items()]
    return list(dict.fromkeys(found))


def _horizon_notices(runs: Mapping[str, RunResult]) -> list[str]:
    """That amounts over the whole run are those of different times."""
    lengths = {name: run.scenario.run.periods - run.scenario.run.warm_up for name, run in runs.items()}
    if len(set(lengths.values())) == 1:
        return []
    told = ", ".join(f"'{name}' {length:,}" for name, length in lengths.items())
    return [
        f"variants count different numbers of periods ({told}): differences of amounts over the whole run, such as "
        "late or lost demand and profit over the horizon, are differences of time as well"
    ]


_COLUMNS: Final = ("kpi", "unit", "variant", "mean", "ci_low", "ci_high", "difference", "difference_low",
                   "difference_high", "n")  # fmt: skip


def _cells(row: Compared) -> Sequence[Any]:
    """A row of compare.csv."""
    value, difference = row.value, row.difference
    return (row.kpi, row.unit, row.variant, value.mean, value.low, value.high, difference.mean, difference.low,
            difference.high, value.n)  # fmt: skip


COMPARE_FORMAT: Final = "esc_sim compare"
KIND: Final = Kind(
    COMPARE_FORMAT, "Comparison", {"compare": ("kpi", "variant"), "demand_by_customer": DEMAND_INDEX}, {}
)


@dataclass(frozen=True)
class Wanted:
    """A variant as the user named it.

    Attributes:
        name: name of the variant.
        path: its scenario's path; its name where it has none.
        changes: the values that it changes, as for ``--set``.
        plan: the plan that it carries out, or None.
    """

    name: str
    path: Path
    changes: Sequence[str]
    plan: Plan | None = None

    @property
    def words(self) -> str:
        """What it changes, in words."""
        return "; ".join([*map(change_words, self.changes), *([] if self.plan is None else [f"plan {self.plan.name}"])])

    def entry(self) -> dict[str, Any]:
        """What summary.json says of it."""
        plan = {} if self.plan is None else {"plan": self.plan.name}
        return {"scenario": str(self.path), "changes": list(self.changes), **plan}


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Study):
    """Variants on the same random numbers.

    Attributes:
        rows: key figures of each variant, and differences from the first.
        wanted: the variants.
        runs: their results by name.
        command: how it was started, for the manifest.
        common: the values that all of them change, as for ``--set``.
    """

    rows: Sequence[Compared]
    wanted: Sequence[Wanted]
    runs: Mapping[str, RunResult]
    command: str = ""
    common: Sequence[str] = ()

    @property
    def study_kind(self) -> Kind:
        """Tables compare (a row for each key figure and variant) and demand_by_customer (one for each customer)."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the first scenario, and the names of the variants."""
        scenario = self.runs[self.wanted[0].name].scenario
        names = ", ".join(f"'{one.name}'" for one in self.wanted)
        return f"{scenario.title or scenario.name}: {names}"

    def written_tables(self) -> Mapping[str, Cells]:
        """Key figures by variant, with paired differences from the first; and the demand of customers likewise."""
        found = {"compare": Cells(_COLUMNS, list(map(_cells, self.rows)))}
        rows = [{"variant": name, **row} for name, one in self._demand.items() for row in one.rows()]
        if rows:
            columns = max((one.columns for one in self._demand.values()), key=len)
            cells = [[row.get(key) for key in ("variant", "node", "product", *columns)] for row in rows]
            found["demand_by_customer"] = Cells((*DEMAND_INDEX, *columns), cells)
        return found

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Content of summary.json."""
        goods = self.runs[self.wanted[0].name].scenario.units.goods
        found = comparison_summary(self.rows, self.wanted, self.runs, self.common)
        customers = len({name for one in self._demand.values() for name in one.names})
        return {**found, "customers": customers, "demand": worst_by_variant(self._demand, goods)}

    @cached_property
    def _demand(self) -> dict[str, CustomerDemand]:
        return demand_by_variant(self.runs)

    def shown_table(self) -> pd.DataFrame:
        """Key figures of the first variant, and differences of the others from it."""
        return comparison_texts(self.summary)

    def figures_by_name(self) -> Mapping[str, Draw]:
        """Differences from the first variant."""
        if not shown_kpis(self.rows):
            return {}
        title, footer = f"Difference from '{self.wanted[0].name}'", comparison_footer(self.wanted, self.runs)
        changes = {one.name: one.words for one in self.wanted}
        return {"compare": Drawing("esc_sim.comparison:comparison_figure", (list(self.rows), title, footer, changes))}

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        from esc_sim.results.manifest import manifest_start, scenario_hash, versions

        rows, wanted, runs = self.rows, self.wanted, self.runs
        first = runs[wanted[0].name]

        def fill(folder: Path) -> dict[str, Any]:
            self.write_parts(folder)
            write_json(folder / "summary.json", self.summary)
            return {
                **manifest_start(COMPARE_FORMAT, self.command),
                "scenario": first.scenario.name,
                "variants": {one.name: scenario_hash(runs[one.name].scenario) for one in wanted},
                "switches": {one.name: dict(runs[one.name].scenario.switches) for one in wanted},
                "asked": asked_of(first.scenario),
                "entries_changed": {one.name: dict(runs[one.name].scenario.entries_changed) for one in wanted},
                "replications": first.replications,
                "seed": first.seed,
                "notices": comparison_notices(rows, runs),
                "versions": versions(),
            }

        return fill


def comparison_summary(
    rows: Sequence[Compared], wanted: Sequence[Wanted], runs: Mapping[str, RunResult], common: Sequence[str] = ()
) -> dict[str, Any]:
    """Content of summary.json: key figure -> variant -> value and paired difference from the first variant.

    Args:
        rows: what was compared.
        wanted: the variants, the first of which the others are compared with.
        runs: the run of each variant, by name.
        common: the values that all of them change.
    """
    first = runs[wanted[0].name]
    scenario = first.scenario
    kpis: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = kpis.setdefault(row.kpi, {"label": row.label.strip(), "variants": {}})
        entry["variants"][row.variant] = {
            "value": row.value.entry(row.unit),
            "difference": row.difference.entry(row.unit),
        }
    return {
        "scenario": scenario.name,
        "title": scenario.title or scenario.name,
        "data": scenario.data.model_dump(),
        "units": scenario.units.model_dump(),
        "replications": first.replications,
        "risk": {"level": scenario.risk.level, "losses": losses_block(first.without_warm_up())},
        "first": wanted[0].name,
        "changes": list(common),
        "variants": {one.name: one.entry() for one in wanted},
        "kpis": kpis,
    }


def comparison_footer(wanted: Sequence[Wanted], runs: Mapping[str, RunResult]) -> str:
    """What the figure of a comparison says of its runs: how many, what buyers know of outages, status of the data."""
    from esc_sim.views.style import data_status

    first = runs[wanted[0].name]
    parts = [
        f"{first.replications} replications, seed {first.seed}, same random numbers",
        "95 % intervals of paired differences",
        _knowledge({one.name: runs[one.name].scenario for one in wanted}),
        data_status(first.scenario.data.status),
    ]
    return textwrap.fill("  |  ".join(part for part in parts if part), 118)


def _knowledge(scenarios: Mapping[str, Scenario]) -> str:
    """When buyers learn of outages, by variant where that differs."""
    words = {name: known_after_words(scenario) for name, scenario in scenarios.items()}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{name}: {said}" for name, said in words.items() if said)


def shown_kpis(rows: Sequence[Compared]) -> list[str]:
    """Key figures of the figure: the usual ones that have a value; none where no variant differs in any of them."""
    found = [
        name
        for name in highlighted(Place.COMPARISON)
        if any(row.kpi == name and np.isfinite(row.value.mean) for row in rows)
    ]
    return found if any(row.kpi in found and abs(row.difference.mean) > 0.0 for row in rows) else []


@draws
def comparison_figure(
    rows: Sequence[Compared], title: str, footer: str, changes: Mapping[str, str] | None = None
) -> Figure:
    """Differences from the first variant with their 95 % intervals, one panel a key figure.

    Args:
        rows: what was compared.
        title: title of the figure.
        footer: line that says where the numbers come from.
        changes: what variants change, in words, by name.
    """
    from esc_sim.views.style import NORMAL_COLOUR, finish_with, new_figure, points_axis, styled, thousands

    kpis = shown_kpis(rows)
    variants = list(dict.fromkeys(row.variant for row in rows))
    told = changes or {}
    labels = [
        "\n".join([name, *textwrap.wrap(told.get(name, ""), 30, max_lines=3, placeholder=" ...")]) for name in variants
    ]

    @styled
    def draw() -> Figure:
        figure = new_figure(height=1.5 + 0.3 * len(variants) + 0.12 * sum(label.count("\n") for label in labels))
        axes = figure.subplots(1, len(kpis), sharey=True, squeeze=False)[0]
        for axis, name in zip(axes, kpis, strict=True):
            mine = [row for row in rows if row.kpi == name]
            mean = np.array([row.difference.mean for row in mine])
            low = mean - np.array([row.difference.low for row in mine])
            high = np.array([row.difference.high for row in mine]) - mean
            axis.axvline(0.0, color="0.6", linewidth=0.8)
            axis.errorbar(
                mean, range(len(mine)), xerr=np.nan_to_num(np.stack([low, high])), fmt="o", markersize=4,
                color=NORMAL_COLOUR, capsize=4,
            )  # fmt: skip
            axis.locator_params(axis="x", nbins=4)
            axis.margins(x=0.12, y=0.15)
            share = mine[0].unit == "share"
            axis.set_xlabel(f"{mine[0].label.strip()} [{'points' if share else mine[0].unit}]")
            if share:
                points_axis(axis)
            else:
                thousands(axis)
        axes[0].set_yticks(range(len(variants)), labels)
        axes[0].invert_yaxis()
        return finish_with(figure, title, footer)

    return draw()


def variant_of(text: str) -> tuple[str, list[str]]:
    """Name and overrides of ``NAME: PATH=VALUE; PATH=VALUE``; without overrides the scenario as it is.

    What stands in double quotes is kept together.

    Raises:
        InputError: it has no name.
    """
    name, _, changes = partition_outside(text, ":")
    if not name.strip():
        raise InputError(f"--variant {text}: write 'NAME: PATH=VALUE; PATH=VALUE'")
    return unquoted(name.strip()), [change.strip() for change in split_outside(changes, ";") if change.strip()]


def scenario_name(path: Path) -> str:
    """How a scenario's path is called among variants."""
    return path.stem if path.suffix else path.name
