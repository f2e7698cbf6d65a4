"""Report of a stress test: which outage hurts most, the ranking, what would break the limit, the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.results.knowledge import lasting_words
from esc_sim.views.report.common import csv_rows, done, json_file, notices, picture, provenance
from esc_sim.views.report.parts import Command, Grid, Part, Report, Section, Words
from esc_sim.views.report.study_sentences import stress_answer, stress_question
from esc_sim.written import number

_CAPTIONS: Final = {
    "exposure.png": "Profit lost by each outage, with 95 % interval and CVaR.",
    "map.png": "The network; the darker a site or an arc, the more its outage hurts.",
    "spend.png": "Profit lost against what is spent there; large losses at small spend are hidden exposures.",
    "times.png": "Time to survive against time to recover; below the diagonal service falls before it is back.",
    "curves.png": "What is served after the worst outages, as a share of what would have been served.",
    "reverse.png": "How far things must deviate until the key figure breaks the limit.",
    "portfolio.png": "What levers cost and avoid, the best of them for every budget, and those that were chosen.",
}
_COLUMNS: Final = {
    "stressor": "out",
    "kind": "kind",
    "impact": "impact",
    "impact_low": "from",
    "impact_high": "to",
    "impact_cvar": "CVaR",
    "lost_demand": "lost",
    "late_demand": "late",
    "time_to_survive": "survives",
    "time_to_recover": "recovers",
    "exposure_index": "index",
    "lp_loss": "least loss, no lead times",
    "timed_loss": "least loss",
}
_TEXTS: Final = ("stressor", "kind")
_MOST_ROWS: Final = 60


def stress_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim stress --out` wrote."""
    summary = json_file(folder / "summary.json")
    units, outage = summary["units"], summary["outage"]
    length = lasting_words(outage["durations"], str(units["period"]))
    sections = [
        Section("Ranking", [_ranking(folder / "ranking.csv", units)]),
        Section("Figures", [picture(folder / n, words) for n, words in _CAPTIONS.items() if (folder / n).exists()]),
    ]
    if summary["reverse"] is not None:
        found = [summary[name] for name in ("reverse", "deviation") if summary.get(name) is not None]
        sections.append(Section("What would it take?", [part for one in found for part in _reverse(one)]))
    if summary["levers"] is not None:
        sections.append(Section("What to do about it?", _levers(folder / "portfolio.csv", summary["levers"], units)))
    sections += [
        done(
            manifest,
            {
                "scenario": f"{summary['scenario']}: {summary['title']}",
                "outages": f"{summary['stressors']:,}, one at a time, {length} each",
                "start dates": ", ".join(str(start) for start in outage["starts"]),
                "length": f"{counted(summary['replications'], 'replication')} of each outage and date, paired "
                "with the same run without it",
                "seed": summary["seed"],
            },
        ),
        provenance(manifest),
    ]
    data = summary["data"]
    return Report(
        str(summary["title"]), "Stress test", str(data["status"]), str(data["note"]), sections, notices(manifest),
        stress_question(manifest, summary), stress_answer(summary),
    )  # fmt: skip


def _ranking(path: Path, units: dict[str, Any]) -> Grid:
    with csv_rows(path) as found:
        header = next(found, [])
        rows = [dict(zip(header, cells, strict=False)) for cells in found]
    shown = [name for name in _COLUMNS if name in _TEXTS or any(row[name] for row in rows)]
    cells = [[_cell(name, row[name]) for name in shown] for row in rows[:_MOST_ROWS]]
    cut = f" The first {_MOST_ROWS} of {len(rows):,}." if len(rows) > _MOST_ROWS else ""
    note = (
        f"Impact and losses in {units['money']}, lost in {units['goods']}, late in {units['goods']} x "
        f"{units['period']}, times in {units['period']}. {path.name} has more columns.{cut}"
    )
    return Grid([_COLUMNS[name] for name in shown], cells, note=note)


def _cell(name: str, text: str) -> str:
    if name in _TEXTS:
        return text
    if not text:
        return "-"
    return "always" if text == "inf" else number(float(text))


def _reverse(found: dict[str, Any]) -> list[Part]:
    parts: list[Part] = [Words(str(found["words"]))]
    if found["change"]:
        parts.append(Command(f"esc-sim run SCENARIO --set '{found['change']}'"))
    return parts


def _levers(path: Path, found: dict[str, Any], units: dict[str, Any]) -> list[Part]:
    basis, money, chosen = found["impact_is_added_up"], units["money"], found["portfolio"]
    parts: list[Part] = []
    if chosen is not None:
        names = ", ".join(chosen["levers"]) or "no lever"
        parts.append(
            Words(
                f"For {number(chosen['budget'])} {money} a year: {names}. They cost {number(chosen['yearly_cost'])} "
                f"{money} a year and avoid {number(chosen['joint_effect'])} {money} {basis}, measured in one run of "
                f"all; their single effects add up to {number(chosen['sum_of_single_effects'])}."
            )
        )
    with csv_rows(path) as rows:
        header = next(rows, [])
        table = [dict(zip(header, cells, strict=False)) for cells in rows]
    cells = [
        [row["lever"], *(_cell(name, row[name]) for name in ("yearly_cost", "avoided", "return")),
         "yes" if row["chosen"].lower() == "true" else ""]
        for row in table
    ]  # fmt: skip
    note = f"Costs in {money} a year, impact avoided in {money} {basis}. levers.csv has every outage by itself."
    parts.append(Grid(["lever", "cost", "avoids", "return", "chosen"], cells, note=note))
    return parts
