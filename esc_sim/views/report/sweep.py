"""Report of a sweep: what was varied, the points with their key figures, the effects, Sobol indices."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.measures.measure import Place
from esc_sim.measures.registry import MEASURES, highlighted
from esc_sim.measures.terms import SHARE
from esc_sim.views.report.common import asked, csv_grid, csv_rows, notices, picture, provenance
from esc_sim.views.report.parts import Grid, Report, Section
from esc_sim.written import format_interval, number

_CAPTIONS: Final = {
    "effects.png": "Key figures against each parameter; 95 % intervals over replications.",
    "map.png": "Key figures over the two parameters of the grid.",
    "indices.png": "Sobol indices: the share of the variance that each parameter explains, with 95 % intervals.",
}
_MOST_ROWS: Final = 60


def sweep_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim sweep --out` wrote."""
    parameters = [str(name) for name in manifest["parameters"]]
    sections = [
        asked(
            manifest,
            {
                "scenario": manifest.get("scenario"),
                "plan": manifest.get("plan"),
                "varied": parameters,
                "design": f"{manifest['design']}, {counted(manifest['points'], 'point')}",
                "length": f"{counted(manifest['replications'], 'replication')} a point, "
                "the same random numbers at all points",
                "seed": manifest.get("seed"),
            },
        ),
        Section("Figures", [picture(path, _caption(path)) for path in sorted(folder.glob("*.png"))]),
        Section("Points", [_points(folder / "sweep.csv", parameters)]),
    ]
    indices = folder / "indices.csv"
    if indices.is_file():
        sections.append(Section("Sobol indices", [csv_grid(indices)]))
    sections.append(provenance(manifest))
    title, data = str(manifest.get("title") or manifest.get("scenario")), manifest.get("data") or {}
    status, note = str(data.get("status") or ""), str(data.get("note") or "")
    return Report(title, "Sweep", status, note, sections, notices(manifest))


def _caption(path: Path) -> str:
    return _CAPTIONS.get(path.name, path.stem.replace("_", " ").capitalize())


def _points(path: Path, parameters: list[str]) -> Grid:
    """The points with the main key figures; the file has the others."""
    with csv_rows(path) as found:
        header = next(found, [])
        rows = [dict(zip(header, cells, strict=False)) for cells in found]
    kpis = [name for name in highlighted(Place.REPORT) if rows and rows[0].get(f"{name}.mean")]
    cells = [[row["point"], *(_read(row[name]) for name in parameters), *(_mean(row, kpi) for kpi in kpis)]
             for row in rows[:_MOST_ROWS]]  # fmt: skip
    cut = f"; the first {_MOST_ROWS} of {len(rows)} points" if len(rows) > _MOST_ROWS else ""
    note = f"Mean \u00b1 half width of the 95 % confidence interval. All key figures are in {path.name}{cut}."
    return Grid(["point", *_short(parameters), *(kpi.replace("_", " ") for kpi in kpis)], cells, note=note)


def _mean(row: dict[str, str], kpi: str) -> str:
    cells = {key: row.get(f"{kpi}.{key}") for key in ("mean", "ci_low", "ci_high")}
    numbers = {key: float(cell) if cell else None for key, cell in cells.items()}
    return format_interval(numbers | {"unit": SHARE if MEASURES[kpi].is_share else ""})


def _short(names: list[str]) -> list[str]:
    """Last words of the parameters' paths, where these tell them apart."""
    last = [name.rsplit(".", 1)[-1] for name in names]
    return last if len(set(last)) == len(last) else names


def _read(cell: str) -> str:
    try:
        return number(float(cell))
    except ValueError:
        return {"True": "yes", "False": "no"}.get(cell, cell)
