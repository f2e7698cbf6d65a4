"""How losses against the undisrupted twin were measured: the block of summary.json, and the line below tables."""

from __future__ import annotations

from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.measures.losses import asked
from esc_sim.measures.tails import whole_years
from esc_sim.measures.terms import YEAR, periods_a_year
from esc_sim.results.run import PeriodTable, RunResult
from esc_sim.risk.tails import is_largest, replications_for_interval

HORIZON: Final = "horizon"

NO_TWIN: Final = "the scenario has no disruption, so there is no undisrupted twin to lose anything against"
NO_DEMAND: Final = "no customer asks for anything"


def losses_block(result: RunResult) -> dict[str, Any]:
    """How losses were measured, for summary.json; ``not_estimated`` says why something is missing.

    Args:
        result: the run, without its warm-up.
    """
    scenario, twin = result.scenario, result.twin
    year = periods_a_year(scenario.units.period)
    missing = {}
    if twin is None:
        missing = {"profit_lost": NO_TWIN, "demand_lost": NO_TWIN}
    elif not asked(PeriodTable(result.values), PeriodTable(twin)):
        missing = {"demand_lost": NO_DEMAND}
    return {
        "per": HORIZON if year is None else YEAR,
        "periods": result.period_count,
        "periods_a_year": year,
        "is_largest": is_largest(result.replications, scenario.risk.level),
        "replications_for_interval": replications_for_interval(scenario.risk.level),
        "not_estimated": missing,
    }


def losses_line(summary: dict[str, Any]) -> str:
    """What tables of losses must say in words: against what, over which time, and how much the tail is worth."""
    block = summary["risk"]["losses"]
    missing = block["not_estimated"]
    if "profit_lost" in missing:
        none = f"Profit lost and demand lost are not estimated: {missing['profit_lost']}."
        return " ".join(filter(None, (none, _years_words(summary))))
    period, count, replications = summary["units"]["period"], block["periods"], summary["replications"]
    what = "Profit lost" if "demand_lost" in missing else "Profit lost and demand lost"
    whole = counted(count, period)
    over = f"over all {whole} (how many make a year, the unit '{period}' does not tell)"
    if block["per"] == YEAR:
        over = f"per {YEAR}" if count == block["periods_a_year"] else f"scaled from {whole} to a {YEAR}"
    text = f"{what}: each replication against its undisrupted twin, {over}."
    level, needed = f"{100 * summary['risk']['level']:g} %", block["replications_for_interval"]
    if block["is_largest"]:
        seen = f"{replications} replications are" if replications > 1 else "1 replication is"
        text += f" {seen} too few for their tail: VaR and CVaR {level} are the largest loss seen."
    if replications < needed:
        text += f" Their CVaR {level} has an interval from {needed:,} replications on."
    return " ".join(filter(None, (text, _years_words(summary))))


def _years_words(summary: dict[str, Any]) -> str:
    """What the tail of a year's cost is worth where it has no interval; empty where it has one, or is not shown."""
    entry = next(iter(reversed(summary["kpis"].values()))).get("cvar_year")
    block, level = summary["risk"]["losses"], summary["risk"]["level"]
    if entry is None or entry["mean"] is None or entry["ci_low"] is not None:
        return ""
    years = summary["replications"] * whole_years(block["periods"], block["periods_a_year"])
    words = f"VaR and CVaR {100 * level:g} % of a year's cost rest on {counted(years, YEAR)}"
    if is_largest(years, level):
        return f"{words}, too few for their tail: they are the dearest year seen, without an interval."
    return f"{words}, too few for an interval."
