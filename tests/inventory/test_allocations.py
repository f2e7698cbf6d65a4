"""Dividing goods that are short: worked by hand, and what no rule can break."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esc_sim.allocations import registry
from esc_sim.allocations.allocation import Claim
from esc_sim.allocations.dividing import divide
from esc_sim.allocations.registry import ALLOCATIONS, IN_TURN, share_number
from esc_sim.behaviours.accept import granted
from esc_sim.errors import InputError
from esc_sim.scenario.rules import Rules

OFFSET = 1.5 * 2.0**32
QUANTUM = 2.0**-20
PROPORTIONAL = share_number(ALLOCATIONS["proportional"])


def divided(asked: list[float], classes: list[int], limit: float) -> list[float]:
    given = [nan] * len(asked)
    divide(PROPORTIONAL, asked, classes, 0, len(asked), limit, OFFSET, given)
    return given


def test_one_class_after_the_other_each_in_proportion() -> None:
    assert divided([30.0, 30.0, 60.0], [0, 0, 0], 60.0) == [15.0, 15.0, 30.0]
    assert divided([30.0, 30.0, 60.0], [1, 2, 2], 60.0) == [30.0, 10.0, 20.0]
    assert divided([30.0, 30.0, 60.0], [1, 1, 2], 40.0) == [20.0, 20.0, 0.0]
    assert divided([30.0, 30.0, 60.0], [1, 2, 3], 150.0) == [30.0, 30.0, 60.0]


def test_a_claim_that_asks_for_nothing_gets_nothing_whatever_there_is() -> None:
    for limit in (4.0, 0.0, -QUANTUM):
        assert divided([0.0, 0.0], [0, 0], limit) == [0.0, 0.0]
    assert divided([0.0, 3.0, 0.0], [0, 0, 0], 2.0) == [0.0, 2.0, 0.0]


def test_only_the_claims_meant_are_written() -> None:
    given = [nan] * 4
    divide(PROPORTIONAL, [9.0, 2.0, 6.0, 9.0], [0] * 4, 1, 3, 4.0, OFFSET, given)
    assert given[1:3] == [1.0, 3.0]
    assert given[0] != given[0]
    assert given[3] != given[3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 900)), min_size=1, max_size=8), st.integers(0, 4000))
def test_what_is_short_is_used_up_class_by_class(claims: list[tuple[int, int]], limit: int) -> None:
    claims = sorted(claims, key=lambda claim: claim[0])
    asked = [amount * QUANTUM for _, amount in claims]
    classes = [number for number, _ in claims]
    got = divided(asked, classes, limit * QUANTUM)
    assert sum(got) == min(sum(asked), limit * QUANTUM)
    assert all(0.0 <= part <= amount for part, amount in zip(got, asked, strict=True))
    left = limit * QUANTUM
    for number in sorted(set(classes)):
        own = [k for k, one in enumerate(classes) if one == number]
        assert sum(got[k] for k in own) == min(sum(asked[k] for k in own), left)
        left -= sum(got[k] for k in own)


def test_whatever_a_rule_gives_is_on_the_grid_within_what_is_asked_and_there() -> None:
    assert granted(7.0, 5.0, 6.0, OFFSET) == 5.0
    assert granted(7.0, 8.0, 6.0, OFFSET) == 6.0
    assert granted(1.0 / 3.0, 5.0, 6.0, OFFSET) == round(2.0**20 / 3.0) * QUANTUM
    assert [granted(part, 5.0, 6.0, OFFSET) for part in (-1.0, 0.0, nan, -inf)] == [0.0] * 4
    assert granted(inf, 5.0, 6.0, OFFSET) == 5.0
    assert granted(1.0, 5.0, -1.0, OFFSET) == 0.0


def test_goods_are_kept_whatever_a_rule_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that writes too much, or nothing at all, neither makes goods nor reads what stood there before."""

    def careless(rule: int, asked: list[float], first: int, last: int, *rest: object) -> None:
        if asked[first] > 1.0:
            rest[-1][first] = 100.0  # type: ignore[index]

    monkeypatch.setattr("esc_sim.allocations.dividing.share_by_rule", careless)
    assert divided([3.0, 4.0, 1.0, 4.0], [0, 0, 1, 2], 5.0) == [3.0, 0.0, 0.0, 2.0]


def test_rules_that_make_no_sense_with_whole_orders_say_so() -> None:
    for name, rule in ALLOCATIONS.items():
        if rule.partial_only:
            with pytest.raises(InputError, match=f"{name} allocation accepts orders in part: leave partial at true"):
                Rules(allocation=name, partial=False)
        else:
            assert Rules(allocation=name, partial=False).allocation == name


def test_the_words_of_all_rules_stand_in_the_schema() -> None:
    shown = Rules.model_json_schema()["properties"]["allocation"]
    assert shown["enum"] == list(ALLOCATIONS)
    assert shown["default"] == registry.USUAL
    assert all(rule.words in shown["description"] for rule in ALLOCATIONS.values())


def test_numbers_of_rules() -> None:
    assert share_number(ALLOCATIONS["highest_bid"]) == IN_TURN
    assert share_number(ALLOCATIONS["first_come"]) == PROPORTIONAL
    claim = Claim(priority=3, listed=7, layer=2, role="shop")
    rank = {name: rule.rank(claim) for name, rule in ALLOCATIONS.items() if rule.rank is not None}
    assert rank == {"priority": 3, "first_come": 7}
