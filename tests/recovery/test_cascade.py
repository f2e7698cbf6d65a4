"""The compiled cascade: reference numbers, parity with the networkx oracle and with plain Python, facts."""

from __future__ import annotations

import tracemalloc
from functools import partial

import numpy as np
import pytest

from esc_sim.cascade import rules
from esc_sim.cascade.arrays import new_state
from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.competition import competing_pairs, competitors, undirected
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.crews.local import in_threads
from esc_sim.errors import InputError
from tests.recovery import cases, oracle

# nodes removed -> RN, strict RN, rounds, new links; no recovery, cascade seed 1
REFERENCE = {
    20: (974, 972, 2, 62),
    50: (923, 921, 3, 208),
    100: (695, 694, 7, 886),
    126: (170, 157, 14, 1710),
    140: (14, 5, 12, 1741),
    150: (5, 4, 11, 1741),
}


@pytest.mark.parametrize("removed", REFERENCE)
def test_reference_instance(removed: int) -> None:
    result = cases.reference().run(cases.removal_order()[:removed])
    assert (result.rn, result.strict_rn, result.rounds, result.new_links) == REFERENCE[removed]


def test_reference_120_without_recovery() -> None:
    result = cases.reference().run(cases.removed_120())
    assert (result.rn, result.strict_rn) == (99, 81)


def case(number: int) -> tuple[Cascade, list[int], list[int], int]:
    rng = np.random.default_rng(number)
    network = cases.random_network(rng)
    loads = None
    if rng.random() < 0.3:  # loads from elsewhere, some of them 0
        loads = rng.choice([0.0, 1.0, 1.0], size=network.n) * rng.uniform(0.1, 10, size=network.n)
    cascade = Cascade(network, cases.random_settings(rng), loads)
    removed = np.flatnonzero(rng.random(network.n) < rng.uniform(0, 0.5)).tolist()
    recovered = [k for k in removed if rng.random() < 0.3]
    return cascade, removed, recovered, int(rng.choice([0, 1, 7, 2**40 + 5, 2**63 - 1]))


def parameters(settings: CascadeSettings) -> oracle.Parameters:
    names = oracle.Parameters.__dataclass_fields__
    return oracle.Parameters(**{name: getattr(settings, name) for name in names})


@pytest.mark.parametrize("block", range(10))
def test_equals_networkx_oracle_bit_for_bit(block: int) -> None:
    rounds = 0
    for number in range(40 * block, 40 * (block + 1)):
        cascade, removed, recovered, seed = case(number)
        ours = cascade.run(removed, recovered, seed, history=True)
        graph = cases.to_networkx(cascade.network)
        load0 = dict(enumerate(cascade.loads.tolist()))
        theirs = oracle.cascade(graph, load0, set(removed), set(recovered), seed, parameters(cascade.settings))
        assert (ours.rn, ours.strict_rn, ours.rounds) == (theirs.rn, theirs.strict_rn, theirs.rounds), number
        assert ours.load.tolist() == [theirs.load[k] for k in range(cascade.network.n)], number
        assert np.flatnonzero(ours.alive).tolist() == sorted(theirs.alive), number
        assert [tuple(link) for link in ours.links.tolist()] == theirs.links, number
        assert [r.failed.tolist() for r in ours.history] == theirs.failed_in, number
        assert [r.affected.tolist() for r in ours.history] == theirs.affected_in, number
        rounds += ours.rounds
    assert rounds > 40  # the cases do cascade


def test_reference_instance_equals_networkx_oracle() -> None:
    cascade = cases.reference()
    graph = cases.to_networkx(cascade.network)
    load0 = dict(enumerate(cascade.loads.tolist()))
    removed = set(cases.removed_120())
    recovered = set(sorted(removed)[::3])
    ours = cascade.run(sorted(removed), sorted(recovered), seed=5)
    theirs = oracle.cascade(graph, load0, removed, recovered, 5, oracle.Parameters())
    assert (ours.rn, ours.strict_rn, ours.rounds, ours.new_links) == (
        theirs.rn, theirs.strict_rn, theirs.rounds, len(theirs.links),
    )  # fmt: skip
    assert ours.load.tolist() == [theirs.load[k] for k in range(1000)]


def test_rules_as_plain_python_equal_the_kernel() -> None:
    for number in range(25):
        cascade, removed, recovered, seed = case(number)
        ours = cascade.run(removed, recovered, seed)
        state = new_state(cascade.net)
        rules.start_cascade(cascade.net, state, cascade.failed_at_start(removed, recovered))
        assert rules.run_cascade(cascade.net, state, seed) == ours.rounds
        assert state.load.tolist() == ours.load.tolist()
        assert state.alive.astype(bool).tolist() == ours.alive.tolist()


def test_competition_lists_equal_networkx_oracle() -> None:
    for number in range(60):
        rng = np.random.default_rng([1, number])
        network = cases.random_network(rng)
        shared, cap = int(rng.integers(1, 4)), int(rng.integers(0, 8))
        start, node = competitors(network, shared, cap)
        ours = {k: node[start[k] : start[k + 1]].tolist() for k in range(network.n)}
        assert ours == oracle.competition_lists(cases.to_networkx(network), shared, cap)


def test_more_competitors_than_there_can_be_take_no_room() -> None:
    """A billion for each node would be 4 GB a node."""
    for number in range(10):
        network = cases.random_network(np.random.default_rng([2, number]))
        tracemalloc.start()
        start, node = competitors(network, 1, 1_000_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 50_000_000
        ours = {k: node[start[k] : start[k + 1]].tolist() for k in range(network.n)}
        assert ours == oracle.competition_lists(cases.to_networkx(network), 1, network.n)


def test_loads_are_the_principal_eigenvector() -> None:
    cascade = cases.reference()
    theirs = oracle.eigenvector_loads(cases.to_networkx(cascade.network), cases.LOAD_SCALE)
    np.testing.assert_allclose(cascade.loads, [theirs[k] for k in range(1000)], rtol=1e-9)
    assert cascade.loads.mean() == pytest.approx(cases.LOAD_SCALE, rel=1e-12)


def test_loads_component_by_component() -> None:
    # a pair, a star of three customers (eigenvector sqrt(3), 1, 1, 1), and a node alone
    roles = ["supplier", "retailer", "supplier", "retailer", "retailer", "retailer", "supplier"]
    network = CascadeNetwork.from_arrays(roles, [0, 2, 2, 2], [1, 3, 4, 5])
    root = np.sqrt(3)
    star = np.array([root, 1, 1, 1]) / (root + 3) * 4
    np.testing.assert_allclose(Cascade(network).loads, [1, 1, *star, 1], rtol=1e-11)


def test_random_numbers_of_pairs() -> None:
    # splitmix64 of 0x9E3779B97F4A7C15 (seed 1, pair 0 0): the generator's first number for state 0
    assert rules.u01(1, 0, 0) == (0xE220A8397B1DCDAF >> 11) / 2**53
    draws = [rules.u01(3, i, j) for i in range(60) for j in range(60)]
    assert min(draws) >= 0
    assert max(draws) < 1
    assert abs(np.mean(draws) - 0.5) < 0.02
    assert draws == [oracle.uniform(3, i, j) for i in range(60) for j in range(60)]


def test_loads_stay_within_capacity_and_finite() -> None:
    for number in range(60):
        cascade, removed, recovered, seed = case(number)
        for record in cascade.run(removed, recovered, seed, history=True).history:
            assert np.all(record.load >= 0)
            assert np.all(record.load <= cascade.settings.alpha * cascade.loads)


def test_without_links_and_headroom_nothing_is_regained() -> None:
    reference = cases.reference()
    cascade = Cascade(reference.network, CascadeSettings(alpha=1.0, link_probability=0.0))
    load = cascade.loads
    for record in cascade.run(cases.removal_order()[:60], history=True).history:
        assert np.all(record.load <= load)
        load = record.load
    assert cascade.run(cases.removal_order()[:60]).new_links == 0


def test_removing_nothing_changes_nothing() -> None:
    cascade = cases.reference()
    result = cascade.run([])
    assert (result.rn, result.rounds, result.new_links) == (1000, 0, 0)
    assert result.load.tolist() == cascade.loads.tolist()
    assert result.alive.all()


def test_recovering_everything_gives_the_whole_network() -> None:
    cascade, removed = cases.reference(), cases.removed_120()
    whole, result = cascade.run([]), cascade.run(removed, removed)
    assert (result.rn, result.strict_rn, result.rounds) == (whole.rn, whole.strict_rn, 0)
    assert whole.rn == 1000
    assert whole.strict_rn == 998  # two nodes have no supplier upstream


def test_cascade_is_free_of_scale() -> None:
    reference = cases.reference()
    unscaled = Cascade(reference.network, CascadeSettings(load_scale=1.0))
    for removed in (50, 120):
        a, b = (c.run(cases.removal_order()[:removed]) for c in (reference, unscaled))
        assert (a.rn, a.rounds, a.new_links) == (b.rn, b.rounds, b.new_links)


def test_batches_equal_single_runs_on_any_number_of_workers() -> None:
    cascade = cases.reference()
    removed = np.array(cases.removed_120())[::-1]  # any order
    sets = np.random.default_rng(2).random((23, 120)) < 0.4
    one = cascade.evaluate(removed, sets, seeds=(1, 9), strict=True)
    for workers in (2, 3):
        assert np.array_equal(one, cascade.evaluate(removed, sets, (1, 9), True, partial(in_threads, workers=workers)))
    for s in range(0, 23, 5):
        for q, seed in enumerate((1, 9)):
            single = cascade.run(removed, removed[sets[s]], seed)
            assert one[s, q].tolist() == [single.rn, single.strict_rn, single.rounds, single.new_links]


def test_history_adds_up() -> None:
    cascade = cases.reference()
    result = cascade.run(cases.removed_120(), history=True)
    assert len(result.history) == result.rounds
    assert sum(len(r.links) for r in result.history) == result.new_links == len(result.links)
    failed = [k for r in result.history for k in r.failed.tolist()]
    assert len(failed) == len(set(failed)) == 1000 - 120 - int(result.alive.sum())
    for number, record in enumerate(result.history, start=1):
        assert np.all(result.failed_round[record.failed] == number)
    assert np.all(result.failed_round[list(cases.removed_120())] == 0)
    assert np.array_equal(result.failed_round == -1, result.alive)


def test_bad_input_is_named() -> None:
    cascade = cases.reference()
    with pytest.raises(InputError, match="removed node 1000 does not exist"):
        cascade.run([3, 1000])
    with pytest.raises(InputError, match="restored node 5 is not one of the removed nodes"):
        cascade.run([3, 4], [5])
    with pytest.raises(InputError, match="removed node 3 is given twice"):
        cascade.run([3, 3])
    with pytest.raises(InputError, match="seed"):
        cascade.run([3], seed=-1)
    with pytest.raises(InputError, match="removed node does not exist in the network: 1000, x7"):
        cascade.network.index_of(["3", "1000", "x7"])
    with pytest.raises(InputError, match="no node of the role 'supplier'"):
        CascadeNetwork.from_arrays(["retailer", "wholesaler"], [1], [0])
    with pytest.raises(InputError, match="from a node to itself: b"):
        CascadeNetwork.from_ids(["a", "b"], ["supplier", "retailer"], [("a", "b"), ("b", "b")])
    with pytest.raises(InputError, match="do not exist: z"):
        CascadeNetwork.from_ids(["a", "b"], ["supplier", "retailer"], [("a", "z")])
    with pytest.raises(InputError, match="given twice: a"):
        CascadeNetwork.from_ids(["a", "a"], ["supplier", "retailer"], [])
    with pytest.raises(InputError, match="one load for each node"):
        Cascade(cascade.network, loads=[1.0])
    with pytest.raises(InputError) as caught:
        CascadeSettings(alpha=0.9, beta=-1, link_probability=2)
    assert len(caught.value.problems) == 3


PRINTED = {  # nodes removed -> RN of the readings of new links, no recovery, cascade seed 1
    "all": ({"link_to": "all"}, (940, 861, 769)),
    "all, no cap": ({"link_to": "all", "max_competitors": 1000}, (941, 882, 828)),
    "to strangers": ({"link_partners": False}, (923, 707, 8)),
    "spare once": ({"spare_once": True}, (923, 647, 3)),
    "spare above the load itself": ({"spare_above_initial": False}, (941, 878, 818)),
    "undirected": ({"undirected_competition": True}, (923, 695, 9)),
}


@pytest.mark.parametrize("name", PRINTED)
def test_readings_of_new_links_on_the_reference_instance(name: str) -> None:
    changes, expected = PRINTED[name]
    cascade = Cascade(cases.reference().network, CascadeSettings(load_scale=cases.LOAD_SCALE, **changes))  # type: ignore[arg-type]
    assert tuple(cascade.run(cases.removal_order()[:count]).rn for count in (50, 100, 150)) == expected


def to_known_partners(cascade: Cascade, links: list[tuple[int, int]], repeated: bool) -> int:
    """New links between nodes with an original relation, and if wanted between those linked before."""
    network = cascade.network
    known = set(zip(network.source.tolist(), network.out_node.tolist(), strict=True))
    known |= {(b, a) for a, b in known}
    count = 0
    for a, b in links:
        count += (a, b) in known
        known |= {(a, b), (b, a)} if repeated else set()
    return count


@pytest.mark.parametrize(("removed", "original", "known"), [(50, 40, 41), (100, 158, 197), (150, 315, 470)])
def test_a_new_link_is_new_where_only_strangers_are_asked(removed: int, original: int, known: int) -> None:
    """By default, many links go to partners that a node has already, original ones or of this cascade."""
    nodes = cases.removal_order()[:removed]
    usual = cases.reference().run(nodes)
    made = [tuple(x) for x in usual.links.tolist()]
    assert [to_known_partners(cases.reference(), made, repeated) for repeated in (False, True)] == [original, known]
    for link_to in ("best", "all"):
        settings = CascadeSettings(load_scale=cases.LOAD_SCALE, link_partners=False, link_to=link_to)
        cascade = Cascade(cases.reference().network, settings)
        links = [tuple(x) for x in cascade.run(nodes).links.tolist()]
        assert len(links) > 100
        assert to_known_partners(cascade, links, True) == 0


def test_spare_is_granted_once_where_it_is_to_be() -> None:
    """By default 28 of 558 units of load are granted beyond the spare of who grants them, and lost to the cap."""
    cascade = cases.reference()
    graph, load0 = cases.to_networkx(cascade.network), dict(enumerate(cascade.loads.tolist()))
    found = {
        once: oracle.cascade(
            graph, load0, set(cases.removal_order()[:100]), set(), 1, oracle.Parameters(spare_once=once)
        )
        for once in (False, True)
    }
    assert (round(found[False].granted), round(found[False].granted_beyond)) == (558, 28)
    assert found[True].granted > 0
    assert found[True].granted_beyond == pytest.approx(0, abs=1e-9)
    assert found[True].rn == 647


def test_competition_is_mutual_where_it_is_undirected_or_given_in_pairs() -> None:
    start, node = competitors(cases.reference().network)
    assert (one_way(start, node), len(node)) == (12_058, 19_344)
    both_start, both = undirected(start, node)
    assert (one_way(both_start, both), len(both)) == (0, 19_344 + 12_058)
    for k in range(0, 1000, 97):  # a node's own list stands first
        own = node[start[k] : start[k + 1]].tolist()
        assert both[both_start[k] : both_start[k + 1]].tolist()[: len(own)] == own
    given_start, given = competing_pairs([(3, 1), (1, 3), (1, 0)], 5)
    assert [given[given_start[k] : given_start[k + 1]].tolist() for k in range(5)] == [[1], [0, 3], [], [1], []]


def one_way(start: np.ndarray, node: np.ndarray) -> int:
    own = np.repeat(np.arange(len(start) - 1), np.diff(start)).tolist()
    pairs = set(zip(own, node.tolist(), strict=True))
    return sum((b, a) not in pairs for a, b in pairs)
