"""The aggregate programs: the printed network, and facts that hold for any network."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.stress.aggregate import AggregatePrograms
from esc_sim.stress.aggregate_network import AggregateNetwork, from_tables
from tests.stress.three_tier import EXPECTED, three_tier

NETWORK = three_tier()
PROGRAMS = AggregatePrograms(NETWORK)


def place(name: str) -> int:
    return NETWORK.names.index(name)


@pytest.mark.parametrize("name", EXPECTED)
def test_printed_network(name: str) -> None:
    expected = EXPECTED[name]
    loss = PROGRAMS.loss([place(name)], expected["time_to_recover"])
    assert loss == pytest.approx(expected["lost_profit"], abs=1e-6)
    assert PROGRAMS.time_to_survive([place(name)]) == pytest.approx(expected["time_to_survive"], abs=1e-6)


def test_undisturbed_network_runs_out_by_itself() -> None:
    assert PROGRAMS.time_to_survive_without_outage == pytest.approx(14.236273, abs=1e-6)
    assert PROGRAMS.loss([], 14.2) == 0.0
    assert PROGRAMS.loss([], 14.3) > 1.0


def test_what_was_asked_before_moves_no_bit() -> None:
    sites = [place(name) for name in EXPECTED]
    there = [(PROGRAMS.loss([i], 7.0), PROGRAMS.time_to_survive([i])) for i in sites]
    back = [(PROGRAMS.loss([i], 7.0), PROGRAMS.time_to_survive([i])) for i in reversed(sites)]
    fresh = AggregatePrograms(NETWORK)
    alone = [(fresh.loss([i], 7.0), fresh.time_to_survive([i])) for i in sites[-1:]]
    assert there == back[::-1]
    assert there[-1:] == alone


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_is_lost_up_to_the_time_to_survive_and_convexly_more_after_it(name: str) -> None:
    out = [place(name)]
    survived = PROGRAMS.time_to_survive(out)
    assert PROGRAMS.loss(out, survived) == pytest.approx(0.0, abs=1e-6)
    assert PROGRAMS.loss(out, survived * 1.01) > 1e-3
    losses = np.array([PROGRAMS.loss(out, survived + step) for step in np.arange(0.0, 12.0)])
    assert (np.diff(losses) >= -1e-7).all()
    assert (np.diff(losses, 2) >= -1e-6).all()


@pytest.mark.parametrize("word", ["stock", "capacity"])
def test_more_of_anything_never_costs_more(word: str) -> None:
    rng = np.random.default_rng(7)
    out = [place("T2_8")]
    before = [PROGRAMS.loss(out, t) for t in (3.0, 9.0, 15.0)]
    for site in rng.permutation(len(NETWORK.names))[:12]:
        values = dict(zip(NETWORK.names, getattr(NETWORK, word).tolist(), strict=True))
        values[NETWORK.names[site]] *= 1.5
        more = AggregatePrograms(three_tier(**{word: values}))
        after = [more.loss(out, t) for t in (3.0, 9.0, 15.0)]
        assert all(b <= a + 1e-7 for a, b in zip(before, after, strict=True))
        assert more.time_to_survive(out) >= PROGRAMS.time_to_survive(out) - 1e-9


def line(stock: float, capacity: float = 12.0) -> AggregateNetwork:
    """Factory -> depot -> shop, demand 10 a period; ``stock`` is shared by depot and shop."""
    return from_tables(
        [("factory", "depot"), ("depot", "shop")],
        {"factory": "raw", "depot": "goods"},
        {"depot": {"raw": 1.0}, "shop": {"goods": 1.0}},
        {
            "capacity": {"factory": capacity, "depot": math.inf, "shop": math.inf},
            "stock": {"depot": 0.25 * stock, "shop": 0.75 * stock},
            "demand": {"shop": 10.0},
            "margin": {"shop": 1.0},
        },
    )


def test_line_by_hand() -> None:
    programs = AggregatePrograms(line(22.0))
    assert programs.time_to_survive_without_outage == math.inf
    assert programs.time_to_survive([0]) == pytest.approx(2.2, abs=1e-9)
    for days in (1, 2, 3, 5, 8):
        assert programs.loss([0], days) == pytest.approx(max(0.0, 10.0 * days - 22.0), abs=1e-9)
        assert programs.loss([], days) == 0.0
    assert programs.time_to_survive([]) == math.inf


def test_who_survives_for_ever_loses_nothing_in_any_time_and_who_does_not_loses_soon_after() -> None:
    """Made-up networks that last for ever undisturbed, each maker out alone and with its neighbour."""
    endless = 0
    for seed in range(5):
        programs, rng = AggregatePrograms(plentiful(seed)), np.random.default_rng(seed)
        assert programs.time_to_survive_without_outage == math.inf
        for maker in rng.permutation(60)[:20].tolist():
            for out in ([maker], [maker, (maker + 1) % 60]):
                survived = programs.time_to_survive(out)
                if survived == math.inf:
                    endless += 1
                    assert programs.loss(out, 1e4) == pytest.approx(0.0, abs=1e-5)
                else:
                    assert programs.loss(out, survived) == pytest.approx(0.0, abs=1e-5)
                    assert programs.loss(out, survived + 0.1) > 1e-3
    assert 20 < endless < 180


def plentiful(seed: int) -> AggregateNetwork:
    """Three tiers of 20 makers, each with two suppliers, one material and some stock; more capacity than demand."""
    rng, tier = np.random.default_rng(seed), 20
    buyers = np.repeat(np.arange(2 * tier), 2)
    suppliers = np.concatenate([rng.permutation(tier)[:2] + tier * (1 + buyer // tier) for buyer in range(2 * tier)])
    demand = np.zeros(3 * tier)
    demand[:tier] = rng.uniform(1.0, 3.0, tier)
    capacity = np.r_[np.full(tier, np.inf), np.full(2 * tier, 20.0)]
    return AggregateNetwork(
        names=tuple(map(str, range(3 * tier))),
        stock=rng.uniform(1.0, 9.0, 3 * tier),
        capacity=capacity,
        demand=demand,
        margin=demand,
        supplier=suppliers,
        need=buyers,
        need_maker=np.arange(2 * tier),
        need_units=np.ones(2 * tier),
    )


def test_a_maker_that_sells_to_makers_and_customers_has_one_store() -> None:
    both = from_tables(
        [("a", "b")],
        {"a": "x"},
        {"b": {"x": 1.0}},
        {"capacity": {"a": 0.0, "b": 5.0}, "stock": {"a": 6.0}, "demand": {"a": 2.0, "b": 1.0}, "margin": {"a": 1.0}},
    )
    assert AggregatePrograms(both).time_to_survive_without_outage == pytest.approx(2.0)


def test_bad_numbers_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="stock of 'depot': -1"):
        line(-4.0)
    with pytest.raises(InputError, match=r"an outage lasts 0 periods or more, not -1"):
        PROGRAMS.loss([], -1.0)
    with pytest.raises(InputError, match="'b' has no use for what 'a' makes"):
        from_tables([("a", "b")], {"a": "x"}, {}, {"capacity": {"a": 1.0, "b": 1.0}})
