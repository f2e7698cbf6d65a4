"""The answer of a run in words: how often service falls short, when it is back, and what is no change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from esc_sim.measures.recovery import MEASURES
from esc_sim.results.run import DISRUPTED, UNDISRUPTED
from esc_sim.risk.resilience import measure_resilience
from esc_sim.views.report.sentences import run_answer
from esc_sim.written import time_and_ends

PERIODS = 100
Spells = list[tuple[int, int]]


def entry(mean: float, half: float = 0.0, unit: str = "EUR") -> dict[str, Any]:
    return {"mean": mean, "ci_low": mean - half, "ci_high": mean + half, "unit": unit}


def grid(spells: list[Spells]) -> NDArray[np.bool_]:
    """Where the spells [first, after the last) of each replication are."""
    found = np.zeros((len(spells), PERIODS), bool)
    for row, one in zip(found, spells, strict=True):
        for first, stop in one:
            row[first:stop] = True
    return found


def answer(
    out: list[Spells], short: list[Spells], profit: float = -50.0, cost: float = 0.0, *, earned: float = 1000.0
) -> str:
    """The answer of a run with outages and shortfalls at given times of each replication."""
    found = measure_resilience(1.0 - grid(short), grid(out))
    entries = {one.name: one.interval(found, 1).entry(one.unit) for one in MEASURES}
    summary: dict[str, Any] = {
        "kpis": {
            UNDISRUPTED: {"profit_per_period": entry(earned), "cost_per_period": entry(2e8)},
            DISRUPTED: entries,
            "difference": {"profit_per_period": entry(profit, 1e-9), "cost_per_period": entry(cost)},
        },
        "units": {"money": "EUR", "period": "day"},
        "replications": len(out), "resilience": {"events_recorded": True},
        "risk": {"losses": {"is_largest": True}},
    }  # fmt: skip
    return run_answer({"asked": {"is_dated": False}}, summary)


@pytest.mark.parametrize(
    ("out", "short", "said"),
    [
        ([[(50, 70)]] * 8, [[(61, 62)], *[[]] * 7],
         "In 1 of 8 replications service falls short after 11 days and is back 12 days after the disruption began."),
        ([[(60, 74)]] * 3, [[(61, 76)]] * 3,
         "Service falls short after 1 day and is back 16 days after the disruption began."),
        ([[(60, 74)]] * 4, [[(60, 70)], [(60, 80)], [(60, PERIODS)], []],
         "In 3 of 4 replications service falls short at once and is back 15 days after the disruption began, "
         "in 2 of 3 replications."),
        ([[(60, 74)]] * 4, [[(60, PERIODS)], [(60, PERIODS)], [], []],
         "In 2 of 4 replications service falls short at once and is not back before the run ends."),
        ([[(5, 7)], [(5, 7)], []], [[(8, 9)], [], []],
         "Disruptions strike in 2 of 3 replications. In 1 of 3 replications service falls short after 3 days and is "
         "back 4 days after the disruption began."),
        ([[(5, 7), (50, 52)], [(5, 7)]], [[(5, 27)], [(5, 6)]],
         "Service falls short. On average it is back 6 days (0 to 70) after a disruption began, 0 where it never fell "
         "short."),
        ([[(98, 100)]] * 2, [[], []], "Service never falls short within the run."),
    ],
)  # fmt: skip
def test_when_service_is_back(out: list[Spells], short: list[Spells], said: str) -> None:
    assert answer(out, short) == f"It costs 50 EUR of profit a day. {said}"


def test_what_never_strikes_or_changes_nothing_is_not_called_a_cost() -> None:
    never = "No disruption strikes within the run, which goes as the run without them."
    assert answer([[], []], [[], []], profit=0.0) == never
    kept = " Service never falls short within the run."
    struck: list[Spells] = [[(5, 7)]] * 2
    assert answer(struck, [[], []], profit=-2e-8, earned=-1e-8) == f"It costs nothing.{kept}"
    dearer = answer(struck, [[], []], profit=-2e-8, cost=4e6, earned=-1e-8)
    assert dearer == f"Profit stays the same; cost rises by 4,000,000 EUR a day.{kept}"


@given(st.floats(0.0, 1e4), st.floats(0.0, 1e4))
def test_times_are_never_negative(mean: float, half: float) -> None:
    assert "-" not in time_and_ends(entry(mean, half, "day"), "day")
