"""Writing a design to a folder: plan, tables, figures, summary, manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from esc_sim.design.result import KIND, DesignResult
from esc_sim.results.manifest import manifest_head, versions
from esc_sim.scenario.schema import Scenario
from esc_sim.storage.files import write_json
from esc_sim.storage.place import Fill

DESIGN_FORMAT: Final = KIND.format_name
PLAN_FILE: Final = "plan.yaml"
_SOLVERS = ("highspy", "scikit-learn", "scipy")


def design_files(result: DesignResult, scenario: Scenario, command: str = "") -> Fill:
    """What writes a design into a folder.

    Args:
        result: tables, figures, plans and summary.
        scenario: what was designed.
        command: the command as it was typed, for the manifest.
    """
    from esc_sim.plans.files import write_plan

    def fill(folder: Path) -> Mapping[str, Any]:
        if result.plan is not None:
            write_plan(folder / PLAN_FILE, result.plan)
        for name, plan in result.further_plans.items():
            write_plan(folder / f"{name}.yaml", plan)
        write_json(folder / "summary.json", dict(result.summary))
        result.write_parts(folder)
        return _manifest(result, scenario, command)

    return fill


def _manifest(result: DesignResult, scenario: Scenario, command: str) -> Mapping[str, Any]:
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
    }
