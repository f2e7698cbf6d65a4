"""Report of a calibration: estimates, moments observed beside simulated, what could not be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.findings.drawings import kept_shown
from esc_sim.results.reading import json_of
from esc_sim.scenario.path_words import path_words
from esc_sim.views.report.common import csv_rows, done, notices, picture, provenance
from esc_sim.views.report.parts import Grid, Report, Section
from esc_sim.written import number

_CAPTIONS: Final = {
    "profiles.png": "How much worse the moments agree when a parameter is held at a value and all others are estimated "
    "anew; below the dotted line lie the values that the observations allow.",
    "moments.png": "Observed less simulated moments at the estimate, in standard errors of the difference.",
}


def calibration_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim calibrate --out` wrote."""
    summary, table = json_of(folder / "summary.json"), kept_shown(folder).table
    estimates = Grid(
        [str(name) for name in table],
        [list(map(str, cells)) for cells in table.itertuples(index=False)],
        note="Estimate \u00b1 half width of the 95 % confidence interval, and the values that its profile allows.",
    )
    sections = [
        Section("Estimates", [estimates]),
        Section(
            "Figures", [picture(folder / name, text) for name, text in _CAPTIONS.items() if (folder / name).is_file()]
        ),
        Section("Moments", [_moments(folder / "moments.csv")]),
        done(
            manifest,
            {
                "scenario": manifest.get("scenario"),
                "estimated": [path_words(str(path)) for path in manifest["parameters"]],
                "length": f"{counted(manifest['points'], 'point')}, {summary['replications']['used']:,} replications",
                "seed": manifest.get("seed"),
            },
        ),
        provenance(manifest),
    ]
    title, data = str(manifest.get("title") or manifest.get("scenario")), manifest.get("data") or {}
    status, note = str(data.get("status") or ""), str(data.get("note") or "")
    question = f"Which values of {counted(len(manifest['parameters']), 'parameter')} explain what was observed?"
    return Report(title, "Calibration", status, note, sections, notices(manifest), question, _answer(summary))


def _answer(summary: dict[str, Any]) -> str:
    known = [one for one in summary["estimates"] if one["identified"]]
    said = [
        f"{one['words']} {number(one['value'])} ({number(one['ci_low'])} to {number(one['ci_high'])})" for one in known
    ]
    said += [f"{one['words']} cannot be told" for one in summary["estimates"] if not one["identified"]]
    p = summary["fit"]["p_value"]
    fit = "" if p is None else f" The test of fit has p = {p:.2g}."
    return f"{'; '.join(said)}.{fit}"


def _moments(path: Path) -> Grid:
    with csv_rows(path) as found:
        next(found, None)
        rows = [[name, *(number(float(cell)) if cell else "-" for cell in cells)] for name, *cells in found]
    return Grid(["moment", "observed", "simulated", "standard error", "errors apart"], rows)
