"""Report of a design: what was asked, what it costs and promises, what is chosen, and how to stress-test it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.views.report.common import csv_grid, done, json_file, notices, picture, provenance, run_with
from esc_sim.views.report.general import file_words, flat, value_text
from esc_sim.views.report.parts import Grid, Part, Report, Section, Words
from esc_sim.views.report.study_sentences import ROUNDING, design_answer, design_question
from esc_sim.written import percent

_LEFT_OUT: Final = {"scenario", "kind", "data.status", "data.note", "form", "seconds"}
COST_WORDS: Final = {
    "OC": "destruction (OC)",
    "OD": "handling (OD)",
    "OT": "transport (OT)",
    "OP": "shortage (OP)",
    "OPP": "purchase (OPP)",
}
"""Pieces of the cost of a retail network under the paper's names, in words."""
_WORDS: Final = {
    "cvar": "CVaR",
    "var": "VaR",
    "epf": "chance of a cost above the budget (EPF)",
    "eps": "epsilon",
    **COST_WORDS,
}
_TO_COME: Final = (
    "confidence",
    *(f"{which}_short_{what}" for which in ("past", "aimed", "most") for what in ("demands", "periods")),
)
_SHARES: Final = {
    "price_of_robustness", "violation_of_past_demand", "second_stage.epf",
    *(f"demand_to_come.{name}" for name in _TO_COME),
}  # fmt: skip


def design_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim design --out` wrote."""
    summary = json_file(folder / "summary.json")
    units = manifest.get("units") or {}
    given = {name.replace("_", " "): value for name, value in manifest["settings"].items() if value is not None}
    settings = {n: value_text(v) if isinstance(v, (bool, int, float)) else v for n, v in given.items()}
    title = str(manifest.get("title") or manifest.get("scenario"))
    rows = [[_label(name), _value(name, value)] for name, value in flat(summary) if name not in _LEFT_OUT]
    note = f"Money in {units['money']}, goods in {units['goods']}." if units else ""
    sections = [
        Section("What it costs and promises", [Grid(["", "value"], rows, note=note)]),
        Section("Carry it out", _plans(folder, manifest)),
    ]
    pictures = sorted(folder.glob("*.png"))
    if pictures:
        sections.append(Section("Figures", [picture(path, file_words(path)) for path in pictures]))
    sections += [Section(f"Table: {file_words(path)}", [csv_grid(path)]) for path in sorted(folder.glob("*.csv"))]
    sections += [
        done(manifest, {"scenario": f"{manifest.get('scenario')}: {title}", "kind": manifest["kind"], **settings}),
        provenance({name: value for name, value in manifest.items() if name != "settings"}),
    ]
    data = summary["data"]
    return Report(
        title, "Design", str(data["status"]), str(data["note"]), sections, notices(manifest),
        design_question(manifest), design_answer(manifest, summary),
    )  # fmt: skip


def _plans(folder: Path, manifest: dict[str, Any]) -> list[Part]:
    found: list[Part] = [run_with(manifest, path) for path in sorted(folder.glob("*.yaml"))]
    if not found:
        return [Words("There is no plan: the scenario's network is not that of the design's tables.")]
    words = "These numbers hold in the model of the design. Simulate the plan to see whether it keeps what it promises:"
    return [Words(words), *found]


def _value(name: str, value: Any) -> str:
    """Shares in percent; a gap that is rounding alone is none."""
    if name in _SHARES and isinstance(value, float):
        return percent(value)
    return "0" if name == "gap" and isinstance(value, float) and abs(value) <= ROUNDING else value_text(value)


def _label(name: str) -> str:
    """ "second_stage.cvar" -> "second stage: CVaR"."""
    parts = [" ".join(_WORDS.get(word, word) for word in part.split("_")) for part in name.split(".")]
    return ": ".join(parts)
