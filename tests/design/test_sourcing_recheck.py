"""The recheck of a sourcing plan, constraint by constraint, on a plan by hand that meets every one of them exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from esc_sim.design.sourcing import (
    DesignDemand,
    SourcingInstance,
    SourcingOptions,
    SourcingPlan,
    nominal_demand,
    plan_cost,
    recheck,
)
from esc_sim.design.sourcing.recheck import Violation, broken_limits
from esc_sim.design.uncertainty import BoxSet

INSTANCE = SourcingInstance(
    primaries=("M1", "M2"),
    backups=("B1",),
    buyers=("A1", "A2"),
    levels=("L1", "L2"),
    scenarios=("calm", "storm"),
    fixed_cost=np.array([10.0, 20.0]),
    capacity=np.array([100.0, 50.0]),
    effort_cost=np.array([[1.0, 2.0], [3.0, 4.0]]),
    recovery_rate=np.array([[0.1, 0.2], [0.3, 0.4]]),
    warning=np.array([[0.0, 0.5], [0.2, 0.5]]),
    reserve_cost=np.array([5.0]),
    primary_price=np.array([[1.0, 2.0], [3.0, 4.0]]),
    backup_price=np.array([[7.0, 8.0]]),
    probability=np.array([0.75, 0.25]),
    spot_price=np.array([10.0, 20.0]),
    disrupted=np.array([[False, False], [True, False]]),
    residual=np.full((2, 2), 0.5),
    max_recovery_time=0.5,
)
# M1 at level 2 recovers for 0.5 / (1 - 0.5) = 1 period and keeps 0.5 + 0.2 of its 100 in the storm; M2 keeps its 50.
PLAN = SourcingPlan(
    effort=np.array([[0.0, 1.0], [1.0, 0.0]]),
    contract=np.array([[40.0, 30.0], [20.0, 30.0]]),
    reserve=np.array([13.0]),
    backup=np.array([[[4.0, 5.0]], [[10.0, 3.0]]]),
    spot=np.array([[6.0, 0.0], [0.0, 2.0]]),
)
DEMAND = nominal_demand([70.0, 65.0])
# The second stage costs 28 + 40 + 60 in the calm and 70 + 24 + 40 in the storm.
COSTS = (128.0, 134.0)
TOTAL = 30.0 + 5.0 + 280.0 + 65.0 + 0.75 * COSTS[0] + 0.25 * COSTS[1]
LIMITS = SourcingOptions(budget=128.0, epsilon=0.25, cvar_limit=134.0)


def changed(name: str, place: tuple[int, ...], by: float) -> SourcingPlan:
    """The plan with one number changed."""
    array = getattr(PLAN, name).copy()
    array[place] += by
    return replace(PLAN, **{name: array})


def found(
    plan: SourcingPlan, options: SourcingOptions = LIMITS, demand: DesignDemand = DEMAND, **more: Any
) -> list[Any]:
    """Violations as (constraint, where, left, right)."""
    rows = recheck(INSTANCE, demand, options, plan, **more)
    return [(row.constraint, row.where, pytest.approx(row.left), pytest.approx(row.right)) for row in rows]


def test_the_plan_by_hand_keeps_every_constraint() -> None:
    assert plan_cost(INSTANCE, LIMITS, PLAN) == TOTAL == 509.5
    assert found(PLAN, objective=TOTAL) == []
    assert broken_limits(INSTANCE, LIMITS, PLAN) == []


@pytest.mark.parametrize(
    ("name", "place", "by", "expected"),
    [
        ("contract", (0, 0), 1e-3, ("capacity of primary (3b)", "storm, M1", 70.001, 70.0)),
        ("contract", (1, 1), 1e-3, ("capacity of primary (3b)", "calm, M2", 50.001, 50.0)),
        ("reserve", (0,), -1e-3, ("reserved capacity (3c)", "storm, B1", 13.0, 12.999)),
        ("spot", (0, 0), -1e-3, ("demand (3a, 24c)", "calm, A1", 70.0, 69.999)),
        ("spot", (1, 1), -1e-3, ("demand (3a, 24c)", "storm, A2", 65.0, 64.999)),
        ("spot", (0, 1), -1e-3, ("spot not negative (3g)", "", 1e-3, 0.0)),
        ("effort", (0, 1), -0.4, ("whole decisions (3f)", "M1, L2", 1.0, 0.6)),
        ("effort", (0, 0), 1.0, ("one level of a signed supplier (3e)", "M1", 2.0, 1.0)),
        # Two levels at once: (0.5 + 1) * (1 - 0 - 0.5).
        ("effort", (0, 0), 1.0, ("recovery time (3d)", "M1", 0.75, 0.5)),
    ],
)
def test_what_is_broken_is_named_with_its_place_and_sides(
    name: str, place: tuple[int, ...], by: float, expected: tuple[Any, ...]
) -> None:
    assert expected in found(changed(name, place, by))


@pytest.mark.parametrize("name", ["contract", "reserve", "backup", "spot"])
def test_no_quantity_is_negative(name: str) -> None:
    place = (0,) * getattr(PLAN, name).ndim
    low = changed(name, place, -getattr(PLAN, name)[place] - 2.0)
    assert (f"{name} not negative (3g)", "", 2.0, 0.0) in found(low)
    assert [row[0] for row in found(changed(name, place, 0.0))] == []


def test_the_tolerance_is_relative_to_the_larger_side_and_never_below_that_of_one() -> None:
    assert found(changed("contract", (0, 0), 0.9 * 70e-6)) == []
    assert found(changed("contract", (0, 0), 1.1 * 70e-6)) != []
    assert found(changed("spot", (0, 0), -0.9 * 70e-6)) == []
    assert found(changed("spot", (0, 0), -1.1 * 70e-6)) != []
    # Sides of 0 and a little less than 0: their scale is 1.
    assert [row[0] for row in found(changed("spot", (0, 1), -0.9e-6))] == []
    assert [row[0] for row in found(changed("spot", (0, 1), -1.1e-6))] == ["spot not negative (3g)"]
    assert found(changed("contract", (0, 0), 0.5), tolerance=0.01) == []
    assert found(changed("contract", (0, 0), 0.8), tolerance=0.01) != []


def test_the_reported_cost_is_compared() -> None:
    assert found(PLAN, objective=TOTAL * (1 + 0.9e-6)) == []
    assert found(PLAN, objective=TOTAL * (1 + 1.2e-6))[0][0] == "cost (1a)"
    assert found(PLAN, objective=TOTAL * (1 - 1.2e-6))[0][:2] == ("cost (1a)", "")
    tail = replace(LIMITS, objective="cvar")
    assert found(PLAN, tail, objective=380.0 + COSTS[1]) == []


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"budget": 127.99}, ("excess probability (2a, 23)", "", 1.0, 0.25)),
        ({"budget": 128.0 * (1 - 0.9e-6)}, None),
        ({"budget": 133.0, "epsilon": 0.24}, ("excess probability (2a, 23)", "", 0.25, 0.24)),
        ({"budget": 134.0, "epsilon": 0.0}, None),
        ({"cvar_limit": 133.9}, ("CVaR", "", 134.0, 133.9)),
        # At a confidence of 0.5 the tail holds the storm and as much of the calm.
        ({"cvar_limit": 131.0, "confidence": 0.5}, None),
        ({"cvar_limit": 130.9, "confidence": 0.5}, ("CVaR", "", 131.0, 130.9)),
        ({"sole_sourcing": True}, ("one primary supplier", "", 2.0, 1.0)),
        ({"sole_sourcing": True}, ("no backup supplier", "B1", 13.0, 0.0)),
        ({"backup": False}, ("no backup supplier", "B1", 13.0, 0.0)),
        ({"spot": False}, ("no spot purchase", "calm, A1", 6.0, 0.0)),
        ({"spot": False}, ("no spot purchase", "storm, A2", 2.0, 0.0)),
        ({"levels": ("L1",)}, ("allowed effort levels", "M1, L2", 1.0, 0.0)),
        ({"levels": ("L2",)}, ("allowed effort levels", "M2, L1", 1.0, 0.0)),
        ({"levels": ("L1", "L2")}, None),
    ],
)
def test_limits_that_are_broken(limits: dict[str, Any], expected: tuple[Any, ...] | None) -> None:
    options = replace(LIMITS, **limits)
    rows = found(PLAN, options)
    assert rows == [] if expected is None else expected in rows
    assert [(v.constraint, v.where) for v in broken_limits(INSTANCE, options, PLAN)] == [row[:2] for row in rows]


def test_closed_sources_that_are_not_used_break_nothing() -> None:
    none = replace(PLAN, backup=PLAN.backup * 0.0, reserve=PLAN.reserve * 0.0, spot=PLAN.spot * 0.0)
    demand = nominal_demand([60.0, 60.0])
    closed = SourcingOptions(backup=False, spot=False)
    assert found(none, closed, demand) == []


def test_the_worst_case_is_taken_from_the_set_again() -> None:
    box = BoxSet(np.array([0.0, 0.0]), np.array([70.0, 65.0]))
    told = DesignDemand("box", np.array([1.0, 1.0]), box)  # what was told is not believed
    assert found(PLAN, demand=told) == []
    larger = BoxSet(box.lower, np.array([70.5, 65.0]))
    assert [row[:2] for row in found(PLAN, demand=replace(told, uncertainty=larger))] == [
        ("demand (3a, 24c)", "calm, A1"),
        ("demand (3a, 24c)", "storm, A1"),
    ]
    each = replace(told, uncertainty=(box, larger))
    assert [row[:2] for row in found(PLAN, demand=each)] == [("demand (3a, 24c)", "storm, A1")]
    # Demand that can only be negative asks for nothing.
    below = BoxSet(np.array([-9.0, -9.0]), np.array([-5.0, -5.0]))
    nothing = replace(PLAN, **{n: getattr(PLAN, n) * 0.0 for n in ("contract", "backup", "spot", "reserve")})
    assert found(nothing, demand=replace(told, uncertainty=below)) == []
    varied = nominal_demand([[70.0, 65.0], [70.0, 65.1]])
    assert [row[:2] for row in found(PLAN, demand=varied)] == [("demand (3a, 24c)", "storm, A2")]


def test_words_of_a_violation() -> None:
    assert str(Violation("CVaR", "", 2.0, 1.5)) == "CVaR: 2 against 1.5"
    assert str(Violation("capacity", "calm, M1", 2.0, 1.0)) == "capacity at calm, M1: 2 against 1"
