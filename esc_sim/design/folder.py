"""Writing a design to a folder: plan, tables, figures, summary, manifest."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from esc_sim.design.result import DesignResult, OutTable
from esc_sim.results.folder import MANIFEST, new_folder, write_json
from esc_sim.results.manifest import manifest_head, versions
from esc_sim.scenario.schema import Scenario

DESIGN_FORMAT: Final = "esc_sim design"
PLAN_FILE: Final = "plan.yaml"
_SOLVERS = ("highspy", "scikit-learn", "scipy")


def write_design(
    result: DesignResult, scenario: Scenario, folder: Path, *, force: bool = False, command: str = ""
) -> None:
    """Write a design; the folder appears only when everything in it is written.

    Args:
        result: the design.
        scenario: what it was made for.
        folder: where to; must not exist, be empty, or, with ``force``, hold an earlier design.
        force: replace an earlier design.
        command: how it was started, for the manifest.

    Raises:
        InputError: the folder must not be written to.
    """
    from esc_sim.plans.files import write_plan
    from esc_sim.views.style import save

    with new_folder(folder, kind=DESIGN_FORMAT, force=force) as temporary:
        if result.plan is not None:
            write_plan(temporary / PLAN_FILE, result.plan)
        for name, plan in result.further_plans.items():
            write_plan(temporary / f"{name}.yaml", plan)
        write_json(temporary / "summary.json", dict(result.summary))
        for name, table in result.tables.items():
            _write_csv(temporary / f"{name}.csv", table)
        for name, draw in result.figures.items():
            save(draw(), temporary / f"{name}.png")
        files = sorted(entry.name for entry in temporary.iterdir())
        write_json(temporary / MANIFEST, _manifest(result, scenario, command, files))


def _manifest(result: DesignResult, scenario: Scenario, command: str, files: list[str]) -> Mapping[str, Any]:
    return {
        **manifest_head(DESIGN_FORMAT, command, scenario),
        "kind": result.kind,
        "title": scenario.title or scenario.name,
        "units": scenario.units.model_dump(),
        "structure_hash": result.plan.structure_hash if result.plan is not None else None,
        "plan": result.plan.name if result.plan is not None else None,
        "plan_hash": result.plan.content_hash if result.plan is not None else None,
        "settings": dict(result.settings),
        "inputs": {path.name: hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in result.inputs},
        "versions": versions() | {name: version(name) for name in _SOLVERS},
        "notices": list(scenario.notices),
        "files": files,
    }


def _write_csv(path: Path, table: OutTable) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.header)
        writer.writerows(table.rows)
