"""Role-typed scale-free networks: counts, roles, connectivity, hubs, and the compiled growth against plain Python."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.network import scale_free
from esc_sim.network.scale_free import PAPER_COUNTS, TIERS, role_typed_scale_free


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_paper_counts(seed: int) -> None:
    roles, arcs = role_typed_scale_free(PAPER_COUNTS, seed=seed)
    assert {role: roles.count(role) for role in TIERS} == PAPER_COUNTS
    tier = np.array([TIERS.index(role) for role in roles])
    assert np.all(tier[arcs[:, 0]] < tier[arcs[:, 1]])
    graph = nx.DiGraph(arcs.tolist())
    assert graph.number_of_edges() == len(arcs)  # none twice
    assert nx.is_weakly_connected(graph)
    assert len(graph) == 1000
    assert 3960 <= len(arcs) <= 3990  # four a newcomer, fewer for the first ones
    degree = np.array([graph.degree(k) for k in range(1000)])
    assert degree.min() >= 3
    assert degree.max() > 60  # hubs: an even choice of partners would give about 20


def test_small_network_of_the_paper() -> None:
    counts = {"supplier": 11, "manufacturer": 3, "wholesaler": 5, "retailer": 18}
    roles, arcs = role_typed_scale_free(counts, m=2, seed=1)
    assert (len(roles), len(arcs)) == (37, 2 * 37 - 3)  # the first arrives alone, the second finds one node


def test_same_seed_same_network() -> None:
    a, b, c = (role_typed_scale_free(PAPER_COUNTS, seed=s)[1] for s in (5, 5, 6))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


@pytest.mark.parametrize(
    ("counts", "m", "a"),
    [
        ({"supplier": 20, "manufacturer": 3, "wholesaler": 2, "retailer": 40}, 4, 0.0),
        ({"supplier": 20, "retailer": 40}, 2, 6.0),
        ({"supplier": 1, "retailer": 30}, 3, 0.5),
        ({"supplier": 3, "retailer": 200}, 2, 0.0),
    ],
)
def test_compiled_growth_equals_plain_python(
    monkeypatch: pytest.MonkeyPatch, counts: dict[str, int], m: int, a: float
) -> None:
    compiled = role_typed_scale_free(counts, m, a, seed=3)
    monkeypatch.setattr(scale_free, "_kernel", lambda key: scale_free.attach)
    plain = role_typed_scale_free(counts, m, a, seed=3)
    assert compiled[0] == plain[0]
    assert np.array_equal(compiled[1], plain[1])


def test_partners_follow_degree() -> None:
    """With a = 0 the chance of a partner is proportional to its degree: a two-tier network has a heavier tail than one
    with a large a, in which it hardly matters."""
    counts = {"supplier": 400, "retailer": 400}

    def largest(a: float) -> float:
        draws = [role_typed_scale_free(counts, 2, a, seed)[1] for seed in range(12)]
        return float(np.mean([np.bincount(arcs.ravel()).max() for arcs in draws]))

    assert largest(0.0) > 2 * largest(1000.0)


def test_draws_that_repeat_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_free, "_kernel", lambda key: scale_free.attach)
    monkeypatch.setattr(scale_free, "TRIES", 0)  # every draw after the first repeats walks through the others
    _, arcs = role_typed_scale_free({"supplier": 6, "retailer": 30}, 4, 0.0, seed=1)
    assert len(np.unique(arcs, axis=0)) == len(arcs)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError) as caught:
        role_typed_scale_free({"supplier": 5, "retailer": -1}, m=0, a=-2.0)
    assert len(caught.value.problems) == 4
