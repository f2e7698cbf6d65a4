"""Resilience measures read off performance curves drawn by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from esc_sim.risk.resilience import Episode, align, episodes_of, measure_resilience, performance

#                  0    1    2    3    4    5    6    7    8    9
CURVE = np.array([1.0, 1.0, 1.0, 0.8, 0.5, 0.7, 0.9, 1.0, 1.0, 1.0])


def _active(*periods: int, length: int = 10) -> np.ndarray:
    active = np.zeros(length, dtype=bool)
    active[list(periods)] = True
    return active


def test_one_event_by_hand() -> None:
    found = measure_resilience(CURVE[None], _active(2, 3)[None], threshold=0.95)
    assert found.depth[0] == 0.5
    assert found.loss_area[0] == pytest.approx(0.2 + 0.5 + 0.3 + 0.1)
    assert found.time_to_survive[0] == 1.0  # begins in period 2, first felt in period 3
    assert found.time_to_recover[0] == 5.0  # whole again from period 7 on
    assert found.share_recovered == 1.0
    assert found.share_surviving == 0.0


def test_a_lower_threshold_is_reached_earlier() -> None:
    found = measure_resilience(CURVE[None], _active(2)[None], threshold=0.7)
    assert found.time_to_survive[0] == 2.0
    assert found.time_to_recover[0] == 3.0  # 0.7 is at the threshold, and performance stays there


def test_recovery_must_last() -> None:
    curve = np.array([1.0, 0.5, 1.0, 0.5, 1.0, 1.0])
    assert episodes_of(curve, _active(1, length=6)) == [Episode(1, 4)]


def test_an_event_that_is_absorbed_has_time_to_recover_0_and_never_falls() -> None:
    found = measure_resilience(np.ones((1, 10)), _active(4)[None])
    assert found.time_to_recover[0] == 0.0
    assert math.isnan(found.time_to_survive[0])
    assert found.share_surviving == 1.0


def test_never_recovering_is_censored_and_reported_as_a_share() -> None:
    lost = np.array([1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    found = measure_resilience(np.array([CURVE, lost]), np.array([_active(2), _active(2)]))
    assert found.time_to_recover[0] == 5.0
    assert math.isnan(found.time_to_recover[1])
    assert found.share_recovered == 0.5


def test_an_event_before_recovery_belongs_to_the_same_episode() -> None:
    assert episodes_of(CURVE, _active(2, 5)) == [Episode(2, 7)]
    assert episodes_of(CURVE, _active(2, 8)) == [Episode(2, 7), Episode(8, 8)]


def test_without_recorded_disruptions_episodes_start_where_performance_falls() -> None:
    assert episodes_of(CURVE, None) == [Episode(3, 7)]
    assert math.isnan(measure_resilience(CURVE[None], None).time_to_survive[0])


def test_no_disruption_at_all() -> None:
    found = measure_resilience(np.ones((2, 10)), np.zeros((2, 10), dtype=bool))
    assert found.depth.tolist() == [0.0, 0.0]
    assert math.isnan(found.share_recovered)
    assert math.isnan(found.share_surviving)
    assert np.isnan(found.time_to_recover).all()


def test_performance_of_goods_is_a_share_and_catching_up_is_not_above_1() -> None:
    run, twin = np.array([[5.0, 15.0, 0.0, 0.0]]), np.array([[10.0, 10.0, 10.0, 0.0]])
    assert performance(run, twin).tolist() == [[0.5, 1.0, 0.0, 1.0]]


def test_performance_of_money_is_measured_against_its_usual_size() -> None:
    run, twin = np.array([[4.0, -4.0, 20.0]]), np.array([[8.0, 8.0, 8.0]])
    assert performance(run, twin, "difference").tolist() == [[0.5, -0.5, 1.0]]
    assert performance(np.array([[0.0]]), np.array([[0.0]]), "difference").tolist() == [[1.0]]


def test_where_the_twin_earns_nothing_a_loss_counts_in_units_of_money() -> None:
    run, twin = np.array([[0.0, -0.5, -3.0, 2.0], [0.0, 4.0, 8.0, 12.0]]), np.array([[0.0] * 4, [8.0] * 4])
    assert performance(run, twin, "difference").tolist() == [[1.0, 0.5, -2.0, 1.0], [0.0, 0.5, 1.0, 1.0]]


def test_alignment_puts_every_start_at_the_same_place() -> None:
    nan = np.nan
    rows = align(CURVE[None], _active(2, 8)[None], before=2, after=4)
    np.testing.assert_array_equal(rows, [[1.0, 1.0, 1.0, 0.8, 0.5, 0.7], [nan, 1.0, 1.0, 1.0, nan, nan]])
    rows = align(CURVE[None], _active(2, 9)[None], before=1, after=8)  # the next episode cuts the first off
    np.testing.assert_array_equal(rows[0], [1.0, 1.0, 0.8, 0.5, 0.7, 0.9, 1.0, 1.0, nan])
    np.testing.assert_array_equal(rows[1], [1.0, 1.0, *[nan] * 7])
    assert align(np.ones((1, 4)), np.zeros((1, 4), dtype=bool), before=2, after=3).shape == (0, 5)


def test_shapes_thresholds_and_kinds_are_checked() -> None:
    with pytest.raises(ValueError, match="threshold"):
        measure_resilience(np.ones((1, 2)), None, threshold=0.0)
    with pytest.raises(ValueError, match="shape"):
        measure_resilience(np.ones((1, 2)), np.zeros((2, 1), dtype=bool))
    with pytest.raises(ValueError, match="shape"):
        performance(np.ones((1, 2)), np.ones((2, 1)))
    with pytest.raises(ValueError, match="kind"):
        performance(np.ones((1, 2)), np.ones((1, 2)), "share")  # type: ignore[arg-type]


@given(
    hnp.arrays(np.float64, 12, elements=st.sampled_from([0.0, 0.5, 0.94, 0.95, 1.0])),
    hnp.arrays(np.bool_, 12),
)
def test_episodes_are_in_order_do_not_overlap_and_end_whole(curve: np.ndarray, active: np.ndarray) -> None:
    episodes = episodes_of(curve, active)
    assert bool(episodes) == bool(active.any())
    for episode, following in zip(episodes, [*episodes, None][1:], strict=True):
        if episode.recovered is None:
            assert following is None
            assert curve[-1] < 0.95
        else:
            end = following.start if following else len(curve)
            assert episode.start <= episode.recovered <= end
            assert (curve[episode.recovered : end] >= 0.95).all()
            assert episode.recovered == episode.start or curve[episode.recovered - 1] < 0.95
