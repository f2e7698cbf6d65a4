"""The lightest set of sites beyond what is tried one by one: sets that are known, and what is said of the proof."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.limits import limit_of
from esc_sim.stress.outage_search import Known, OutageProblem, search_outage
from esc_sim.stress.parts import Parts
from esc_sim.stress.reverse import Breaking, least_outage, most_sites
from esc_sim.stress.trial import Trial
from tests.helpers.networks import scenario_of

ALL = ("ship", "receive", "produce", "retail", "order")
DEPOTS = ["depot_0", "depot_1", "depot_2", "depot_3"]


def parallel(decoys: int = 4) -> Scenario:
    """A shop with four depots, each of which can carry all of its demand, and small shops that make what they sell."""
    own: dict[str, Any] = {"initial_stock": 1000, "target_stock": 1000, "production": {"mean": 1000}}
    small = [{"id": f"small_{k}", "demand": {"mean": 1, "price": 5}, **own} for k in range(decoys)]
    shop = {"id": "shop", "demand": {"mean": 20, "price": 5}, "order": {"mean": 20}, "initial_stock": 0}
    return scenario_of(
        {
            "nodes": [*small, *({"id": name, **own} for name in DEPOTS), shop],
            "arcs": [{"buyer": "shop", "supplier": name, "price": 1, "lead_time": 1} for name in DEPOTS],
            "run": {"periods": 16, "replications": 1, "seed": 1, "warm_up": 4},
        }
    )


PARALLEL = parallel()
SITES = range(8)
"""All but the shop."""


def trial(text: str, engine: str = "compiled") -> Trial:
    options = {"replications": 1, "seed": 1, "engine": engine}
    return Trial(PARALLEL, instance_of(PARALLEL).network, limit_of(text), (6,), 6.0, 0.0, ALL, options)


def least(text: str, **options: Any) -> Breaking:
    return least_outage(trial(text), SITES, **options)


def test_the_search_finds_the_one_set_of_four_that_breaks_the_limit() -> None:
    """The small shops, and the first of the depots, hurt alone; the others only all together."""
    tried = trial("fill_rate<0.7")
    for nodes in ((0, 1, 2, 3), (0, 5, 6, 7), (4, 5, 6)):
        assert not tried.limit.is_broken_by(tried.worst_outage(nodes)[0])
    found = least("fill_rate<0.7", most=1, evaluations=90)
    assert set(found.sites) == set(DEPOTS)
    assert (found.weight, found.tried, found.proved) == (4.0, 8 + 28, False)  # pairs are fewer than 90 sets
    assert 0 < found.searched <= 90
    assert str(found).endswith(f"(1 without; 36 sets tried, {found.searched} more by a search; not proved)")
    assert found.value == tried.worst_outage((4, 5, 6, 7))[0] < 0.7
    assert found == least("fill_rate<0.7", most=1, evaluations=90, parts=Parts(3))
    assert trial("fill_rate<0.7", "agents").worst_outage((4, 5, 6, 7)) == (found.value, found.start)


def test_a_set_of_one_site_more_than_all_that_were_tried_is_proved() -> None:
    found = least("fill_rate<0.7", evaluations=100)
    assert set(found.sites) == set(DEPOTS)
    assert found.tried == 8 + 28 + 56
    assert found.proved


def test_all_larger_sets_are_tried_where_that_is_no_more_work_than_the_search() -> None:
    found = least("fill_rate<0.7", most=1, evaluations=162)
    assert (set(found.sites), found.searched, found.most) == (set(DEPOTS), 0, 4)
    assert found.tried == sum(1 for size in range(1, 5) for _ in combinations(SITES, size)) == 162
    assert found.proved


def test_lighter_sets_of_more_sites_are_searched_for_where_weights_differ() -> None:
    tried = trial("fill_rate<0.7")
    whole = least_outage(tried, range(9), weights={"shop": 5.0}, most=1, evaluations=90)
    assert set(whole.sites) == set(DEPOTS)
    assert (whole.weight, whole.proved) == (4.0, False)


def test_nothing_found_by_the_search_is_no_proof() -> None:
    found = least("fill_rate<-1", most=1, evaluations=30)
    assert found.sites == ()
    assert not found.proved
    assert str(found) == (
        "fill_rate<-1: no outage found gets there (all 8 sets of up to 1 site tried, and "
        f"{found.searched} larger ones by a search; not proved)"
    )


def test_the_search_keeps_to_its_evaluations_and_to_the_budget() -> None:
    known: Known = {(): (1.0, 6)}
    problem = OutageProblem(trial("fill_rate<0.7"), dict.fromkeys(SITES, 1.0), known, 20, Parts(1))
    search_outage(problem, 1)
    assert problem.evaluations <= 20 + 8  # one batch is whole
    assert problem.lightest is not None
    assert problem.feasible(np.ones((1, 8), bool)).tolist() == [False]


@pytest.mark.parametrize(
    ("sites", "evaluations", "most"),
    [(30, 0, 3), (30, 1000, 3), (60, 1000, 2), (1000, 1000, 1), (10, 1000, 7), (5, 1000, 5), (3, 0, 3)],
)
def test_how_large_the_sets_are_of_which_all_are_tried(sites: int, evaluations: int, most: int) -> None:
    assert most_sites(sites, 3, evaluations) == most
