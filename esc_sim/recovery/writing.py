"""The result folder of `recover`: table, plan, nodes, convergence, figures, manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from esc_sim.cascade.cascade import CascadeResult
from esc_sim.network.model import network_of
from esc_sim.plans.files import write_plan
from esc_sim.recovery.run import RecoveryRun
from esc_sim.recovery.table import strategy_rows
from esc_sim.results.manifest import manifest_head, versions
from esc_sim.storage.files import write_json
from esc_sim.storage.place import Fill, claimed
from esc_sim.storage.tables import write_rows

RECOVER_FORMAT: Final = "esc_sim recover"
PLAN: Final = "plan.yaml"
MOST_DRAWN: Final = 20_000
"""Nodes up to which maps are drawn."""


def write_recovery(run: RecoveryRun, folder: Path, *, force: bool = False) -> None:
    """Write what was found; the folder appears only when everything in it is written.

    Args:
        run: what was found.
        folder: where it goes.
        force: replace an earlier result there.

    Raises:
        InputError: the folder must not be written to.
    """
    with claimed(folder, kind=RECOVER_FORMAT, force=force) as place:
        place.save(recovery_files(run))


def recovery_files(run: RecoveryRun) -> Fill:
    """What writes what was found into a folder."""
    best = run.chosen
    seed = best.cascade_seeds[0]
    after = run.cascade.run(best.removed, best.restored, seed, history=True)
    without = run.cascade.run(best.removed, (), seed, history=True)

    def fill(folder: Path) -> dict[str, Any]:
        write_rows(folder / "strategies.csv", strategy_rows(run))
        write_rows(folder / "convergence.csv", list(_convergence(run)))
        write_rows(folder / "nodes.csv", list(_nodes(run, after, without)))
        write_plan(folder / PLAN, run.plan)
        write_json(folder / "summary.json", _summary(run, after, without))
        _draw(run, after, without, folder)
        return _manifest(run)

    return fill


def _summary(run: RecoveryRun, after: CascadeResult, without: CascadeResult) -> dict[str, Any]:
    best, network, scenario = run.chosen, run.cascade.network, run.scenario
    return {
        "scenario": scenario.name,
        "title": scenario.title or scenario.name,
        "data": scenario.data.model_dump(),
        "nodes": network.n,
        "failed": len(best.removed),
        "failed_by": run.removed_by,
        "failed_load": float(run.cascade.loads[best.removed].sum()),
        "budget": best.budget,
        "chosen": best.strategy,
        "rn": best.rn,
        "rn_without_recovery": next(result.rn for result in run.results if result.strategy == "none"),
        "restored": [network.id_of(int(node)) for node in best.restored],
        "cascade": {
            "rounds": after.rounds,
            "rounds_without_recovery": without.rounds,
            "failed_in_it": int((after.failed_round > 0).sum()),
            "failed_in_it_without_recovery": int((without.failed_round > 0).sum()),
        },
        "strategies": strategy_rows(run),
    }


def _manifest(run: RecoveryRun) -> dict[str, Any]:
    best = run.chosen
    settings = run.cascade.settings
    return {
        **manifest_head(RECOVER_FORMAT, run.command, run.scenario),
        "structure_hash": network_of(run.scenario).structure_hash,
        "plan_hash": run.plan.content_hash,
        "budget": best.budget,
        "strategy": best.strategy,
        "evaluations": run.evaluations,
        "seed": best.seed,
        "cascade_seeds": list(best.cascade_seeds),
        "cascade": {name: getattr(settings, name) for name in settings.__dataclass_fields__},
        "removed": [run.cascade.network.id_of(int(node)) for node in best.removed],
        "removed_by": run.removed_by,
        "interrupted": run.interrupted,
        "notices": run.notices,
        "versions": versions(),
    }


def _convergence(run: RecoveryRun) -> Iterable[dict[str, Any]]:
    """Where each search got better."""
    for result in run.results:
        best = -np.inf
        for evaluations, rn in result.trace:
            if rn > best:
                best = rn
                yield {"strategy": result.strategy, "evaluations": evaluations, "rn": rn}


def _nodes(run: RecoveryRun, after: CascadeResult, without: CascadeResult) -> Iterable[dict[str, Any]]:
    network, best = run.cascade.network, run.chosen
    removed, restored = set(best.removed.tolist()), set(best.restored.tolist())
    for k in range(network.n):
        yield {
            "node": network.id_of(k),
            "role": network.role_names[network.role[k]],
            "degree": int(network.degree[k]),
            "load": float(run.cascade.loads[k]),
            "removed": k in removed,
            "restored": k in restored,
            "failed_in_round": _round(after, k),
            "failed_in_round_without_recovery": _round(without, k),
            "affected": bool(after.affected[k]),
        }


def _round(result: CascadeResult, node: int) -> int | str:
    """Round of failure, 0 for a removed node, empty for one that never failed."""
    number = int(result.failed_round[node])
    return number if number >= 0 else ""


def _draw(run: RecoveryRun, after: CascadeResult, without: CascadeResult, folder: Path) -> None:
    from esc_sim.recovery import drawing as views
    from esc_sim.views.style import save

    network, best = run.cascade.network, run.chosen
    footer = f"{run.scenario.title or run.scenario.name}; data: {run.scenario.data.status}"
    save(views.strategy_bars(run.results, footer), folder / "strategies.png")
    searches = [result for result in run.results if result.evaluations > 1]
    if searches:
        save(views.convergence(searches, footer), folder / "convergence.png")
    if network.n <= MOST_DRAWN:
        restored = best.restored.tolist()
        save(views.recovery_map(network, after, restored, footer), folder / "map.png")
        save(views.recovery_map(network, without, (), footer), folder / "map_without_recovery.png")
        save(views.cascade_rounds(network, after, restored, footer), folder / "rounds.png")
        save(views.cascade_rounds(network, without, (), footer), folder / "rounds_without_recovery.png")
