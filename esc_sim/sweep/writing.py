"""Write a sweep to a folder: table (CSV and Parquet), indices, figures, manifest."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from esc_sim.results.manifest import manifest_head, work_versions
from esc_sim.results.parquet import write_tables
from esc_sim.storage.place import Fill, claimed
from esc_sim.storage.tables import write_frame

if TYPE_CHECKING:
    from esc_sim.sweep.sweep import Sweep

SWEEP_FORMAT: Final = "esc_sim sweep"


def write_sweep(sweep: Sweep, out: Path, kpis: Sequence[str], *, force: bool = False) -> None:
    """Write a sweep; the folder appears only when everything in it is written.

    Args:
        sweep: the sweep.
        out: where to.
        kpis: key figures that are drawn.
        force: replace an earlier sweep.

    Raises:
        InputError: the folder must not be written to.
    """
    with claimed(out, kind=SWEEP_FORMAT, force=force) as place:
        place.save(sweep_files(sweep, kpis))


def sweep_files(sweep: Sweep, kpis: Sequence[str]) -> Fill:
    """What writes a sweep into a folder, with figures of these key figures."""
    import pyarrow as pa

    from esc_sim.sweep.drawing import sweep_figures
    from esc_sim.views.style import save

    def fill(folder: Path) -> dict[str, Any]:
        write_frame(folder / "sweep.csv", sweep.table)
        write_tables(folder / "sweep.parquet", [pa.Table.from_pandas(sweep.table, preserve_index=False)])
        if sweep.indices is not None:
            write_frame(folder / "indices.csv", sweep.indices)
        for name, figure in sweep_figures(sweep, kpis).items():
            save(figure, folder / f"{name}.png")
        salib = {"SALib": version("SALib")} if sweep.indices is not None else {}
        return {
            **manifest_head(SWEEP_FORMAT, sweep.command, sweep.scenario),
            "title": sweep.scenario.title or sweep.scenario.name,
            "data": sweep.scenario.data.model_dump(),
            "design": sweep.design,
            "parameters": [parameter.path for parameter in sweep.parameters],
            "points": len(sweep.table),
            "replications": sweep.replications,
            "seed": sweep.seed,
            "plan": sweep.plan,
            "notices": list(sweep.notices),
            "versions": work_versions() | salib,
        }

    return fill
