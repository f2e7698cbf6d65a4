"""Remake the tables and figures of the recovery paper: ``python -m experiments.recovery [NAME ...]``; without, all.

Names: cascades, fig5, fig6, fig7, table1, searches, iterations, published, roles, readings, figures. Tables go to
experiments/recovery/tables; `figures` draws those that are there into --out. On one processor all of it takes about a
quarter of an hour. `--networks 2` is a short form of any of them; its tables go to the folder `tables` in --out, and
leave the full ones alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

from esc_sim.recovery.search import STRATEGIES, recover
from experiments.choice import parse_names
from experiments.recovery import draw, printed, study, tables
from experiments.recovery.cases import Case, fresh, reference, reference_removed_120, small
from experiments.recovery.study import Row

LONG = 2000  # evaluations on the reference instance
NETWORKS, EVALUATIONS = 20, 500  # of the full form
Made = dict[str, list[Row]]  # tables by name


def cases(networks: int) -> Iterator[Case]:
    """The reference instance, then the fresh networks."""
    yield reference()
    yield from (fresh(number) for number in range(networks))


def evaluations_of(case: Case, short: int) -> int:
    """More evaluations on the reference instance than on each of many networks."""
    return LONG if case.name == "reference" else short


def make_cascades(networks: int, short: int) -> Made:
    """Resilience without recovery against the number of removed nodes."""
    rows: list[Row] = []
    for case in cases(networks):
        for removed in (20, 50, 100, 120, 150):
            result = case.cascade.run(case.removed(removed))
            rows.append({"network": case.name, "removed": removed, "rn": result.rn, "strict_rn": result.strict_rn})
    return {"cascades": tables.spread(rows, ["removed"], ["rn", "strict_rn"])}


def make_fig5(networks: int, short: int) -> Made:
    """Convergence."""
    rows: list[Row] = []
    for case in cases(networks):
        seeds = range(5) if case.name == "reference" else range(1)
        rows += study.convergence(case, evaluations_of(case, short), seeds)
    return {"fig5": tables.spread(rows, ["removed", "budget", "strategy", "evaluations"])}


def make_fig6(networks: int, short: int) -> Made:
    """Resilience against the budget."""
    rows = list(study.budgets(small(), LONG))
    for case in cases(networks):
        rows += study.budgets(case, evaluations_of(case, short))
    return {"fig6": tables.spread(rows, ["removed", "budget"])}


def make_fig7(networks: int, short: int) -> Made:
    """Strategies against the number of removed nodes."""
    rows: list[Row] = []
    for case in cases(networks):
        rows += study.strategies(case, evaluations_of(case, short))
    means = tables.spread(rows, ["budget", "removed", "strategy"], ["rn", "out_of_seed"])
    return {"fig7": means, "fig7_ranks": _ranks(rows)}


def make_table1(networks: int, short: int) -> Made:
    """Which nodes the strategies restore at 120 removed nodes and a budget of 200."""
    rows: list[Row] = []
    for case in cases(networks):
        removed = reference_removed_120() if case.name == "reference" else case.removed(120)
        rows += study.composition(case.name, case, removed, evaluations_of(case, short))
    tiers = [f"{tier}{end}" for tier in ("supplier", "manufacturer", "wholesaler", "retailer") for end in ("", " %")]
    return {"table1": tables.spread(rows, ["strategy"], ["rn", "out_of_seed", "restored", *tiers])}


def make_searches(networks: int, short: int) -> Made:
    """Ten seeds of each search on the reference instance: 120 removed nodes, budget 200, 2,000 evaluations."""
    case, rows = reference(), []
    for strategy in study.SEARCHES:
        for seed in range(10):
            result = recover(case.cascade, reference_removed_120(), study.BUDGET, strategy, LONG, seed)
            at_500 = max(rn for done, rn in result.trace if done <= 500)
            row = {"network": case.name, "search_seed": seed, **study.summary(result), "rn_at_500": at_500}
            rows.append(row)
    return {"searches": tables.spread(rows, ["strategy"], ["rn", "rn_at_500", "out_of_seed"])}


def make_iterations(networks: int, short: int) -> Made:
    """Figure 5 on the paper's axis: the published searches by iterations, on the reference (three search seeds) and two
    fresh networks."""
    rows: list[Row] = []
    for case in cases(min(networks, 2)):
        rows += printed.iterations(case, range(3) if case.name == "reference" else range(1))
    searches = [name for name in printed.PUBLISHED if name != "ga"]
    ahead = [printed.ahead(rows, *of) for of in product(("reference", "fresh"), searches, printed.ITERATIONS)]
    return {"fig5_iterations": rows, "fig5_ahead": ahead}


def make_published(networks: int, short: int) -> Made:
    """Figure 7 with the paper's own memetic search against the best sorted strategy."""
    rows = [row for number in range(networks) for row in printed.against_sorted(fresh(number))]
    return {"fig7_published": printed.losses(rows)}


def make_roles(networks: int, short: int) -> Made:
    """Suppliers first against retailers first."""
    rows = [row for case in cases(networks) for row in printed.by_role(case)]
    return {"roles": tables.spread(rows, ["budget", "removed", "strategy"], ["rn", "out_of_seed"])}


def make_readings(networks: int, short: int) -> Made:
    """Resilience without recovery under other readings of new links and competition."""
    rows = [row for case in cases(networks) for row in printed.readings(case)]
    return {"readings": tables.spread(rows, ["reading", "removed"], ["rn", "links"])}


def _ranks(rows: list[Row]) -> list[Row]:
    """On how many networks each strategy is the best (ties count for all) and its mean rank, by removed nodes."""
    found: list[Row] = []
    for kind in ("reference", tables.FRESH):
        chosen = [row for row in rows if (row["network"] == "reference") == (kind == "reference")]
        for budget, removed in dict.fromkeys((row["budget"], row["removed"]) for row in chosen):
            here = [row for row in chosen if (row["budget"], row["removed"]) == (budget, removed)]
            groups: dict[str, dict[str, float]] = {}
            for row in here:
                groups.setdefault(row["network"], {})[row["strategy"]] = row["rn"]
            for strategy in STRATEGIES:
                ranks = [1 + sum(rn > group[strategy] for rn in group.values()) for group in groups.values()]
                found.append(
                    {
                        "network": kind,
                        "budget": budget,
                        "removed": removed,
                        "strategy": strategy,
                        "n": len(ranks),
                        "best": sum(rank == 1 for rank in ranks),
                        "mean_rank": round(sum(ranks) / len(ranks), 2),
                    }
                )
    return found


MAKERS: dict[str, Callable[[int, int], Made]] = {
    "cascades": make_cascades,
    "fig5": make_fig5,
    "fig6": make_fig6,
    "fig7": make_fig7,
    "table1": make_table1,
    "searches": make_searches,
    "iterations": make_iterations,
    "published": make_published,
    "roles": make_roles,
    "readings": make_readings,
}


def main() -> None:
    """Make the chosen tables, and the figures from them."""
    names = [*MAKERS, "figures"]
    parser = argparse.ArgumentParser(prog="python -m experiments.recovery", description=__doc__)
    parser.add_argument("--networks", type=int, default=NETWORKS, help=f"fresh networks; default {NETWORKS}")
    parser.add_argument("--evaluations", type=int, default=EVALUATIONS, help=f"on a fresh one; default {EVALUATIONS}")
    parser.add_argument("--out", type=Path, default=Path("out/recovery"), help="folder for figures")
    parser.add_argument("--tables", type=Path, help="folder of the tables; default as above")
    arguments = parse_names(parser, names)
    full = (arguments.networks, arguments.evaluations) == (NETWORKS, EVALUATIONS)
    folder = arguments.tables or (tables.TABLES if full else arguments.out / "tables")
    for name in arguments.names:
        begin = time.perf_counter()
        if name == "figures":
            draw.all_figures(folder, arguments.out)
        else:
            for table, rows in MAKERS[name](arguments.networks, arguments.evaluations).items():
                tables.write(folder, table, rows)
        print(f"{name}: {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
