"""Reverse stress test: the smallest set of sites whose joint outage takes a key figure beyond a limit.

Sets are tried whole, in the order of their weight: an impact need not grow with the set (two sites that are out may
hurt less than one, whose buyers went on paying), so that leaving out supersets, or subsets, would prove nothing.
Larger sets than can be tried one by one are searched for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from math import comb
from typing import Any, Final

import numpy as np

from esc_sim.scenario.more_disruptions import patch_of
from esc_sim.stress.outage_search import Known, OutageProblem, search_outage
from esc_sim.stress.parts import Parts
from esc_sim.stress.trial import Trial, is_of_nodes, outage_of
from esc_sim.stress.weights import weights_of
from esc_sim.written import number

MOST_SITES: Final = 3
"""Sites of the largest sets that are all tried."""
MOST_SETS: Final = 25_000
"""Sets that are tried one by one at most; but for sets of one site, sizes with more of them are left to the search."""
EVALUATIONS: Final = 1000
"""Sets that the search for larger ones may try."""

Found = tuple[tuple[int, ...], float, int]
"""Nodes, the key figure while they are out, the start date at which it is furthest beyond."""


@dataclass(frozen=True)
class Breaking:
    """What a reverse test has found.

    Attributes:
        limit: as it was given.
        undisturbed: the key figure without an outage, mean over replications.
        sites: names of the set that breaks the limit; none where no set that was tried does.
        weight: summed weight of the set.
        start: start date at which it is furthest beyond.
        value: the key figure then.
        change: a change for ``run --set`` that replays it, or "".
        tried: sets of up to ``most`` sites that were tried, one by one, each at all start dates.
        searched: other sets that the search tried.
        most: sites of the largest sets that are tried one by one.
        proved: whether no other set is lighter: all lighter ones were tried, or larger sets must weigh more. Where no
            set breaks the limit: whether all sites were in the largest set.
        terms: what an outage is, and which statistic counts.
    """

    limit: str
    undisturbed: float
    sites: tuple[str, ...]
    weight: float
    start: int
    value: float
    change: str
    tried: int
    searched: int
    most: int
    proved: bool
    terms: Mapping[str, Any]

    def __str__(self) -> str:
        if not self.sites:
            rest = "; larger ones were not"
            if self.searched:
                rest = f", and {self.searched:,} larger ones by a search; not proved"
            sites = "1 site" if self.most == 1 else f"{self.most} sites"
            subject = "outage found" if self.searched else f"outage of up to {sites}"
            tried = f"all {self.tried:,} sets" + (f" of up to {sites}" if self.searched else "")
            return f"{self.limit}: no {subject} gets there ({tried} tried{'' if self.proved else rest})"
        sites, how = " + ".join(self.sites), "proved" if self.proved else "not proved"
        more = f", {self.searched:,} more by a search" if self.searched else ""
        return (
            f"{self.limit}: broken by {sites}, out from period {self.start} on: {number(self.value, digits=6)} "
            f"({number(self.undisturbed, digits=6)} without; {self.tried:,} sets tried{more}; {how})"
        )


def least_outage(
    trial: Trial,
    sites: Sequence[int],
    *,
    weights: Mapping[str, float] | None = None,
    most: int = MOST_SITES,
    evaluations: int = 0,
    seed: int = 1,
    parts: Parts | None = None,
) -> Breaking:
    """The lightest set of sites that breaks the limit; among those of one weight, the one that is furthest beyond.

    Args:
        trial: how sets are tried.
        sites: nodes that may be out.
        weights: of nodes by name, such as -log of the chance of an outage; by default 1.
        most: sites of the largest sets of which all are tried.
        evaluations: other sets that the search may try, where no lightest set is proved; 0: none. Where these are
            enough for all sets of a larger size, all of them are tried.
        seed: of the search.
        parts: does the work; None: on all processors.

    Raises:
        InputError: the limit is broken without any outage, or a weight is no number above 0.
    """
    weight_of = weights_of(trial.network, sites, weights)
    undisturbed = trial.undisturbed()
    parts = parts or Parts()
    most = most_sites(len(weight_of), most, evaluations)
    known: Known = {}
    found = _lightest(trial, weight_of, most, parts, known)
    tried = len(known)
    # A set of more sites weighs at least as much as the lightest ones together.
    larger = sum(sorted(weight_of.values())[: most + 1]) if most < len(weight_of) else float("inf")
    if evaluations and most < len(weight_of) and (found is None or _sum(weight_of, found[0]) > larger):
        known[()] = undisturbed, trial.starts[0]
        problem = OutageProblem(trial, weight_of, known, evaluations, parts)
        found = _searched(problem, found, seed, larger)
    searched = len([nodes for nodes in known if nodes]) - tried
    if found is None:
        none = (str(trial.limit), undisturbed, (), 0.0, trial.starts[0], undisturbed, "")
        return Breaking(*none, tried, searched, most, most >= len(weight_of), trial.terms())
    nodes, value, start = found
    names, weight = trial.network.node_ids, _sum(weight_of, nodes)
    return Breaking(
        limit=str(trial.limit),
        undisturbed=undisturbed,
        sites=tuple(names[i] for i in nodes),
        weight=weight,
        start=start,
        value=value,
        change=patch_of(trial.scenario, trial.entry(nodes, start)),
        tried=tried,
        searched=searched,
        most=most,
        proved=weight <= larger,
        terms=trial.terms(),
    )


def _sum(weight_of: Mapping[int, float], nodes: Sequence[int]) -> float:
    return sum(weight_of[i] for i in nodes)


def most_sites(sites: int, most: int, evaluations: int) -> int:
    """Sites of the largest sets of which all are tried: of one more as long as there are not too many sets.

    Args:
        sites: that may be out.
        most: sites of the largest sets for which ``MOST_SETS`` are not too many.
        evaluations: sets that the search could try instead, which larger sets must not exceed.
    """
    count, found = sites, 1
    while found < sites:
        more = count + comb(sites, found + 1)
        if more > (MOST_SETS if found < most else evaluations):
            break
        count, found = more, found + 1
    return found


def _lightest(trial: Trial, weight_of: Mapping[int, float], most: int, parts: Parts, known: Known) -> Found | None:
    """The lightest set that breaks the limit, of those of up to so many sites.

    Args:
        trial: how sets are tried.
        weight_of: weights of the nodes that may be out.
        most: sites of the largest sets.
        parts: does the work.
        known: is told what each set that was tried gave.
    """
    sets = [nodes for size in range(1, most + 1) for nodes in combinations(weight_of, size)]
    total = {nodes: _sum(weight_of, nodes) for nodes in sets}
    sets.sort(key=lambda nodes: total[nodes])
    for _, group in groupby(sets, key=lambda nodes: total[nodes]):
        alike = list(group)
        known.update(zip(alike, map(outage_of, parts.solve(alike, trial.play, is_of_nodes)), strict=True))
        breaking = [(nodes, *known[nodes]) for nodes in alike if trial.limit.is_broken_by(known[nodes][0])]
        if breaking:
            return max(breaking, key=lambda one: trial.limit.beyond(one[1]))
    return None


def _searched(problem: OutageProblem, found: Found | None, seed: int, enough: float) -> Found | None:
    """The lightest set known after the search.

    Args:
        problem: has no lightest set yet.
        found: the lightest set known before, or None.
        seed: of the search.
        enough: weight that no set can be lighter than.
    """
    if found is not None:
        problem.lightest = np.isin(problem.sites, found[0])
    search_outage(problem, seed, enough)
    if problem.lightest is None:
        return None
    nodes = problem.nodes(problem.lightest)
    return (nodes, *problem.results[nodes])
