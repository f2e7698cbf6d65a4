"""Report of a sweep: what was varied, the points with their key figures, the effects, which of them matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.measures.measure import Place
from esc_sim.measures.registry import MEASURES, highlighted
from esc_sim.measures.terms import Terms
from esc_sim.scenario.path_words import path_words
from esc_sim.views.report.common import csv_rows, done, notices, picture, provenance
from esc_sim.views.report.parts import Grid, Report, Section
from esc_sim.views.report.study_sentences import (
    cell_words,
    sweep_answer,
    sweep_entry,
    sweep_question,
    terms_of,
)
from esc_sim.written import format_interval

_CAPTIONS: Final = {
    "effects.png": "Key figures against each parameter; 95 % intervals over replications.",
    "map.png": "Key figures over the two parameters of the grid.",
    "boxes.png": "Where the condition holds, boxes around most such points, and how coverage trades against density.",
    "indices.png": "Sobol indices: the share of the variance that each parameter explains, with 95 % intervals.",
    "morris.png": "Elementary effects: how large they are on average, and how much they differ; 95 % intervals.",
    "pawn.png": "PAWN: how far each parameter moves the distributions, beside what chance alone gives.",
}
_MATTERS: Final = {
    "indices": (
        "Sobol indices",
        ("alone (first order)", "\u00b1", "with others (total)", "\u00b1"),
        "Estimated shares of the variance and half widths of their 95 % intervals",
    ),
    "morris": (
        "Elementary effects",
        ("mean", "mean size", "\u00b1", "standard deviation", "\u00b1"),
        "Changes of the key figure over the whole range of the parameter, and half widths of 95 % intervals",
    ),
    "pawn": (
        "PAWN",
        ("median distance", "largest", "noise"),
        "Kolmogorov-Smirnov distances between slices of the parameter and all points; noise is what chance alone gives",
    ),
}
"""Table of how much each parameter matters -> heading, columns after key figure and parameter, note."""
_MOST_ROWS: Final = 60


def sweep_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim sweep --out` wrote."""
    parameters = [str(name) for name in manifest["parameters"]]
    rows = _rows(folder / "sweep.csv")
    sections = [
        Section("Figures", [picture(path, _caption(path)) for path in sorted(folder.glob("*.png"))]),
        Section("Points", [_points(rows, parameters, terms_of(manifest))]),
    ]
    for name, (heading, *_) in _MATTERS.items():
        if (folder / f"{name}.csv").is_file():
            sections.append(Section(heading, [_matters(folder / f"{name}.csv", terms_of(manifest))]))
    sections += [
        done(
            manifest,
            {
                "scenario": manifest.get("scenario"),
                "plan": manifest.get("plan"),
                "varied": [path_words(path) for path in parameters],
                "design": f"{manifest['design']}, {counted(manifest['points'], 'point')}",
                "length": f"{counted(manifest['replications'], 'replication')} a point, "
                "the same random numbers at all points",
                "seed": manifest.get("seed"),
            },
        ),
        provenance(manifest),
    ]
    title, data = str(manifest.get("title") or manifest.get("scenario")), manifest.get("data") or {}
    status, note = str(data.get("status") or ""), str(data.get("note") or "")
    question, answer = sweep_question(manifest, rows), sweep_answer(manifest, rows)
    return Report(title, "Sweep", status, note, sections, notices(manifest), question, answer)


def _caption(path: Path) -> str:
    return _CAPTIONS.get(path.name, path.stem.replace("_", " ").capitalize())


def _rows(path: Path) -> list[dict[str, str]]:
    with csv_rows(path) as found:
        header = next(found, [])
        return [dict(zip(header, cells, strict=False)) for cells in found]


def _head(kpi: str, terms: Terms) -> str:
    measure = MEASURES[kpi]
    return measure.words(terms) + ("" if measure.is_share else f" [{measure.unit_words(terms)}]")


def _points(rows: list[dict[str, str]], parameters: list[str], terms: Terms) -> Grid:
    """The points with the main key figures; the file has the others."""
    kpis = [name for name in highlighted(Place.REPORT) if rows and rows[0].get(f"{name}.mean")]
    cells = [
        [
            row["point"],
            *(cell_words(row[name]) for name in parameters),
            *(format_interval(sweep_entry(row, kpi)) for kpi in kpis),
        ]
        for row in rows[:_MOST_ROWS]
    ]
    cut = f"; the first {_MOST_ROWS} of {len(rows)} points" if len(rows) > _MOST_ROWS else ""
    note = f"Mean \u00b1 half width of the 95 % confidence interval. All key figures are in sweep.csv{cut}."
    return Grid(["point", *map(path_words, parameters), *(_head(kpi, terms) for kpi in kpis)], cells, note=note)


def _matters(path: Path, terms: Terms) -> Grid:
    """How much each parameter matters to the key figures that vary."""
    with csv_rows(path) as found:
        next(found, None)
        rows = [row for row in found if row[2]]
    cells = [
        [
            MEASURES[kpi].words(terms) if kpi in MEASURES else kpi,
            path_words(parameter),
            *(cell_words(cell) for cell in numbers),
        ]
        for kpi, parameter, *numbers in rows[:_MOST_ROWS]
    ]
    cut = f", the first {_MOST_ROWS} of {len(rows)} rows" if len(rows) > _MOST_ROWS else ""
    _, head, note = _MATTERS[path.stem]
    return Grid(["key figure", "parameter", *head], cells, note=f"{note}: {path.name}{cut}.")
