"""Tables, figures and files of a calibration."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from esc_sim.calibration.estimate import NORMAL_95
from esc_sim.calibration.study import CALIBRATION_FORMAT, Calibration
from esc_sim.counted import counted
from esc_sim.findings.drawings import Drawing
from esc_sim.findings.plots import Figures, worth_drawing
from esc_sim.findings.study import Cells
from esc_sim.results.manifest import manifest_head, work_versions
from esc_sim.scenario.variant_files import variants_text
from esc_sim.storage.files import write_json, write_text
from esc_sim.storage.place import Fill
from esc_sim.written import format_interval, number

if TYPE_CHECKING:
    from rich.console import Console

CHANGES: Final = "calibrated.yaml"
"""File of variants with one, the calibrated scenario."""
NAME: Final = "calibrated"


def calibration_tables(found: Calibration) -> Mapping[str, Cells]:
    """What stands in the CSV files, by name."""
    estimate, paths = found.found.estimate, [one.path for one in found.free]
    correlations = pd.DataFrame(estimate.correlation, columns=paths)
    correlations.insert(0, "parameter", paths)
    directions = pd.DataFrame(estimate.directions, columns=paths)
    directions.insert(0, "half_width", NORMAL_95 * estimate.spreads)
    directions.insert(0, "direction", range(1, len(paths) + 1))
    directions["open"] = estimate.open_directions
    tables = {
        "estimates": found.estimates,
        "moments": found.compared,
        "correlations": correlations,
        "directions": directions,
        "profiles": found.profiles,
        "points": found.points,
    }
    return {name: Cells.of(table) for name, table in tables.items()}


def shown(found: Calibration) -> pd.DataFrame:
    """A row for each parameter, in words."""
    rows = []
    for row in found.estimates.to_dict("records"):
        if row["identified"]:
            entry = {"mean": row["value"], "ci_low": row["ci_low"], "ci_high": row["ci_high"], "unit": ""}
            value = format_interval(entry)
        else:
            value = "not identified"
        span = f"{number(row['low'])} to {number(row['high'])}"
        rows.append({"parameter": row["words"], "estimate": value, "by its profile": _span(row), "looked at": span})
    return pd.DataFrame(rows)


def _span(row: Mapping[Any, Any]) -> str:
    low, high = row["profile_low"], row["profile_high"]
    if math.isnan(low) and math.isnan(high):
        return "anything"
    if math.isnan(low):
        return f"at most {number(high)}"
    return f"at least {number(low)}" if math.isnan(high) else f"{number(low)} to {number(high)}"


def fit_line(found: Calibration) -> str:
    """How well the moments agree, in a sentence."""
    estimate = found.found.estimate
    if estimate.p_value is None:
        return "as many moments as parameters: whether the scenario fits cannot be tested"
    words = f"J = {number(estimate.statistic)} with {counted(estimate.degrees, 'degree')} of freedom"
    far = f", farthest moment {number(estimate.farthest, digits=2)} errors off" if estimate.tested else ""
    return f"{words}{far}, p = {estimate.p_value:.2g}"


def calibration_figures(found: Calibration) -> Figures:
    """Figures by name: profiles, moments."""
    title, footer = found.scenario.title or found.scenario.name, _footer(found)
    columns = ["parameter", "value", "distance"]
    drawings = {
        "profiles": Drawing("esc_sim.calibration.drawing:profile_figure",
                            (title, found.estimates, found.profiles[columns], footer)),
        "moments": Drawing("esc_sim.calibration.drawing:moment_figure", (title, found.compared, footer)),
    }  # fmt: skip
    return worth_drawing(drawings, {})


def _footer(found: Calibration) -> str:
    from esc_sim.views.palette import data_status

    parts = [
        fit_line(found),
        f"{counted(len(found.points), 'point')}, {found.used:,} replications, seed {found.seed}",
        data_status(found.scenario.data.status),
    ]
    return textwrap.fill("  |  ".join(part for part in parts if part), 118)


def summary_of(found: Calibration) -> dict[str, Any]:
    """Content of summary.json."""
    estimate = found.found.estimate
    return {
        "scenario": found.scenario.name,
        "title": found.scenario.title or found.scenario.name,
        "estimates": [_plain(row) for row in found.estimates.to_dict("records")],
        "fit": {
            "statistic": estimate.statistic,
            "degrees": estimate.degrees,
            "farthest": estimate.farthest,
            "tested": estimate.tested,
            "p_value": estimate.p_value,
        },
        "moments": len(found.moments),
        "replications": {"of_a_point": found.replications, "budget": found.budget, "used": found.used},
        "settled": found.found.settled,
        "seed": found.seed,
        "notices": list(found.notices),
    }


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as JSON has it: None for what is not known."""
    return {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}


def calibration_files(found: Calibration) -> Fill:
    """What writes a calibration into a folder."""

    def fill(folder: Path) -> dict[str, Any]:
        found.write_parts(folder)
        write_json(folder / "summary.json", summary_of(found))
        write_text(folder / CHANGES, variants_text({NAME: found.overrides}))
        return {
            **manifest_head(CALIBRATION_FORMAT, found.command, found.scenario),
            "title": found.scenario.title or found.scenario.name,
            "data": found.scenario.data.model_dump(),
            "units": found.scenario.units.model_dump(),
            "parameters": [one.path for one in found.free],
            "points": len(found.points),
            "replications": found.replications,
            "seed": found.seed,
            "notices": list(found.notices),
            "versions": work_versions(),
        }

    return fill


def print_calibration(found: Calibration, console: Console) -> None:
    """Print estimates, moments, and how well they agree."""
    from rich import box
    from rich.table import Table

    from esc_sim.results.printing import print_tables

    title = f"{found.scenario.title or found.scenario.name}: {counted(len(found.moments), 'moment')}"
    numbers = ("observed", "simulated", "standard_error", "errors_apart")
    beside = found.compared.assign(**{name: found.compared[name].map(number) for name in numbers})
    heads = {"name": "moment", **{name: name.replace("_", " ") for name in numbers}}
    tables = []
    for words, frame in (
        (title, shown(found)),
        ("Moments", beside.set_axis([heads.get(str(name), str(name)) for name in beside], axis=1)),
    ):
        table = Table(title=words, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for name in frame:
            table.add_column(str(name), justify="left" if name in ("parameter", "moment") else "right")
        for cells in frame.itertuples(index=False):
            table.add_row(*map(str, cells))
        tables.append(table)
    spent = f"{counted(len(found.points), 'point')}, {found.used:,} replications"
    print_tables(tables, [fit_line(found), spent], console)
