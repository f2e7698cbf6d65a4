"""The manifest of a run: where its numbers come from, and how to get them again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import esc_sim
from esc_sim.negotiations.registry import USUAL
from esc_sim.results.asked import asked_of
from esc_sim.results.run import RUN_FORMAT, EnginePart, RunResult
from esc_sim.scenario.fields import SECTIONS
from esc_sim.scenario.run import FoundWarmUp

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

FORMAT_VERSION: Final = 2
"""Version of the folders of every kind."""
_OF_OUTAGES: Final = {"outage_chance", "time_to_recover"}
_OF_OPTIONS: Final = {"option", "yearly_cost", *_OF_OUTAGES}
"""Keys of nodes, and of arcs, that no run depends on."""
NO_RUN_DEPENDS_ON: Final[Mapping[str, Any]] = MappingProxyType(
    {
        **dict.fromkeys(("optimize", "design", "appraisal", *SECTIONS), True),
        "nodes": {"__all__": _OF_OUTAGES},
        "arcs": {"__all__": _OF_OPTIONS},
        "run": {"seed", "replications"},
    }
)
"""What of a scenario stands in no hash; seed and replications are said by themselves."""
_LATER: Final[dict[str, Any]] = {
    "negotiation": USUAL, "sourcing": "cheapest", "mode": None, "lane": None, "modes": [], "lanes": [],
    "distances": None, "latitude": None, "longitude": None, "end": None, "demand_spread": {},
    "load": None, "undirected_competition": False, "link_to": "best", "link_partners": True, "spare_once": False,
    "competitors": [], "waste": False, "rolling_plans": [],
}  # fmt: skip
"""Keys that came later, with their defaults: scenarios that do not use them keep their hash."""
_VERSIONED = ("numpy", "mesa", "simpy", "numba")


def scenario_hash(scenario: Scenario) -> str:
    """Hash of a scenario's content: blake2b-128 of its canonical JSON (sorted keys, no spaces, defaults filled in).

    Seed and number of replications are left out: they stand in the manifest by themselves. So are the sections
    ``optimize``, ``design`` and ``appraisal``, chances and lengths of outages and what options cost, which no run
    depends on, and the switches: what they leave is what counts.
    """
    content = _without_later(scenario.model_dump(mode="json", by_alias=True, exclude=dict(NO_RUN_DEPENDS_ON)))
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _without_later(value: Any) -> Any:
    """Plain values without the keys of ``_LATER`` that say what holds by default."""
    if isinstance(value, list):
        return [_without_later(part) for part in value]
    if not isinstance(value, dict):
        return value
    kept = (key for key, part in value.items() if key not in _LATER or part != _LATER[key])
    return {key: _without_later(value[key]) for key in kept}


def versions() -> dict[str, str]:
    """Versions of Python, esc_sim and the libraries that a run's numbers may depend on."""
    found = {"python": platform.python_version(), "esc_sim": esc_sim.__version__}
    for name in _VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def work_versions() -> dict[str, str]:
    """Versions of all that the numbers of searches and sweeps may depend on."""
    return {**versions(), **{name: version(name) for name in ("pymoo", "scipy")}}


def manifest_start(kind: str, command: str) -> dict[str, Any]:
    """How every manifest begins: what the folder holds, when it was made, by which command."""
    return {
        "format": kind,
        "format_version": FORMAT_VERSION,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
    }


def manifest_head(kind: str, command: str, scenario: Scenario) -> dict[str, Any]:
    """How the manifest of work on one scenario begins: with what was asked, and how switches stand where there are any.

    Args:
        kind: kind of the result folder.
        command: how the work was started.
        scenario: the scenario.
    """
    switches = {"variant": scenario.variant, "switches": dict(scenario.switches)} if scenario.switches else {}
    return {
        **manifest_start(kind, command),
        "scenario": scenario.name,
        "scenario_hash": scenario_hash(scenario),
        **switches,
        **({"warm_up_found": int(scenario.run.warm_up)} if isinstance(scenario.run.warm_up, FoundWarmUp) else {}),
        "asked": asked_of(scenario),
    }


def measures_entry(scenario: Scenario) -> dict[str, Any]:
    """What a manifest says of measures of the user's own; nothing where there are none."""
    return {"measures": {m.name: m.definition for m in scenario.measures.values()}} if scenario.measures else {}


def build_manifest(result: RunResult) -> dict[str, Any]:
    """Content of manifest.json: where the numbers come from, and how to get them again."""
    return {
        **manifest_head(RUN_FORMAT, result.command, result.scenario),
        "structure_hash": result.network.structure_hash,
        "plan": result.plan,
        "plan_hash": result.plan_hash,
        "engine": result.engine,
        "engines": [asdict(part) for part in result.engines],
        "seed": result.seed,
        "replications": result.replications,
        "replications_asked": result.scenario.run.replications,
        "stratified": result.batch > 1,
        **result.code,
        **measures_entry(result.scenario),
        "periods": result.period_count,
        "run": result.label,
        "has_twin": result.twin is not None,
        "notices": list(result.notices),
        "versions": versions(),
    }


def engines_of(manifest: Mapping[str, Any]) -> tuple[EnginePart, ...]:
    """Which engine played which replications; empty where a manifest does not say so."""
    try:
        return tuple(EnginePart(str(p["engine"]), int(p["first"]), int(p["stop"])) for p in manifest["engines"])
    except (KeyError, TypeError, ValueError):
        return ()
