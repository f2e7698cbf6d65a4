"""Confidence intervals by hand, and their coverage on samples whose true value is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esc_sim.risk.intervals import Interval, around, batch_means, mean_interval, paired_difference, section_interval
from esc_sim.risk.measures import RiskSetting, value_at_risk
from esc_sim.risk.tails import Tail, var_interval


def test_student_t_interval_by_hand() -> None:
    # Mean 2, sd 1, n = 3, t(0.975; 2) = 4.302653: half width 4.302653 / sqrt(3).
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.half_width == pytest.approx(4.302653 / math.sqrt(3.0), rel=1e-6)
    assert interval.n == 3
    assert interval.contains(2.0)
    assert not interval.contains(5.0)


def test_batches_make_the_interval_rest_on_their_means() -> None:
    values = [1.0, 3.0, 2.0, 4.0, 3.0, 5.0]  # batch means 2, 3, 4
    interval = mean_interval(values, batch=2)
    assert (interval.mean, interval.n) == (3.0, 3)
    assert interval.half_width == pytest.approx(4.302653 / math.sqrt(3.0), rel=1e-6)
    assert batch_means(values, 4).tolist() == [2.5, 4.0]


def test_paired_difference_is_the_interval_of_the_differences() -> None:
    noise = np.array([100.0, -50.0, 7.0])
    interval = paired_difference(noise + np.array([1.0, 2.0, 3.0]), noise)
    assert interval == mean_interval([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="paired"):
        paired_difference([1.0], [1.0, 2.0])


def test_replications_without_a_value_are_left_out_and_one_value_leaves_no_interval() -> None:
    assert mean_interval([1.0, math.nan, 3.0]).n == 2
    assert mean_interval([1.0, math.nan, 3.0]).mean == 2.0
    single = mean_interval([5.0])
    assert (single.mean, single.n) == (5.0, 1)
    assert math.isnan(single.low)
    assert mean_interval([math.nan]).n == 0
    assert math.isnan(mean_interval([]).mean)


def test_sectioning_of_a_mean_is_the_interval_of_the_mean() -> None:
    table = np.arange(12.0).reshape(6, 2) ** 2
    by_sections = section_interval([table], np.mean)
    by_replications = mean_interval(table.mean(axis=1))
    assert by_sections.mean == pytest.approx(by_replications.mean)
    assert by_sections.half_width == pytest.approx(by_replications.half_width)


def test_sections_are_whole_batches_of_whole_replications() -> None:
    seen: list[int] = []

    def statistic(table: np.ndarray) -> float:
        seen.append(len(table))
        return float(table.mean())

    table = np.random.default_rng(1).normal(size=(32, 3))
    assert section_interval([table], statistic, batch=8).n == 4
    assert seen == [32, 8, 8, 8, 8]
    seen.clear()
    assert section_interval([table], statistic, least=10).n == 3
    assert seen[0] == 32
    assert min(seen[1:]) >= 10
    assert sum(seen[1:]) == 32


def test_too_few_replications_for_two_sections_leave_no_interval() -> None:
    interval = section_interval([np.ones((20, 1))], np.mean, least=40)
    assert interval.mean == 1.0
    assert math.isnan(interval.low)


@pytest.mark.parametrize(("level", "least"), [(0.9, 20), (0.95, 40), (0.5, 4)])
def test_each_section_of_a_value_at_risk_holds_two_samples_of_the_tail(level: float, least: int) -> None:
    values = np.random.default_rng(1).normal(size=(2 * least, 3))
    horizon, pooled = RiskSetting(level, pooling="horizon"), RiskSetting(level)
    assert var_interval(Tail(values, horizon)).n == 2
    assert math.isnan(var_interval(Tail(values[1:], horizon)).low)
    assert var_interval(Tail(values[:, :1], pooled)).n == 2
    # Pooled, each of three periods is a sample, so that a third of the replications is enough.
    need = -(-least // 3)
    assert var_interval(Tail(values[: 2 * need], pooled)).n == 2
    assert math.isnan(var_interval(Tail(values[: 2 * need - 1], pooled)).low)


def test_sections_need_arrays_of_one_length() -> None:
    with pytest.raises(ValueError, match="length"):
        section_interval([np.ones((2, 1)), np.ones((3, 1))], lambda a, b: 0.0)
    with pytest.raises(ValueError, match="batch"):
        batch_means([1.0], 0)
    with pytest.raises(ValueError, match="batch"):
        mean_interval([1.0], batch=0)


def _coverage(intervals: list[Interval], truth: float) -> float:
    return float(np.mean([interval.contains(truth) for interval in intervals]))


def test_intervals_cover_the_true_value_as_often_as_they_say() -> None:
    # 1000 trials: the share that covers scatters by 0.007 around 0.95.
    generator = np.random.default_rng(2024)
    draws = generator.normal(10.0, 2.0, size=(1000, 12))
    assert 0.92 < _coverage([mean_interval(row) for row in draws], 10.0) < 0.98


def test_intervals_cover_the_true_var_and_cvar_although_periods_depend_on_one_another() -> None:
    # Every replication has a level of its own, so that its periods are strongly dependent; the sum is normal.
    generator = np.random.default_rng(7)
    setting = RiskSetting(0.8)
    true_var, true_cvar = math.sqrt(2.0) * 0.8416212, math.sqrt(2.0) * 1.3998096  # quantile z, and pdf(z) / 0.2
    by_section, by_replication, naive = [], [], []
    for _ in range(300):
        costs = generator.normal(size=(100, 1)) + generator.normal(size=(100, 30))
        by_section.append(section_interval([costs], setting.var))
        by_replication.append(mean_interval(setting.cvar_by_replication(costs)))
        naive.append(mean_interval(costs[costs >= value_at_risk(costs, 0.8)]))
    assert 0.90 < _coverage(by_section, true_var) < 0.98
    assert 0.90 < _coverage(by_replication, true_cvar) < 0.98
    assert _coverage(naive, true_cvar) < 0.6  # what pooled periods would have claimed


def test_an_interval_around_another_estimate_keeps_its_width() -> None:
    assert around(5.0, Interval(4.0, 3.0, 5.0, 7)) == Interval(5.0, 4.0, 6.0, 7)
