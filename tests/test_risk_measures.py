"""Value at risk, conditional value at risk and exceedance probability against samples worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esc_sim.risk.measures import (
    RiskSetting,
    conditional_value_at_risk,
    exceedance_probability,
    over_replications,
    value_at_risk,
)
from esc_sim.risk.parts import Parts

ONE_TO_TWENTY = np.arange(1.0, 21.0)
COSTS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)
LEVELS = st.floats(0.01, 0.99)


def test_var_at_n_20_differs_between_the_strict_and_the_non_strict_reading() -> None:
    # F(19) = 19/20 = 0.95 exactly: it reaches the level but does not exceed it.
    assert value_at_risk(ONE_TO_TWENTY, 0.95) == 20.0
    assert value_at_risk(ONE_TO_TWENTY, 0.95, strict=False) == 19.0


def test_var_at_n_21_is_the_same_in_both_readings() -> None:
    sample = np.arange(1.0, 22.0)  # 0.95 * 21 = 19.95
    assert value_at_risk(sample, 0.95) == 20.0
    assert value_at_risk(sample, 0.95, strict=False) == 20.0


def test_var_does_not_slip_by_a_rounding_error() -> None:
    # In binary 0.29 * 100 is 28.999999999999996; the rank is 29, where 29 samples lie below.
    assert value_at_risk(np.arange(100.0), 0.29) == 29.0
    assert value_at_risk(np.arange(100.0), 0.29, strict=False) == 28.0


def test_readings_differ_with_ties_below_the_tail() -> None:
    sample = [1.0] * 10 + [5.0] * 9 + [9.0]  # F(1) = 0.5, F(5) = 0.95, F(9) = 1
    assert value_at_risk(sample, 0.95) == 9.0
    assert value_at_risk(sample, 0.95, strict=False) == 5.0
    assert conditional_value_at_risk(sample, 0.95) == 9.0
    # All samples from 5 on: (9 * 5 + 9) / 10.
    assert conditional_value_at_risk(sample, 0.95, strict=False) == pytest.approx(5.4)


def test_cvar_of_a_tie_at_the_value_at_risk() -> None:
    sample = [0.0] * 16 + [10.0] * 3 + [20.0]
    # Level 0.9: rank 18 is a 10; the tail mean takes all three tens: (3 * 10 + 20) / 4.
    assert value_at_risk(sample, 0.9) == 10.0
    assert conditional_value_at_risk(sample, 0.9) == pytest.approx(12.5)
    # The tail of 0.1 holds two samples: the 20 and one ten.
    assert conditional_value_at_risk(sample, 0.9, estimator="rockafellar_uryasev") == pytest.approx(15.0)


def test_rockafellar_uryasev_where_the_tail_cuts_a_sample() -> None:
    # n = 10, level 0.75: the tail of 0.25 holds samples 10 and 9 whole and half of 8.
    sample = np.arange(1.0, 11.0)
    expected = (10 + 9 + 0.5 * 8) / 2.5
    assert conditional_value_at_risk(sample, 0.75, estimator="rockafellar_uryasev") == pytest.approx(expected)
    assert conditional_value_at_risk(sample, 0.75) == pytest.approx(9.0)


def test_exceedance_counts_only_costs_above_the_budget() -> None:
    assert exceedance_probability([1.0, 2.0, 2.0, 3.0], 2.0) == 0.25
    assert exceedance_probability([1.0, 2.0], 3.0) == 0.0


def test_poolings_by_hand() -> None:
    costs = np.array([[1.0, 2.0], [3.0, 8.0]])
    largest = lambda sample: float(sample.max())  # noqa: E731
    assert over_replications(costs, largest, "pooled") == 8.0
    assert over_replications(costs, largest, "per_replication") == 5.0
    assert over_replications(costs, largest, "horizon") == 11.0


def test_a_setting_measures_as_it_says() -> None:
    costs = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    assert RiskSetting(0.5).var(costs) == 5.0
    assert RiskSetting(0.5).cvar(costs) == 6.5
    assert RiskSetting(0.5, pooling="per_replication").cvar(costs) == 5.5
    assert RiskSetting(0.5, pooling="horizon").var(costs) == 26.0
    assert RiskSetting(0.5, "rockafellar_uryasev").cvar(costs) == 6.5
    assert RiskSetting().epf_by_replication(costs, 6.5).tolist() == [0.0, 0.5]
    assert RiskSetting(pooling="horizon").epf_by_replication(costs, 25.0).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("pooling", ["pooled", "per_replication", "horizon"])
def test_what_replications_add_to_the_cvar_is_its_mean(pooling: str) -> None:
    costs = np.random.default_rng(3).normal(size=(30, 8)).round(1)
    setting = RiskSetting(0.9, "rockafellar_uryasev", pooling)  # type: ignore[arg-type]
    assert setting.cvar_by_replication(costs).mean() == pytest.approx(setting.cvar(costs))


@given(COSTS, LEVELS, st.booleans())
def test_var_is_the_smallest_sample_whose_distribution_function_passes_the_level(
    sample: list[float], level: float, strict: bool
) -> None:
    def passes(z: float) -> bool:
        count = sum(x <= z for x in sample)
        return count > level * len(sample) + 1e-9 if strict else count >= level * len(sample) - 1e-9

    assert value_at_risk(sample, level, strict=strict) == min(z for z in sample if passes(z))


@given(COSTS, LEVELS, st.booleans())
def test_cvar_is_never_below_var(sample: list[float], level: float, strict: bool) -> None:
    assert conditional_value_at_risk(sample, level, strict=strict) >= value_at_risk(sample, level, strict=strict)
    ru = conditional_value_at_risk(sample, level, estimator="rockafellar_uryasev")
    assert ru >= value_at_risk(sample, level, strict=False)
    assert max(sample) + 1e-5 >= ru


@given(COSTS, LEVELS, st.integers(-1000, 1000), st.sampled_from(["tail_mean", "rockafellar_uryasev"]))
def test_translation_moves_both_measures_by_the_same(
    sample: list[float], level: float, shift: int, estimator: str
) -> None:
    on_grid = np.round(np.array(sample) * 16) / 16  # exact sums, so that a shift makes or breaks no tie
    assert value_at_risk(on_grid + shift, level) == value_at_risk(on_grid, level) + shift
    moved = conditional_value_at_risk(on_grid + shift, level, estimator=estimator)  # type: ignore[arg-type]
    still = conditional_value_at_risk(on_grid, level, estimator=estimator)  # type: ignore[arg-type]
    assert moved == pytest.approx(still + shift, abs=1e-6)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=20, max_size=20, unique=True), st.integers(1, 19))
def test_estimators_agree_without_ties_where_the_tail_is_a_whole_number_of_samples(
    sample: list[int], below: int
) -> None:
    level = below / 20
    tail = sorted(sample)[below:]
    assert conditional_value_at_risk(sample, level) == pytest.approx(sum(tail) / len(tail))
    ru = conditional_value_at_risk(sample, level, estimator="rockafellar_uryasev")
    assert ru == pytest.approx(sum(tail) / len(tail))


@given(COSTS, LEVELS)
def test_rockafellar_uryasev_is_the_minimum_over_z(sample: list[float], level: float) -> None:
    costs = np.array(sample)
    # The objective is piecewise linear in z with kinks at the samples, so its minimum is at one of them.
    best = min(z + np.maximum(costs - z, 0).mean() / (1 - level) for z in sample)
    ru = conditional_value_at_risk(sample, level, estimator="rockafellar_uryasev")
    assert ru == pytest.approx(best, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(("sample", "level"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.0), ([1.0, float("nan")], 0.5)])
def test_what_cannot_be_measured_is_refused(sample: list[float], level: float) -> None:
    with pytest.raises(ValueError):
        value_at_risk(sample, level)
    with pytest.raises(ValueError):
        conditional_value_at_risk(sample, level)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="estimator"):
        conditional_value_at_risk([1.0], estimator="tail")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="pooling"):
        over_replications([[1.0]], float, "all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="shape"):
        over_replications([1.0], float)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9, 0.95])
@pytest.mark.parametrize("cut", [1, 3, 7, 40])
def test_samples_in_parts_give_the_same_bits(level: float, cut: int) -> None:
    whole = np.random.default_rng(5).integers(0, 30, (40, 6)) / 7.0  # with ties
    lengths = tuple(len(part) for part in np.array_split(whole, cut))
    parts = Parts(lengths, 6, lambda k: np.array_split(whole, cut)[k])
    for strict in (True, False):
        assert value_at_risk(parts, level, strict=strict) == value_at_risk(whole, level, strict=strict)
    for estimator in ("tail_mean", "rockafellar_uryasev"):
        one, other = (conditional_value_at_risk(table, level, estimator=estimator) for table in (parts, whole))  # type: ignore[arg-type]
        assert one == other
    assert exceedance_probability(parts, 2.0) == exceedance_probability(whole, 2.0)
    assert [len(parts[a:b]) for a, b in ((0, 40), (3, 17), (39, 40))] == [40, 14, 1]
    np.testing.assert_array_equal(np.concatenate(list(parts[3:17])), whole[3:17])
