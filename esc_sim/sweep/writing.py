"""Write a sweep to a folder: table (CSV and Parquet), indices, figures, manifest."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esc_sim.results.folder import MANIFEST, check_target, new_folder, write_json
from esc_sim.results.manifest import manifest_head
from esc_sim.results.unfinished import work_versions

if TYPE_CHECKING:
    from esc_sim.sweep.sweep import Sweep

SWEEP_FORMAT: Final = "esc_sim sweep"


def check_sweep_target(out: Path, *, force: bool) -> None:
    """Refuse a folder that a sweep must not be written to; see :func:`esc_sim.results.folder.check_target`."""
    check_target(out, kind=SWEEP_FORMAT, force=force)


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
    from esc_sim.sweep.drawing import sweep_figures
    from esc_sim.views.style import save

    with new_folder(out, kind=SWEEP_FORMAT, force=force) as folder:
        sweep.table.to_csv(folder / "sweep.csv", index=False, lineterminator="\n")
        sweep.table.to_parquet(folder / "sweep.parquet", index=False)
        if sweep.indices is not None:
            sweep.indices.to_csv(folder / "indices.csv", index=False, lineterminator="\n")
        for name, figure in sweep_figures(sweep, kpis).items():
            save(figure, folder / f"{name}.png")
        salib = {"SALib": version("SALib")} if sweep.indices is not None else {}
        files = sorted(entry.name for entry in folder.iterdir())
        write_json(
            folder / MANIFEST,
            {
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
                "files": files,
            },
        )
