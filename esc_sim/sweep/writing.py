"""Write a sweep to a folder: tables (CSV and Parquet), figures, manifest."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from esc_sim.findings.study import Kind
from esc_sim.results.manifest import manifest_head, work_versions
from esc_sim.results.parquet import write_tables
from esc_sim.storage.place import Fill

if TYPE_CHECKING:
    from esc_sim.sweep.sweep import Sweep

SWEEP_FORMAT: Final = "esc_sim sweep"
KIND: Final = Kind(
    SWEEP_FORMAT,
    "Sweep",
    {
        "sweep": ("point",),
        "indices": ("kpi", "parameter"),
        "morris": ("kpi", "parameter"),
        "pawn": ("kpi", "parameter"),
        "boxes": ("box", "parameter"),
        "trade_off": ("box", "step"),
        "tree": (),
    },
    {"tree": "leaf"},
)


def sweep_files(sweep: Sweep) -> Fill:
    """What writes a sweep into a folder."""
    import pyarrow as pa

    def fill(folder: Path) -> dict[str, Any]:
        sweep.write_parts(folder)
        write_tables(folder / "sweep.parquet", [pa.Table.from_pandas(sweep.table, preserve_index=False)])
        salib = {"SALib": version("SALib")} if sweep.design in ("indices", "morris") else {}
        return {
            **manifest_head(SWEEP_FORMAT, sweep.command, sweep.scenario),
            "title": sweep.scenario.title or sweep.scenario.name,
            "data": sweep.scenario.data.model_dump(),
            "units": sweep.scenario.units.model_dump(),
            "risk": sweep.scenario.risk.model_dump(include={"level", "pooling", "budget"}),
            "design": sweep.design,
            "parameters": [parameter.path for parameter in sweep.parameters],
            "varied": [vars(parameter) for parameter in sweep.parameters],
            "points": len(sweep.table),
            "replications": sweep.replications,
            "seed": sweep.seed,
            "plan": sweep.plan,
            **({} if sweep.discovery is None else {"discover": sweep.discovery.condition}),
            "notices": list(sweep.notices),
            "versions": work_versions() | salib,
        }

    return fill
