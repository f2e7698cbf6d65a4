"""The result folder of `recover`: table, plan, nodes, convergence, figures, manifest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from esc_sim.cascade.cascade import CascadeResult
from esc_sim.findings.drawings import Drawing
from esc_sim.findings.plots import Figures, worth_drawing
from esc_sim.findings.study import Cells
from esc_sim.network.model import network_of
from esc_sim.plans.files import write_plan
from esc_sim.recovery.beta_range import BETA_FROM
from esc_sim.recovery.run import KIND, RecoveryRun
from esc_sim.recovery.search import RecoveryResult
from esc_sim.recovery.strategies import strategy_label, strategy_words
from esc_sim.recovery.table import strategy_rows
from esc_sim.results.manifest import manifest_head, versions
from esc_sim.storage.files import write_json
from esc_sim.storage.place import Fill

RECOVER_FORMAT: Final = KIND.format_name
PLAN: Final = "plan.yaml"
MOST_DRAWN: Final = 20_000
"""Nodes up to which maps are drawn."""


def recovery_files(run: RecoveryRun) -> Fill:
    """What writes what was found into a folder."""

    def fill(folder: Path) -> dict[str, Any]:
        run.write_parts(folder)
        write_plan(folder / PLAN, run.plan)
        write_json(folder / "summary.json", _summary(run, run.after, run.without))
        return _manifest(run)

    return fill


def recovery_tables(run: RecoveryRun) -> dict[str, Cells]:
    """What stands in the CSV files of the folder."""
    return {
        "strategies": Cells.of_rows(strategy_rows(run)),
        "convergence": Cells.of_rows(list(_convergence(run))),
        "nodes": Cells.of_rows(list(_nodes(run, run.after, run.without))),
        "beta": Cells.of_rows(run.beta_range.rows()),
    }


def recovery_figures(run: RecoveryRun) -> Figures:
    """The figures by name; those that would be empty, or the same as another, are left out."""
    network, restored = run.cascade.network, run.chosen.restored.tolist()
    names = [node.name or node.id for node in run.scenario.nodes]
    footer = f"{run.scenario.title or run.scenario.name}; data: {run.scenario.data.status}"
    seed, bare = (_on_seed(run, result, footer) for result in (run.chosen, run.nothing))
    searches = [result for result in run.results if result.evaluations > 1]
    found: dict[str, tuple[str, tuple[Any, ...]]] = {
        "strategies": ("strategy_bars", (list(run.results), footer)),
        "beta": ("rn_over_beta", (run.beta_range, run.chosen.strategy, footer)),
        "convergence": ("convergence", (searches, footer)),
        "map": ("recovery_map", (network, run.after, restored, seed, names)),
        "map_without_recovery": ("recovery_map", (network, run.without, [], bare, names)),
        "rounds": ("cascade_rounds", (network, run.after, restored, seed)),
        "rounds_without_recovery": ("cascade_rounds", (network, run.without, [], bare)),
    }
    drawings = {
        name: Drawing(f"esc_sim.recovery.drawing:{function}", given) for name, (function, given) in found.items()
    }
    return worth_drawing(drawings, _left_out(run, searches))


def _on_seed(run: RecoveryRun, result: RecoveryResult, footer: str) -> str:
    """The footer of a picture of one cascade: that it is the search's own, and what to expect on others."""
    outside, seeds = result.out_of_seed, run.chosen.cascade_seeds
    return (
        f"Cascade seed {seeds[0]}, the search's own; on {len(outside)} seeds that no search has seen the mean "
        f"{run.beta_range.measure} is {result.expected:.1f} ({outside.min()} to {outside.max()}); {footer}"
    )


def _left_out(run: RecoveryRun, searches: Sequence[RecoveryResult]) -> dict[str, str]:
    """Why a figure shows nothing: of convergence, maps and rounds."""
    why: dict[str, str] = {}
    if not any(len({best for _, best in result.trace}) > 1 for result in searches):
        why["convergence"] = "no search got better than with the first set that it tried"
    if run.cascade.network.n > MOST_DRAWN:
        large = f"the network has more than {MOST_DRAWN:,} nodes"
        return why | dict.fromkeys(("map", "map_without_recovery", "rounds", "rounds_without_recovery"), large)
    for name, result in (("rounds", run.after), ("rounds_without_recovery", run.without)):
        if not result.rounds:
            why[name] = "no failure spreads, so there are no rounds"
    if not len(run.chosen.restored):
        why |= {f"{name}_without_recovery": f"no node is restored, so it is the same as '{name}'"
                for name in ("map", "rounds")}  # fmt: skip
    return why


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
        "budget_words": run.budget_words,
        "chosen": best.strategy,
        "chosen_words": strategy_words(best.strategy),
        "rn_on_other_seeds": best.expected,
        "rn": best.rn,
        "rn_without_recovery": run.nothing.rn,
        "restored": [network.id_of(int(node)) for node in best.restored],
        "restored_names": run.names_of(best.restored),
        "beta": {
            "value": run.beta_range.beta,
            "from": run.beta_from,
            "words": BETA_FROM[run.beta_from],
            "warning": run.beta_range.warning(),
            "seeds": list(run.beta_range.seeds),
            "measure": run.beta_range.measure,
            "kept": run.beta_range.kept(),
            "range": run.beta_range.rows(),
        },
        "cascade": {
            "rounds": after.rounds,
            "rounds_without_recovery": without.rounds,
            "failed_in_it": int((after.failed_round > 0).sum()),
            "failed_in_it_without_recovery": int((without.failed_round > 0).sum()),
            "seed": best.cascade_seeds[0],
            "restored_failed_again": run.names_of(run.failed_again),
        },
        "strategies": [
            {**row, "words": strategy_label(result.strategy)}
            for row, result in zip(strategy_rows(run), run.results, strict=True)
        ],
        "by_disruption": run.by_disruption,
        "plan_can_be_run": any(disruption.cascade for disruption in run.scenario.disruptions),
    }


def _manifest(run: RecoveryRun) -> dict[str, Any]:
    best = run.chosen
    settings = run.cascade.settings
    return {
        **manifest_head(RECOVER_FORMAT, run.command, run.scenario),
        "structure_hash": network_of(run.scenario).structure_hash,
        "plan_hash": run.plan.content_hash,
        "budget": best.budget,
        "by_count": best.by_count,
        "strategy": best.strategy,
        "evaluations": run.evaluations,
        "seed": best.seed,
        "cascade_seeds": list(best.cascade_seeds),
        "cascade": {name: getattr(settings, name) for name in settings.__dataclass_fields__},
        "beta_from": run.beta_from,
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
            "name": run.scenario.nodes[k].name,
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
