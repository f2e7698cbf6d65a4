"""Report of a stress test: which outage hurts most, the ranking, what would break the limit, the figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.results.knowledge import lasting_words
from esc_sim.views.report.common import csv_rows, done, json_file, notices, picture, provenance
from esc_sim.views.report.parts import Command, Grid, Part, Report, Section, Words
from esc_sim.views.report.study_sentences import (
    knowledge_words,
    known_of,
    portfolio_words,
    stopped_words,
    stress_answer,
    stress_question,
)
from esc_sim.written import index_words, number

_CAPTIONS: Final = {
    "exposure.png": "Profit lost by each outage, with 95 % interval and CVaR.",
    "map.png": "The network; the darker a site or an arc, the more its outage (or its mode's, lane's) hurts.",
    "spend.png": "Profit lost against what is spent there; large losses at small spend are hidden exposures.",
    "times.png": "Time to survive against time to recover, medians; in the shaded zone service is short for a while.",
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
    "timed_loss": "least loss, lead times",
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
        *_knowledge(folder / "knowledge.csv", units),
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
                "plan": manifest.get("plan"),
                "outages": f"{summary['stressors']:,}, one at a time, {length} each",
                "out": stopped_words(summary),
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
    rows = _rows(path)
    shown = [name for name in _COLUMNS if name in _TEXTS or any(row[name] for row in rows)]
    cells = [[_cell(name, row[name]) for name in shown] for row in rows[:_MOST_ROWS]]
    cut = f" The first {_MOST_ROWS} of {len(rows):,}." if len(rows) > _MOST_ROWS else ""
    note = (
        f"Impact and losses in {units['money']}, lost in {units['goods']}, late in {units['goods']} x "
        f"{units['period']}, times in {units['period']}: each the median over start dates and replications, of which "
        "those that never fall short recover at once; so one may survive longer than it takes to recover. "
        f"{_least_loss(shown, rows)}{path.name} has more columns.{cut}"
    )
    return Grid([_COLUMNS[name] for name in shown], cells, note=note)


def _knowledge(path: Path, units: dict[str, Any]) -> list[Section]:
    """What each outage costs by what buyers know of it; nothing where one state of knowledge alone was played."""
    rows = _rows(path) if path.exists() else []
    words = knowledge_words(rows, str(units["money"]))
    if not words:
        return []
    known = known_of(rows[0])
    cells = [
        [row["stressor"], row["kind"], *(_cell("", row[f"impact_{word}"]) for word in known)]
        for row in rows[:_MOST_ROWS]
    ]  # fmt: skip
    note = f"Impact in {units['money']}, by when buyers learn of an outage. {path.name} has the ranks."
    return [
        Section(
            "What do buyers know?",
            [Words(f"{words[:1].upper()}{words[1:]}."), Grid(["out", "kind", *known.values()], cells, note=note)],
        )
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with csv_rows(path) as found:
        header = next(found, [])
        return [dict(zip(header, cells, strict=False)) for cells in found]


def _least_loss(shown: Collection[str], rows: Sequence[Mapping[str, str]]) -> str:
    """What the columns of the linear programs are, and how a loss may lie below 0."""
    if not {"lp_loss", "timed_loss"} & {*shown}:
        return ""
    gains = any(float(row["timed_loss"]) < 0.0 for row in rows if row.get("timed_loss"))
    below = (
        " One below 0 is a gain: even with the outage the best answer earns more than the run without it."
        if gains
        else ""
    )
    return f"Least losses are those of the best possible answer of the whole network, known in advance.{below} "


def _cell(name: str, text: str) -> str:
    if name in _TEXTS:
        return text
    if not text:
        return "-"
    if name == "exposure_index":
        return index_words(float(text))
    return "always" if text == "inf" else number(float(text))


def _reverse(found: dict[str, Any]) -> list[Part]:
    parts: list[Part] = [Words(str(found["words"]))]
    if found["change"]:
        parts.append(Command(f"esc-sim run SCENARIO --set '{found['change']}'"))
    return parts


def _levers(path: Path, found: dict[str, Any], units: dict[str, Any]) -> list[Part]:
    money, chosen = units["money"], found["portfolio"]
    basis = " a year" if found["impact_is_added_up"] == "a year" else ", one outage of each of the worst added up"
    parts: list[Part] = []
    if chosen is not None:
        measured = (
            f" Measured in one run of all; their single effects add up to {number(chosen['sum_of_single_effects'])}."
        )
        parts.append(Words(portfolio_words(found, money) + (measured if chosen["levers"] else "")))
    cells = [
        [row["lever"], *(_cell(name, row[name]) for name in ("yearly_cost", "avoided", "return")),
         "yes" if row["chosen"].lower() == "true" else ""]
        for row in _rows(path)
    ]  # fmt: skip
    note = f"Costs in {money} a year, impact avoided in {money}{basis}. levers.csv has every outage by itself."
    parts.append(Grid(["lever", "cost", "avoids", "return", "chosen"], cells, note=note))
    return parts
