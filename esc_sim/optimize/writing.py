"""Write a front to a folder: table, figure, the compromise as a plan, summary, manifest, the search's last state."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from esc_sim.optimize.front import KIND, Front
from esc_sim.optimize.measures import label_of
from esc_sim.plans.files import write_plan
from esc_sim.results.knowledge import known_after_words
from esc_sim.results.manifest import manifest_head, measures_entry, work_versions
from esc_sim.scenario.path_words import path_words
from esc_sim.storage.files import copy_folder, write_json
from esc_sim.storage.names import CHECKPOINT
from esc_sim.storage.place import Fill

if TYPE_CHECKING:
    from esc_sim.scenario.optimization import Variable

FRONT_FORMAT: Final = KIND.format_name
PLAN: Final = "compromise.yaml"


def front_files(front: Front, checkpoint: Path | None = None) -> Fill:
    """What writes a front into a folder, with the search's state where there is one."""

    def fill(folder: Path) -> dict[str, Any]:
        front.write_parts(folder)
        if front.compromise is not None:
            write_plan(folder / PLAN, front.compromise)
        write_json(folder / "summary.json", front_summary(front))
        if checkpoint is not None:
            copy_folder(checkpoint, folder / CHECKPOINT)
        return _manifest(front)

    return fill


def front_table(front: Front) -> pd.DataFrame:
    """One row a design: objectives in training, all measures held out, what stands out, decisions."""
    columns: dict[str, Any] = {f"{name}.training": front.training[:, k] for k, name in enumerate(front.objectives)}
    columns |= {f"{name}.held_out": front.held_out[:, k] for k, name in enumerate(front.measures)}
    columns["keeps_constraints"] = front.kept
    columns["non_dominated"] = front.non_dominated
    columns["compromise"] = [row == front.chosen for row in range(len(front.designs))]
    columns |= {name: front.space.shown(k, front.designs[:, k]) for k, name in enumerate(front.space.names)}
    return pd.DataFrame(columns)


def progress_table(front: Front) -> pd.DataFrame:
    """One row a generation: hypervolume and best objectives, on the draws of the search."""
    names = ["hypervolume", *(f"best_{name}" for name in front.objectives)]
    table = pd.DataFrame(front.history, columns=names)
    table.insert(0, "generation", np.arange(1, len(table) + 1))
    return table


def front_summary(front: Front) -> dict[str, Any]:
    """Content of summary.json: base plan and compromise on the held-out draws, the changes, the bounds.

    Without a compromise, because no design keeps all constraints, it and its changes are None, and the design that
    comes nearest is there instead.
    """
    row, base = front.chosen, front.base_held_out

    def named(values: np.ndarray) -> dict[str, float]:
        return dict(zip(front.measures, map(float, values), strict=True))

    held_out: dict[str, Any] = {"base": named(base), "compromise": None, "change": None}
    relative: dict[str, float | None] = dict.fromkeys(front.measures)
    if row is None:
        held_out["nearest"] = named(front.held_out[front.nearest])
    else:
        compromise = front.held_out[row]
        held_out |= {"compromise": named(compromise), "change": named(compromise - base)}
        pairs = zip(front.measures, compromise, base, strict=True)
        relative = {name: float(c / b - 1.0) if b else None for name, c, b in pairs}

    return {
        "scenario": front.scenario.name,
        "title": front.scenario.title or front.scenario.name,
        "data": front.scenario.data.model_dump(),
        "measures": {name: label_of(name, front.scenario) for name in front.measures},
        "held_out": held_out,
        "relative_change": relative,
        "best": _best(front),
        "bounds": bounds_text(front),
        "reference_point": dict(zip(front.objectives, map(float, front.reference), strict=True)),
        "hypervolume": front.verdict.entry(),
        "designs": len(front.designs),
        "keeps_constraints": int(front.kept.sum()),
        "non_dominated": int(front.non_dominated.sum()),
        "simulated_periods": simulated_periods(front),
    }


def _best(front: Front) -> dict[str, dict[str, float | None]]:
    """Best value of each objective on the held-out draws, among the designs that keep all constraints."""
    if not front.kept.any():
        return {}
    found: dict[str, dict[str, float | None]] = {}
    for k, (name, maximize) in enumerate(zip(front.objectives, front.maximize, strict=True)):
        values, base = front.held_out[front.kept, k], float(front.base_held_out[k])
        best = float(values.max() if maximize else values.min())
        found[name] = {"value": best, "relative_change": best / base - 1.0 if base else None}
    return found


def bounds_text(front: Front) -> str:
    """The bounds within which plans were sought: no reduction means anything without them."""
    section = front.scenario.optimize
    assert section is not None
    start, parts = front.space.changed, []
    whose_values = "the scenario's" if start is None else "the plan's"
    for variable in section.variables:
        what = _what(variable)
        whole = "whole numbers " if variable.whole else ""
        if variable.relative is not None:
            low, high = (f"{100 * bound:+g} %" for bound in variable.relative)
            parts.append(f"{what} {whole}{low} to {high} of {whose_values} values")
        elif variable.absolute is not None:
            share = "" if variable.group is None else f", as shares of {variable.group}"
            parts.append(f"{what} {whole}{variable.absolute[0]:g} to {variable.absolute[1]:g}{share}")
        else:
            *most, last = variable.labels
            parts.append(f"{what} {', '.join(most)} or {last}")
    return "; ".join(parts)


def _what(variable: Variable) -> str:
    if variable.path is not None:
        return path_words(variable.path)
    whose = "some" if variable.nodes or variable.arcs or variable.product else "all"
    if variable.kind == "price":
        return f"{whose} prices"
    if variable.kind == "stock":
        return f"{whose} {variable.parameter.replace('_', ' ')}s"
    return f"{whose} mean orders" if variable.parameter == "mean" else f"{whose} orders' {variable.parameter}"


def simulated_periods(front: Front) -> int:
    """Review periods that the generations simulated; the screening of a warm start and the held-out draws apart."""
    settings = front.settings
    return settings.population * len(front.history) * settings.replications * front.scenario.run.periods


def front_points(front: Front) -> Any:
    """The front as its figure draws it."""
    from esc_sim.optimize.drawing import FrontPoints
    from esc_sim.views.style import data_status

    scenario, settings = front.scenario, front.settings
    footer = (
        f"{settings.algorithm}, {settings.population} designs, {len(front.history)} generations, "
        f"{settings.replications} replications, seed {settings.seed}; held out: {settings.held_out} replications"
    )
    bounds = f"bounds: {bounds_text(front)}"
    knowledge = known_after_words(scenario)
    status = textwrap.fill(data_status(scenario.data.status, scenario.data.note), 118)
    return FrontPoints(
        labels=[label_of(name, scenario) for name in front.objectives],
        maximize=front.maximize,
        training=front.training,
        held_out=front.judged,
        kept=front.kept,
        compromise=front.chosen,
        base=front.base_held_out[: len(front.objectives)],
        title=scenario.title or scenario.name,
        footer="\n".join(part for part in (footer, bounds, knowledge, status) if part),
    )


def _manifest(front: Front) -> dict[str, Any]:
    settings, start = front.settings, front.space.changed
    section = front.scenario.optimize
    assert section is not None
    return {
        **manifest_head(FRONT_FORMAT, front.command, front.scenario),
        "structure_hash": front.network.structure_hash,
        **({} if start is None else {"plan": start.name, "plan_hash": start.content_hash}),
        "optimize": section.model_dump(mode="json", warnings=False),
        **measures_entry(front.scenario),
        "maximize": dict(zip(front.objectives, front.maximize, strict=True)),
        **asdict(settings),
        "held_out_seed": settings.held_out_seed,
        "generations_finished": len(front.history),
        "periods": front.scenario.run.periods,
        "notices": list(front.notices),
        "versions": work_versions(),
    }
