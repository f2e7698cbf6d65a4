"""Claims of the paper on its own axes and with its own search, and its readings of new links and competition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from esc_sim.cascade.cascade import Cascade
from esc_sim.recovery.search import recover
from esc_sim.recovery.settings import OWN, SearchSettings
from esc_sim.recovery.strategies import BY_ROLE, SORTED
from experiments.recovery.cases import Case
from experiments.recovery.study import CONVERGENCE, STRATEGY_REMOVALS, Row

ITERATIONS: Final = (1, 10, 20, 30, 60)
LONG, SHORT = 2000, 500
PUBLISHED: Final = {
    "ga": ("ga", OWN),
    "paper-memetic": ("paper-memetic", OWN),
    "paper-memetic, local search from the first": ("paper-memetic", SearchSettings(local_first=True)),
}
READINGS: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "all competitors": {"link_to": "all"},
    "all competitors, no cap": {"link_to": "all", "max_competitors": 1000},
    "best of all competitors, no cap": {"max_competitors": 1000},
    "competitors share two partners": {"min_shared": 2},
    "spare above the load itself": {"spare_above_initial": False},
    "new links only to strangers": {"link_partners": False},
    "spare granted once": {"spare_once": True},
    "undirected competition": {"undirected_competition": True},
    "undirected, all competitors": {"undirected_competition": True, "link_to": "all"},
    "all four": {"undirected_competition": True, "link_to": "all", "link_partners": False, "spare_once": True},
}
ROLE_PANELS: Final = ((50.0, 100), (200.0, 80), (200.0, 120), (200.0, 150))


def iterations(case: Case, seeds: range) -> Iterator[Row]:
    """Figure 5 by iterations: best resilience at the end of a generation, a generation of 30 sets and local steps."""
    for (removed, budget), seed in product(CONVERGENCE, seeds):
        for name, (strategy, settings) in PUBLISHED.items():
            most = ITERATIONS[-1] * 60
            found = recover(case.cascade, case.removed(removed), budget, strategy, most, seed, settings=settings)
            best = [rn for _, rn in found.iterations]
            for number in ITERATIONS:
                at = min(number, len(best)) - 1
                yield {
                    "network": case.name, "removed": removed, "budget": budget, "search_seed": seed, "strategy": name,
                    "iteration": number, "rn": best[at], "evaluations": found.iterations[at][0],
                }  # fmt: skip


def ahead(rows: list[Row], kind: str, name: str, iteration: int) -> Row:
    """On how many panels of a kind of network a search is ahead of the genetic algorithm, level, or behind."""
    by_panel: dict[tuple[object, ...], dict[str, float]] = {}
    for row in rows:
        if row["iteration"] == iteration and str(row["network"]).startswith(kind):
            panel = tuple(row[key] for key in ("network", "removed", "budget", "search_seed"))
            by_panel.setdefault(panel, {})[row["strategy"]] = row["rn"]
    difference = [found[name] - found["ga"] for found in by_panel.values()]
    return {
        "network": kind,
        "strategy": name,
        "iteration": iteration,
        "panels": len(difference),
        "ahead": sum(d > 0 for d in difference),
        "level": sum(d == 0 for d in difference),
        "behind": sum(d < 0 for d in difference),
    }


def against_sorted(case: Case) -> Iterator[Row]:
    """Figure 7 with the paper's own memetic search: its resilience and that of the best sorted strategy."""
    for budget, removals in STRATEGY_REMOVALS.items():
        for removed in removals:
            nodes = case.removed(removed)
            found = recover(case.cascade, nodes, budget, "paper-memetic", LONG)
            short = max(rn for done, rn in found.trace if done <= SHORT)
            best = max(recover(case.cascade, nodes, budget, name).rn for name in SORTED)
            yield {
                "network": case.name, "budget": budget, "removed": removed, "best_sorted": best,
                "rn_at_500": short, "rn_at_2000": found.rn,
            }  # fmt: skip


def losses(rows: list[Row]) -> list[Row]:
    """On how many networks the paper's search stays below the best sorted strategy, by panel."""
    panels = dict.fromkeys((row["budget"], row["removed"]) for row in rows)
    found = []
    for budget, removed in panels:
        here = [row for row in rows if (row["budget"], row["removed"]) == (budget, removed)]
        found.append(
            {
                "budget": budget,
                "removed": removed,
                "networks": len(here),
                "loses_at_500": sum(row["rn_at_500"] < row["best_sorted"] for row in here),
                "loses_at_2000": sum(row["rn_at_2000"] < row["best_sorted"] for row in here),
            }
        )
    return found


def by_role(case: Case) -> Iterator[Row]:
    """Suppliers first against retailers first."""
    for budget, removed in ROLE_PANELS:
        for strategy in BY_ROLE:
            found = recover(case.cascade, case.removed(removed), budget, strategy)
            yield {
                "network": case.name, "budget": budget, "removed": removed, "strategy": strategy, "rn": found.rn,
                "out_of_seed": found.expected,
            }  # fmt: skip


def readings(case: Case) -> Iterator[Row]:
    """Resilience without recovery under each reading of new links and competition."""
    for name, changes in READINGS.items():
        cascade = Cascade(case.cascade.network, replace(case.cascade.settings, **changes), case.cascade.loads)
        for removed in (50, 100, 150):
            result = cascade.run(case.removed(removed))
            yield {
                "network": case.name, "reading": name, "removed": removed, "rn": result.rn, "links": result.new_links,
            }  # fmt: skip
