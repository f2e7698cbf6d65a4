"""The runs behind the paper's figures 5 to 7 and table 1, on one network; rows of plain values for tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from esc_sim.network.scale_free import TIERS
from esc_sim.recovery.search import STRATEGIES, RecoveryResult, recover
from experiments.recovery.cases import SMALL, Case

Row = dict[str, Any]
SEARCHES = ("memetic", "paper-memetic", "ga")
CHECKPOINTS = (30, 60, 100, 200, 300, 500, 750, 1000, 1500, 2000)  # evaluations at which convergence is noted

# figure 5: removed nodes and budgets of its panels; figures 6 and 7: their axes
CONVERGENCE = ((20, 50.0), (50, 50.0), (100, 50.0), (50, 100.0), (50, 150.0))
BUDGETS = (0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0)
REMOVALS = (50, 100, 150)
SMALL_BUDGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
SMALL_REMOVALS = (4, 7, 10)
BUDGET = 200.0
SMALL_BUDGET = 50.0  # at 200 every one of 20 removed nodes is restored
STRATEGY_REMOVALS = {SMALL_BUDGET: (20, 50, 100), BUDGET: (50, 80, 100, 120, 150)}


def convergence(case: Case, evaluations: int, seeds: range) -> Iterator[Row]:
    """Figure 5: best resilience against evaluations, for each search and several of its seeds."""
    for removed, budget in CONVERGENCE:
        for strategy in SEARCHES:
            for seed in seeds:
                result = recover(case.cascade, case.removed(removed), budget, strategy, evaluations, seed)
                for at in (at for at in CHECKPOINTS if at <= evaluations):
                    best = max((rn for done, rn in result.trace if done <= at), default=0.0)
                    yield {
                        "network": case.name, "removed": removed, "budget": budget, "strategy": strategy,
                        "search_seed": seed, "evaluations": at, "rn": best,
                    }  # fmt: skip


def budgets(case: Case, evaluations: int) -> Iterator[Row]:
    """Figure 6: resilience against the budget; a larger budget may use what a smaller one found."""
    small = case.name == SMALL
    for removed in SMALL_REMOVALS if small else REMOVALS:
        best = 0.0
        for budget in SMALL_BUDGETS if small else BUDGETS:
            best = max(best, recover(case.cascade, case.removed(removed), budget, "memetic", evaluations).rn)
            yield {"network": case.name, "removed": removed, "budget": budget, "rn": best}


def strategies(case: Case, evaluations: int) -> Iterator[Row]:
    """Figure 7: resilience of every strategy against the number of removed nodes."""
    for budget, removals in STRATEGY_REMOVALS.items():
        for removed in removals:
            for strategy in STRATEGIES:
                result = recover(case.cascade, case.removed(removed), budget, strategy, evaluations)
                yield {"network": case.name, "removed": removed, "budget": budget, **summary(result)}


def composition(name: str, case: Case, removed: Any, evaluations: int) -> Iterator[Row]:
    """Table 1: which nodes each strategy restores."""
    for strategy in STRATEGIES:
        result = recover(case.cascade, removed, BUDGET, strategy, evaluations)
        yield {"network": name, "removed": len(removed), "budget": BUDGET, **summary(result), **by_tier(result)}


def summary(result: RecoveryResult) -> Row:
    """What a strategy achieves."""
    return {
        "strategy": result.strategy,
        "rn": result.rn,
        "strict_rn": result.strict_rn,
        "out_of_seed": float(result.out_of_seed.mean()),
        "restored": len(result.restored),
        "load_used": round(result.load_used, 3),
    }


def by_tier(result: RecoveryResult) -> Row:
    """Restored nodes by tier, and their share of the removed ones in per cent."""
    row: Row = {}
    for tier in TIERS:
        restored, removed = result.by_role.get(tier, (0, 0))
        row[tier] = restored
        row[f"{tier} %"] = round(100.0 * restored / removed, 1) if removed else 0.0
    return row
