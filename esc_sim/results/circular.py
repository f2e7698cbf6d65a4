"""Circular flows of a run: waste, nitrogen, energy, and what its investments are worth; block and table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.circular import appraise, break_even_subsidy
from esc_sim.counted import counted
from esc_sim.measures.circular import MEASURES, Circularity, Worth
from esc_sim.measures.measure import share
from esc_sim.measures.tails import whole_years, yearly
from esc_sim.measures.terms import periods_a_year
from esc_sim.results.columns import FLOW_COLUMNS
from esc_sim.results.period_table import Floats, column
from esc_sim.results.sampled import terms_of
from esc_sim.written import mean_and_ends, number, percent

if TYPE_CHECKING:
    from rich.table import Table

    from esc_sim.network.model import Network
    from esc_sim.results.observed import Observed
    from esc_sim.results.run import RunResult
    from esc_sim.risk.intervals import Interval
    from esc_sim.scenario.schema import Scenario

SYNTHETIC: Final = "synthetic nitrogen applied"
ORGANIC: Final = "organic nitrogen applied"


@dataclass(frozen=True)
class Reference:
    """The run that investments are set against, on the same random numbers.

    Attributes:
        profit: float64[R, T] of all members.
        synthetic: float64[R, T] synthetic nitrogen applied, kg; None where the scenario has no fields.
    """

    profit: Floats
    synthetic: Floats | None


def reference_of(result: RunResult) -> Reference:
    """What of a run others are set against."""
    return Reference(column(result.values, "profit"), Shown(result.observed, result.observations).of(SYNTHETIC))


@dataclass(frozen=True)
class Shown:
    """What features show of themselves.

    Attributes:
        observed: names and units of X numbers.
        observations: float64[R, T, X]; None when not recorded.
    """

    observed: Sequence[Observed]
    observations: Floats | None

    def of(self, kind: str) -> Floats | None:
        """Numbers of a kind summed over features, [R, T]; None where no feature shows it."""
        places = [k for k, one in enumerate(self.observed) if one.kind == kind]
        if self.observations is None or not places:
            return None
        found: Floats = self.observations[:, :, places].sum(axis=2)
        return found

    def totals(self, first: str, second: str) -> tuple[Floats, Floats] | None:
        """Sums over periods of two kinds, [R] each; None where either is missing."""
        one, other = self.of(first), self.of(second)
        return None if one is None or other is None else (one.sum(axis=1), other.sum(axis=1))


def resources_of(scenario: Scenario, network: Network, shown: Shown, flows: Floats | None) -> Circularity:
    """What became of waste, nitrogen and energy.

    Args:
        scenario, network: of the run.
        shown: what its features showed in the periods that count.
        flows: float64[R, I, len(FLOW_COLUMNS)], sums over all periods.
    """
    return Circularity(
        waste=_waste(scenario, network, flows),
        nitrogen=shown.totals(SYNTHETIC, ORGANIC),
        energy=_energy(shown),
    )


def _energy(shown: Shown) -> tuple[Floats, Floats] | None:
    """Energy from the grid, and load that was served, [R]."""
    loads, sheds = shown.totals("imported", "load"), shown.of("shed")
    if loads is None or sheds is None:
        return None
    imported, load = loads
    return imported, load - sheds.sum(axis=1)


def circularity_of(result: RunResult) -> Circularity:
    """What a run did with waste, nitrogen and energy, and what its investments are worth.

    Args:
        result: the run, without its warm-up; flows of goods are those of the whole run.
    """
    shown = Shown(result.observed, result.observations)
    found = resources_of(result.scenario, result.network, shown, result.flows)
    found = replace(found, worth=_worth(result))
    synthetic = shown.of(SYNTHETIC)
    if synthetic is None or result.reference is None or result.reference.synthetic is None:
        return found
    length, year = synthetic.shape[1], periods_a_year(result.scenario.units.period)
    before, less = (table.sum(axis=1) for table in (
        result.reference.synthetic[:, -length:], result.reference.synthetic[:, -length:] - synthetic,
    ))  # fmt: skip
    return replace(found, displaced=less * (year or length) / length, displaced_share=share(less, before))


def _waste(scenario: Scenario, network: Network, flows: Floats | None) -> tuple[Floats, Floats] | None:
    """Waste, and what recipes made of it, that was disposed of; and the waste that was collected, [R].

    What recipes only sort, waste into waste, counts once.
    """
    waste = {product.id for product in scenario.products if product.waste}
    if not waste or flows is None:
        return None
    sorting = {
        (recipe.node, product)
        for recipe in scenario.recipes
        if waste & {*recipe.outputs, *recipe.byproducts}
        for product in waste & {*recipe.inputs}
    }
    made = {
        product
        for recipe in scenario.recipes
        if waste & {*recipe.inputs}
        for product in (*recipe.outputs, *recipe.byproducts)
    } - {product.id for product in scenario.products if product.environment}
    products = [network.products[p] for p in network.item_product]
    nodes = [network.node_ids[n] for n in network.item_node]
    came = [product in waste for product in products]
    sorted_ = [name in sorting for name in zip(nodes, products, strict=True)]
    of = {name: flows[:, :, k] for k, name in enumerate(FLOW_COLUMNS)}
    collected = of["produced"][:, came].sum(axis=1) - of["consumed"][:, sorted_].sum(axis=1)
    ends = [product in waste | made for product in products]
    return of["disposed"][:, ends].sum(axis=1), collected


def _worth(result: RunResult) -> Worth | None:
    """What the investments are worth; None where there are none, or the run holds no whole year."""
    section, year = result.scenario.appraisal, periods_a_year(result.scenario.units.period)
    years = whole_years(result.period_count, year)
    if section is None or result.reference is None or not years:
        return None
    profit = column(result.values, "profit")
    gain = yearly(profit, year) - yearly(result.reference.profit[:, -profit.shape[1] :], year)
    rest = np.repeat(gain.mean(axis=1, keepdims=True), max(0, section.horizon - years), axis=1)
    flows = np.concatenate([gain, rest], axis=1)[:, : section.horizon]
    flows = flows - [section.replaced(number) for number in range(1, section.horizon + 1)]
    rate, capital = section.discount_rate, section.capital
    found = appraise(capital, flows, rate, section.grant)
    return Worth(found, break_even_subsidy(capital, flows, rate, seed=result.seed), section.horizon)


def circular_intervals(result: RunResult) -> dict[str, Interval]:
    """The indicators that the run has."""
    found = circularity_of(result)
    intervals = {m.name: m.interval(found, result.batch) for m in MEASURES}
    return {name: one for name, one in intervals.items() if one is not None}


def circular_entries(result: RunResult) -> dict[str, dict[str, Any]]:
    """The indicators that the run has, as plain values."""
    found, terms = circularity_of(result), terms_of(result.scenario)
    entries = {m.name: m.entry(found, result.batch, m.unit_words(terms)) for m in MEASURES}
    return {name: entry for name, entry in entries.items() if entry is not None}


def circular_block(result: RunResult, entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The indicators for summary.json, with what the investments were set against.

    Args:
        result: the run, without its warm-up.
        entries: as :func:`circular_entries` gives them.
    """
    section = result.scenario.appraisal
    block: dict[str, Any] = {"figures": list(entries)}
    if section is not None and section.investments and "npv" not in entries:
        block["not_appraised"] = _why_not_appraised(result)
    if section is not None and "npv" in entries:
        block["appraisal"] = {
            "against": section.against,
            "capital": section.capital,
            "grant": section.grant,
            "discount_rate": section.discount_rate,
            "horizon": section.horizon,
            "years": whole_years(result.period_count, periods_a_year(result.scenario.units.period)),
        }
    return block


def _why_not_appraised(result: RunResult) -> str:
    """Why the investments of a run have no value."""
    unit, length = result.scenario.units.period, result.period_count
    year = periods_a_year(unit)
    if year is None:
        return f"how many make a year, the unit '{unit}' does not tell"
    if not whole_years(length, year):
        return f"the run counts {counted(length, unit)}, and a whole year takes {math.ceil(year)}"
    return "the variant that they are set against was not run beside it"


def circular_table(summary: dict[str, Any]) -> Table | None:
    """Circular flows and what investments are worth; None where a scenario has no such thing."""
    from rich import box
    from rich.table import Table

    from esc_sim.results.table import terms_in

    if "circular" not in summary:
        return None
    entries = next(iter(summary["kpis"].values()))
    terms, words = terms_in(summary), {measure.name: measure for measure in MEASURES}
    table = Table(title="Circular flows", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("mean (95 % interval)", justify="right", no_wrap=True)
    table.add_column("unit")
    for name in summary["circular"]["figures"]:
        entry = entries[name]
        text = entry.get("words") or ("-" if entry["mean"] is None else mean_and_ends(entry))
        table.add_row(words[name].row(terms), text, "" if entry["unit"] == "share" else entry["unit"])
    return table


def circular_line(summary: dict[str, Any]) -> str:
    """Against what investments were appraised, or why not, in a line; empty where there are none."""
    block = summary.get("circular", {})
    if "not_appraised" in block:
        return f"Net present value, rate of return, payback and grant are not shown: {block['not_appraised']}."
    found = block.get("appraisal")
    if not found:
        return ""
    granted = f", {percent(found['grant'])} of it granted" if found["grant"] else ""
    beyond = ""
    if found["years"] < found["horizon"]:
        beyond = f"; years beyond the {found['years']} of the run are as these are on average"
    return (
        f"Investments of {number(found['capital'])} {summary['units']['money']}{granted} against the variant "
        f"'{found['against']}' on the same random numbers, over {found['horizon']} years at "
        f"{percent(found['discount_rate'])} a year{beyond}."
    )
