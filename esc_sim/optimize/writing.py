"""Write a front to a folder: table, figure, the compromise as a plan, summary, manifest, the search's last state."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from esc_sim.optimize.front import KIND, Front
from esc_sim.optimize.held_out import known, limits_of
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


def front_files(front: Front, checkpoint: Path | None = None) -> Fill:
    """What writes a front into a folder, with the search's state where there is one."""

    def fill(folder: Path) -> dict[str, Any]:
        front.write_parts(folder)
        if front.compromise is not None:
            write_plan(folder / plan_file(front), front.compromise)
        write_json(folder / "summary.json", front_summary(front))
        if checkpoint is not None:
            copy_folder(checkpoint, folder / CHECKPOINT)
        return _manifest(front)

    return fill


def plan_file(front: Front) -> str:
    """Name of the file of the plan to take."""
    return "plan.yaml" if front.has_one else "compromise.yaml"


def front_table(front: Front) -> pd.DataFrame:
    """One row a design: objectives in training, all measures held out, what stands out, decisions."""
    columns: dict[str, Any] = {f"{name}.training": front.training[:, k] for k, name in enumerate(front.objectives)}
    columns |= {f"{name}.held_out": front.held_out[:, k] for k, name in enumerate(front.measures)}
    for k, name in enumerate(front.measures):
        if not np.isnan(front.low[:, k]).all():
            columns |= {f"{name}.ci_low": front.low[:, k], f"{name}.ci_high": front.high[:, k]}
    columns["keeps_constraints"] = front.kept
    if limits_of(front.scenario, front.measures):
        columns["limits"] = [_verdict(front, row) for row in range(len(front.designs))]
    if not front.has_one:
        columns["non_dominated"] = front.non_dominated
    columns[front.choice] = [row == front.chosen for row in range(len(front.designs))]
    columns |= {name: front.space.shown(k, front.designs[:, k]) for k, name in enumerate(front.space.names)}
    return pd.DataFrame(columns)


def _verdict(front: Front, row: int) -> str:
    """What intervals say of all limits together: "kept" where each is kept, "broken" where one is, else "open"."""
    found = {entry["verdict"] for entry in front.limits_kept(row)}
    return "broken" if "broken" in found else "open" if "open" in found else "kept"


def progress_table(front: Front) -> pd.DataFrame:
    """One row a generation: replications spent, hypervolume and best objectives, on the draws of the search."""
    names = ["hypervolume", *(f"best_{name}" for name in front.objectives)]
    table = pd.DataFrame(front.history, columns=names)
    if front.has_one:
        del table["hypervolume"]
        table = table.join(pd.DataFrame(front.leaders, columns=list(front.space.names)))
    table.insert(0, "generation", np.arange(1, len(table) + 1))
    table.insert(1, "replications", front.spent)
    return table


def front_summary(front: Front) -> dict[str, Any]:
    """Content of summary.json: base plan and the plan to take on the held-out draws, the changes, the bounds.

    Without such a plan, because no design keeps all constraints, it and its changes are None, and the design that comes
    nearest is there instead.
    """
    row, base, choice = front.chosen, front.base_held_out, front.choice
    shown = front.nearest if row is None else row

    def named(values: np.ndarray) -> dict[str, float]:
        return dict(zip(front.measures, map(float, values), strict=True))

    held_out: dict[str, Any] = {"base": named(base), choice: None, "change": None}
    relative: dict[str, float | None] = dict.fromkeys(front.measures)
    if row is None:
        held_out["nearest"] = named(front.held_out[front.nearest])
    else:
        taken = front.held_out[row]
        held_out |= {choice: named(taken), "change": named(taken - base)}
        pairs = zip(front.measures, taken, base, strict=True)
        relative = {name: float(c / b - 1.0) if b else None for name, c, b in pairs}

    return {
        "scenario": front.scenario.name,
        "title": front.scenario.title or front.scenario.name,
        "data": front.scenario.data.model_dump(),
        "measures": {name: label_of(name, front.scenario) for name in front.measures},
        "held_out": held_out,
        "relative_change": relative,
        "best": _best(front),
        "constraints": front.limits_kept(shown),
        "bounds": bounds_text(front),
        **_quality(front, shown),
        "designs": len(front.designs),
        "keeps_constraints": int(front.kept.sum()),
        "non_dominated": int(front.non_dominated.sum()),
        "replications": int(front.spent[-1]),
        "simulated_periods": simulated_periods(front),
    }


def _quality(front: Front, row: int) -> dict[str, Any]:
    """How good what was found is: the hypervolume of a front; the gain of a plan, and the interval of its objective."""
    if front.has_one:
        ends = {"ci_low": known(float(front.low[row, 0])), "ci_high": known(float(front.high[row, 0]))}
        chosen = {} if front.selection is None else {"selection": front.selection.entry()}
        return {"gain": front.verdict.entry(), "interval": ends, **chosen}
    point = dict(zip(front.objectives, map(float, front.reference), strict=True))
    return {"reference_point": point, "hypervolume": front.verdict.entry()}


def _best(front: Front) -> dict[str, dict[str, float | None]]:
    """Value of the plan to take; of several objectives the best of each, of designs that keep all limits held out."""
    kept = np.arange(len(front.designs)) == front.chosen if front.has_one else front.kept
    if not kept.any():
        return {}
    found: dict[str, dict[str, float | None]] = {}
    for k, (name, maximize) in enumerate(zip(front.objectives, front.maximize, strict=True)):
        values, base = front.held_out[kept, k], float(front.base_held_out[k])
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
    """Review periods that the search simulated; the held-out draws apart."""
    return int(front.spent[-1]) * front.scenario.run.periods


def front_points(front: Front) -> Any:
    """The front as its figure draws it."""
    from esc_sim.optimize.drawing import FrontPoints

    scenario, settings = front.scenario, front.settings
    footer = (
        f"{settings.algorithm}, {settings.population} designs, {len(front.history)} generations, "
        f"{settings.replications} replications, seed {settings.seed}; held out: {settings.held_out} replications"
    )
    return FrontPoints(
        labels=[label_of(name, scenario) for name in front.objectives],
        maximize=front.maximize,
        training=front.training,
        held_out=front.judged,
        kept=front.kept,
        compromise=front.chosen,
        base=front.base_held_out[: len(front.objectives)],
        title=scenario.title or scenario.name,
        footer=_footer(front, footer),
    )


def best_course(front: Front) -> Any:
    """The course of a search with one objective, as its figure draws it."""
    from esc_sim.optimize.drawing_course import Course

    scenario, settings = front.scenario, front.settings
    row = front.nearest if front.chosen is None else front.chosen
    footer = (
        f"{settings.algorithm}, {front.spent[-1]:,} replications, seed {settings.seed}; "
        f"held out: {settings.held_out} replications"
    )
    return Course(
        label=label_of(front.objectives[0], scenario),
        maximize=front.maximize[0],
        spent=front.spent,
        best=front.history[:, 1],
        held_out=float(front.held_out[row, 0]),
        low=float(front.low[row, 0]),
        high=float(front.high[row, 0]),
        base=float(front.base_held_out[0]),
        there_is_one=front.chosen is not None,
        title=scenario.title or scenario.name,
        footer=_footer(front, footer),
    )


def _footer(front: Front, first: str) -> str:
    from esc_sim.views.style import data_status

    scenario = front.scenario
    bounds = f"bounds: {bounds_text(front)}"
    knowledge = known_after_words(scenario)
    status = textwrap.fill(data_status(scenario.data.status, scenario.data.note), 118)
    return "\n".join(part for part in (first, bounds, knowledge, status) if part)


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
