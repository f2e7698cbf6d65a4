"""Write fits to a folder: tables, the demand section, the fitted scenario, figures, manifest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import yaml

from esc_sim.findings.drawings import Drawing
from esc_sim.findings.plots import Figures
from esc_sim.findings.study import Cells
from esc_sim.fitting.pictures import Picture, picture_of
from esc_sim.fitting.proposal import Fit, law_in_words
from esc_sim.fitting.together import as_written
from esc_sim.results.manifest import manifest_head, manifest_start, work_versions
from esc_sim.scenario.items import items_of
from esc_sim.scenario.writing import write_scenario
from esc_sim.storage.files import make_folder, write_text
from esc_sim.storage.place import Fill

if TYPE_CHECKING:
    from rich.console import Console

    from esc_sim.findings.plots import Draw
    from esc_sim.fitting.study import FitStudy

DEMAND: Final = "demand.yaml"
LEAD_TIMES: Final = "lead_times.yaml"
SCENARIO: Final = "scenario"
_MOST_PRINTED: Final = 40
_ON_A_PAGE: Final = 4
_MOST_PAGES: Final = 25
"""Pages of figures; the tables have all series."""


def fit_tables(study: FitStudy) -> dict[str, Cells]:
    """The tables of a study, each where it has rows."""
    rows: dict[str, list[dict[str, Any]]] = {
        "fits": [_summary(fit) for fit in study.fits],
        "rejected": [
            {
                "series": fit.name,
                "family": one.family,
                "why": one.why,
                "bic": _number(one.bic),
                "p": _number(one.chance),
            }
            for fit in study.fits
            for one in fit.rejected
        ],
        "parameters": [
            {"series": fit.name, "parameter": name, "value": value, "low": _number(low), "high": _number(high)}
            for fit in study.fits
            for one in fit.candidates
            if not one.why
            for name, value, low, high in one.parameters
        ],
        "seasons": [
            {"series": fit.name, "phase": phase, "factor": factor}
            for fit in study.fits
            for phase, factor in enumerate(fit.season)
        ],
        "policies": list(_policies(study)),
    }
    tables = {name: Cells.of_rows(found) for name, found in rows.items() if found}
    if study.correlated is not None:
        names = study.correlated.names
        cells = [[name, *row] for name, row in zip(names, study.correlated.matrix.tolist(), strict=True)]
        tables["correlations"] = Cells(["series", *names], cells)
    return tables


def _summary(fit: Any) -> dict[str, Any]:
    best = fit.candidates[0]
    low, high = fit.mean_interval
    return {
        "series": fit.name,
        "values": len(fit.values),
        "family": fit.family,
        "law": law_in_words(fit.law),
        "mean_low": low,
        "mean_high": high,
        "trend": fit.trend,
        "season": len(fit.season),
        "p": _number(best.chance if not best.why else math.nan),
        "bic": _number(best.bic if not best.why else math.nan),
        "p_independent": fit.dependence,
        "words": fit.words,
    }


def _number(value: float) -> float | str:
    return "" if math.isnan(value) else value


def _policies(study: FitStudy) -> Iterator[dict[str, Any]]:
    """Policies and stocks of the stocking points that got them."""
    before = study.histories.scenario
    if study.fill_rate is None or study.scenario is None or before is None:
        return
    old = items_of(before)
    for item, (_, data) in items_of(study.scenario).items():
        was = old[item][1] if item in old else None
        if was is not None and (was.order, was.initial_stock, was.target_stock) == (
            data.order, data.initial_stock, data.target_stock
        ):  # fmt: skip
            continue
        order = data.order
        yield {
            "node": item[0],
            "product": item[1],
            "policy": "" if order is None else order.policy,
            "reorder_point": getattr(order, "reorder_point", ""),
            "order_up_to": getattr(order, "order_up_to", ""),
            "target_stock": "" if data.target_stock is None else data.target_stock,
            "initial_stock": data.initial_stock,
        }


def shown(study: FitStudy) -> pd.DataFrame:
    """The main table as it is displayed."""
    rows = [
        {"series": fit.name, "values": str(len(fit.values)), "proposal": fit.words.removeprefix(f"{fit.name}: ")}
        for fit in study.fits
    ]
    return pd.DataFrame(rows, columns=["series", "values", "proposal"]).set_index("series")


def print_fits(study: FitStudy, console: Console) -> None:
    """Print the proposals, and the first of the starting policies."""
    from rich.table import Table

    tables = {"": study.shown_table()}
    if "policies" in study.tables_by_name():
        tables["Starting policies"] = study.tables_by_name()["policies"]
    for title, frame in tables.items():
        rows = frame.head(_MOST_PRINTED).reset_index().to_numpy().tolist()
        names = [str(name).replace("_", " ") for name in (*frame.index.names, *frame.columns)]
        table = Table(*names, title=title or None)
        for row in rows:
            table.add_row(*(str(cell) if cell == cell else "" for cell in row))
        if rows:
            console.print(table)
        if len(frame) > len(rows):
            console.print(f"and {len(frame) - len(rows)} more, see the tables in --out")
    if study.fill_rate is not None and not any(_policies(study)):
        console.print("Starting policies: none, since every stocking point that is asked for goods states its order")


def fit_figures(study: FitStudy) -> Mapping[str, Draw]:
    """Pages of four histories each, and the correlations."""
    pages: dict[str, Draw] = {}
    for start in range(0, min(len(study.fits), _ON_A_PAGE * _MOST_PAGES), _ON_A_PAGE):
        pictures = [_picture(study, fit) for fit in study.fits[start : start + _ON_A_PAGE]]
        name = "fits" if len(study.fits) <= _ON_A_PAGE else f"fits_{start // _ON_A_PAGE + 1}"
        pages[name] = Drawing("esc_sim.fitting.drawing:histories", (pictures, study.subject))
    joint = study.correlated
    if joint is not None:
        pages["correlations"] = Drawing(
            "esc_sim.fitting.drawing:correlations", (list(joint.names), joint.matrix, study.subject)
        )
    return Figures(pages, {})


def _picture(study: FitStudy, fit: Fit) -> Picture:
    told = study.histories
    if study.lead_times:
        return picture_of(fit, unit="delivery")
    return picture_of(fit, told.begins.get(fit.name, 0), told.start, told.step)


def demand_text(study: FitStudy) -> str:
    """The proposed demands, or lead times, ready to paste."""
    if study.lead_times:
        content: dict[str, Any] = {"lead_times": {fit.name: _lead_time(fit) for fit in study.fits}}
    else:
        content = {"demands": {fit.name: fit.demand for fit in study.fits}}
    joint = study.correlated
    if joint is not None and joint.seen:
        content["correlation"] = {"series": list(joint.names), "matrix": as_written(joint.matrix)}
    head = "# What is proposed for each series, as it stands under the key `demand` of a node.\n"
    if study.lead_times:
        head = "# What is proposed for each series: the keys of an arc.\n"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def _lead_time(fit: Any) -> dict[str, Any]:
    """Keys of an arc; a law without a longest value is cut where 0.1 % are longer, or at the longest seen."""
    picture = picture_of(fit)
    found: dict[str, Any] = {"lead_time": fit.law}
    return found if picture.bounded else {**found, "max_lead_time": picture.longest}


def fit_files(study: FitStudy) -> Fill:
    """What writes a study into a folder."""

    def fill(folder: Path) -> dict[str, Any]:
        study.write_parts(folder)
        if study.fits:
            write_text(folder / (LEAD_TIMES if study.lead_times else DEMAND), demand_text(study))
        if study.scenario is not None:
            make_folder(folder / SCENARIO)
            write_scenario(study.scenario, folder / SCENARIO, comment=f"With what was fitted: {study.command}".strip())
        head = (
            manifest_start("esc_sim fit", study.command) | {"scenario": study.subject}
            if study.scenario is None
            else manifest_head("esc_sim fit", study.command, study.scenario)
        )
        return {
            **head,
            "source": study.subject,
            "series": len(study.fits),
            "lead_times": study.lead_times,
            "fill_rate": study.fill_rate,
            "notices": [],
            "versions": work_versions(),
        }

    return fill
