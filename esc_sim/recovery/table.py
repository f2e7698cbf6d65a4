"""The table of strategies that `recover` prints and writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from esc_sim.counted import enumerated
from esc_sim.recovery.beta_range import BETA_FROM, BetaRange
from esc_sim.recovery.run import RecoveryRun
from esc_sim.recovery.search import RecoveryResult
from esc_sim.recovery.strategies import strategy_label
from esc_sim.results.printing import data_line, print_tables

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_NAMED: Final = 60
"""Restored nodes that are named on the screen; the plan has them all."""


def strategy_rows(run: RecoveryRun) -> list[dict[str, Any]]:
    """One row a strategy, the best first: plain values, for table and CSV."""
    network = run.cascade.network
    roles = [network.role_names[code] for code in network.roles_in_flow]
    return [_row(result, roles) for result in run.results]


def _row(result: RecoveryResult, roles: list[str]) -> dict[str, Any]:
    outside = result.out_of_seed
    return {
        "strategy": result.strategy,
        "rn": result.rn,
        "strict_rn": result.strict_rn,
        "out_of_seed_mean": float(outside.mean()),
        "out_of_seed_min": int(outside.min()),
        "out_of_seed_max": int(outside.max()),
        "load_used": result.load_used,
        "restored": len(result.restored),
        **{f"restored_{role}": result.by_role[role][0] for role in roles},
        "evaluations": result.evaluations,
        "interrupted": result.interrupted,
    }


def strategy_table(run: RecoveryRun) -> Table:
    """The table for the terminal; roles as restored/failed."""
    from rich import box
    from rich.table import Table

    network = run.cascade.network
    roles = [network.role_names[code] for code in network.roles_in_flow if _failed(run, network.role_names[code])]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("strategy")
    for name in (
        f"{run.beta_range.measure} (range)",
        "own seed",
        "strict",
        "load used",
        "restored",
        *(f"{r}s" for r in roles),
        "cascades",
    ):
        table.add_column(name, justify="right")
    for result in run.results:
        outside = result.out_of_seed
        table.add_row(
            result.strategy + (" (interrupted)" if result.interrupted else ""),
            f"{result.expected:.1f} ({outside.min()}-{outside.max()})",
            f"{result.rn:g}",
            f"{result.strict_rn:g}",
            f"{result.load_used:.4g}",
            f"{len(result.restored)}/{len(result.removed)}",
            *(f"{result.by_role[role][0]}/{result.by_role[role][1]}" for role in roles),
            f"{result.evaluations:,}",
        )
    return table


def beta_table(found: BetaRange) -> Table:
    """RN over beta for the terminal: every second step, so that the chosen one is among them."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("beta")
    shown = [("without recovery", found.without), *([] if found.nothing else [("restored", found.restored)])]
    for name, _ in shown:
        table.add_column(f"{found.measure} {name}", justify="right")
    for k, beta in enumerate(found.betas.tolist()):
        if (k - found.place) % 2 == 0:
            cells = (f"{v[k].mean():.1f} ({v[k].min()}-{v[k].max()})" for _, v in shown)
            table.add_row(f"{beta:g}" + (" (chosen)" if k == found.place else ""), *cells)
    return table


def named(names: Sequence[str]) -> str:
    """Names in a sentence, the first MOST_NAMED of them."""
    return enumerated(names, MOST_NAMED) or "no node"


def summary_lines(run: RecoveryRun) -> list[str]:
    """What stands under the table."""
    network, best = run.cascade.network, run.chosen
    failed = f"{len(best.removed)} of {network.n} nodes failed, {run.removed_by}"
    load = run.cascade.loads[best.removed].sum()
    seeds = best.cascade_seeds
    on = f"cascade seed {seeds[0]}" if len(seeds) == 1 else f"the mean of cascade seeds {seeds[0]} to {seeds[-1]}"
    beta = run.beta_range
    searched = any(result.evaluations > 1 for result in run.results)
    if searched:
        origin = f"Searched on {on}; seed {best.seed}"
        own = "RN and strict RN on what the search saw, to which a set is fitted"
    else:
        origin, own = "Nothing was searched", f"RN and strict RN on {on}"
    return [
        f"Restored by {strategy_label(best.strategy)}: {named(run.names_of(best.restored))}.",
        *(
            [f"Of these, failed again in the cascade of seed {seeds[0]}: {named(run.names_of(run.failed_again))}."]
            if run.failed_again
            else []
        ),
        f"{failed}; their load is {load:.4g}, the budget {run.budget_words}. {origin}.",
        f"RN: nodes of the largest functional sub-network, mean and range over {len(best.out_of_seed)} cascade seeds "
        f"that no search has seen. Own seed, strict: {own}.",
        f"Beta {beta.beta:g}: {BETA_FROM[run.beta_from]}. {beta.measure} over beta: mean and range over cascade seeds "
        f"{beta.seeds[0]} to {beta.seeds[-1]}; {beta.kept()}.",
        data_line(run.scenario.data.status, run.scenario.data.note),
    ]


def print_strategies(run: RecoveryRun, console: Console) -> None:
    """Print the table, and what it holds for."""
    lines = [*summary_lines(run), *(f"note: {notice}" for notice in run.notices)]
    print_tables([strategy_table(run), beta_table(run.beta_range)], lines, console)


def _failed(run: RecoveryRun, role: str) -> int:
    return run.chosen.by_role[role][1]
