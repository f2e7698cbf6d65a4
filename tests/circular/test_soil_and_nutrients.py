"""Soil carbon, the nutrient market and indicators, against numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esc_sim.circular import (
    Offer,
    Order,
    Soil,
    clear_market,
    external_share,
    landfill_share,
    loss_area,
    nitrogen_need,
    self_sufficiency,
)
from esc_sim.errors import InputError

SOIL = Soil(50.0, 78.0, 0.08, 0.015, 0.9, 0.15, 0.05)


def test_yield_rises_by_the_gain_up_to_saturation() -> None:
    assert SOIL.yield_factor(50.0) == 1.0
    assert SOIL.yield_factor(78.0) == pytest.approx(1.08)
    assert Soil(60.0, 78.0, 0.08, 0.015).yield_factor(60.0) == 1.0
    assert Soil(50.0, 78.0, 0.0, 0.015).yield_factor([10.0, 90.0]).tolist() == [1.0, 1.0]


def test_the_linear_soil_stays_where_it_is() -> None:
    straw = 0.3
    assert SOIL.next_year(50.0, straw, SOIL.root(straw)) == pytest.approx(50.0, abs=1e-12)


def test_a_year_of_the_measure_by_hand() -> None:
    # 50 + 0.75 + 0.15 + 0.2 - 0.9 * 0.015 * 50 = 50.425
    assert SOIL.next_year(50.0, 0.2, 0.75, measure=True) == pytest.approx(50.425)


def test_the_organic_pool_gives_back_its_share() -> None:
    freed, left = SOIL.mineralised(200.0)
    assert (freed, left) == (10.0, 190.0)


def test_a_soil_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="saturation"):
        Soil(50.0, 40.0, 0.08, 0.015)
    with pytest.raises(InputError, match="negative"):
        Soil(1.0, 51.0, 30.0, 0.015)


def test_need_of_nitrogen_by_hand() -> None:
    assert nitrogen_need(100.0, 26.0, 0.65, 1000.0, 500.0) == pytest.approx(2500.0)
    assert nitrogen_need(1.0, 26.0, 0.65, 1000.0, 0.0) == 0.0
    with pytest.raises(InputError, match="recovery"):
        nitrogen_need(1.0, 26.0, 0.0, 0.0, 0.0)


DIGESTATE = Offer("digester", 100.0, 4.0, 5.0, 0.04, 0.0)
COMPOST = Offer("composter", 50.0, 1.0, 10.0, 0.2, -2.0)


def test_the_cheaper_nitrogen_is_taken_first() -> None:
    # Delivered: digestate 4 / 4 = 1 EUR/kg, compost (-2 + 6) / 1 = 4 EUR/kg.
    done = clear_market([COMPOST, DIGESTATE], [Order("f", 430.0, 10.0, [6.0, 4.0])], 5.0)
    assert done.delivered == [[4.0, 1.0]]
    assert done.tonnes == [[30.0, 100.0]]
    assert done.synthetic == [0.0]


def test_what_costs_more_than_synthetic_is_left() -> None:
    done = clear_market([COMPOST, DIGESTATE], [Order("f", 430.0, 10.0, [6.0, 4.0])], 4.0)
    assert done.tonnes == [[0.0, 100.0]]
    assert done.synthetic == [30.0]


def test_carbon_can_be_worth_more_than_nitrogen() -> None:
    # 20 EUR per t C makes compost (-2 + 6 - 4) / 1 = 0 EUR/kg.
    done = clear_market([COMPOST, DIGESTATE], [Order("f", 430.0, 10.0, [6.0, 4.0], 20.0)], 5.0)
    assert done.tonnes == [[50.0, 95.0]]


def test_total_organic_nitrogen_is_capped() -> None:
    done = clear_market([DIGESTATE], [Order("f", 1000.0, 1.0, [0.0])], 5.0)
    assert done.tonnes == [[34.0]], "170 kg of total N at 5 kg a tonne"
    assert done.synthetic == [1000.0 - 34.0 * 4.0]


def test_farms_at_one_offer_share_it_in_proportion() -> None:
    orders = [Order("a", 600.0, 99.0, [1.0]), Order("b", 200.0, 99.0, [3.0])]
    done = clear_market([DIGESTATE], orders, 5.0)
    assert done.tonnes == [[75.0], [25.0]]
    assert done.synthetic == [300.0, 100.0]


def test_ties_go_by_name() -> None:
    twins = [Offer("z", 10.0, 4.0, 5.0, 0.0, 0.0), Offer("a", 10.0, 4.0, 5.0, 0.0, 0.0)]
    done = clear_market(twins, [Order("f", 20.0, 10.0, [4.0, 4.0])], 5.0)
    assert done.tonnes == [[0.0, 5.0]]


def test_impossible_offers_are_refused() -> None:
    with pytest.raises(InputError, match="available N"):
        clear_market([Offer("x", 1.0, 6.0, 5.0, 0.0, 0.0)], [], 1.0)


amounts = st.floats(0.0, 1e3)


@given(
    st.lists(st.tuples(amounts, st.floats(0.1, 5.0), st.floats(-10.0, 10.0)), max_size=4),
    st.lists(st.tuples(amounts, st.floats(0.1, 50.0)), max_size=4),
)
def test_the_market_neither_oversells_nor_overfeeds(sold: list, wanted: list) -> None:
    offers = [Offer(str(i), t, n, 2 * n, 0.1, ask) for i, (t, n, ask) in enumerate(sold)]
    orders = [Order(str(i), need, area, [1.0 + i] * len(offers)) for i, (need, area) in enumerate(wanted)]
    done = clear_market(offers, orders, 2.0)
    for s, offer in enumerate(offers):
        assert sum(row[s] for row in done.tonnes) <= offer.tonnes * (1 + 1e-9) + 1e-9
    for f, order in enumerate(orders):
        got = sum(t * o.available for t, o in zip(done.tonnes[f], offers, strict=True))
        assert got + done.synthetic[f] == pytest.approx(order.need, abs=1e-6)
        total = sum(t * o.total for t, o in zip(done.tonnes[f], offers, strict=True))
        assert total <= 170.0 * order.area * (1 + 1e-9) + 1e-6


def test_indicators_by_hand() -> None:
    assert external_share(80.0, 20.0) == 0.8
    assert landfill_share(5.0, 20.0) == 0.25
    assert self_sufficiency(30.0, 120.0) == 0.75
    assert loss_area([10.0, 10.0, 10.0], [10.0, 4.0, 12.0]) == pytest.approx(0.6)
    assert math.isnan(landfill_share(0.0, 0.0))
    assert np.isnan(external_share([0.0, 1.0], [0.0, 0.0])).tolist() == [True, False]
