"""Laws proposed for histories that were drawn from known laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.fitting import Fit, fit_series
from esc_sim.scenario.demand import Demand

LENGTH = 200
Draw = Callable[[np.random.Generator], np.ndarray]


def gamma(mean: float, sd: float) -> Draw:
    return lambda rng: rng.gamma((mean / sd) ** 2, sd * sd / mean, LENGTH)


def now_and_then(rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(LENGTH) < 0.25, gamma(30.0, 15.0)(rng), 0.0)


DRAWN: dict[str, tuple[float, Draw]] = {
    "normal": (100.0, lambda rng: np.maximum(rng.normal(100.0, 30.0, LENGTH), 0.0)),
    "gamma": (40.0, gamma(40.0, 24.0)),
    "lognormal": (20.0, lambda rng: rng.lognormal(np.log(20.0) - 0.32, 0.8, LENGTH)),
    "poisson": (4.0, lambda rng: rng.poisson(4.0, LENGTH).astype(float)),
    "negative_binomial": (8.0, lambda rng: rng.negative_binomial(8, 0.5, LENGTH).astype(float)),
    "intermittent": (7.5, now_and_then),
}


def proposed(draw: Draw, count: int, seed: int) -> list[Fit]:
    rng = np.random.default_rng(seed)
    return [fit_series(draw(rng)) for _ in range(count)]


@pytest.mark.parametrize("family", DRAWN)
def test_the_family_that_was_drawn_is_proposed_with_its_mean(family: str) -> None:
    mean, draw = DRAWN[family]
    fits = proposed(draw, 40, 11)
    assert sum(fit.family.partition(",")[0] == family for fit in fits) >= 34
    assert sum(fit.mean_interval[0] <= mean <= fit.mean_interval[1] for fit in fits) >= 34
    for fit in fits:
        Demand.model_validate(fit.demand)
        assert fit.rejected == tuple(one for one in fit.candidates if one.family != fit.family)


def test_an_intermittent_history_gets_no_normal_law() -> None:
    for fit in proposed(now_and_then, 40, 12):
        normal = next(one for one in fit.candidates if one.family == "normal")
        assert normal.why.startswith("intermittent: nothing in")
        assert "normal" not in str(fit.demand).replace("lognormal", "")


def test_trend_and_season_are_found_and_go_on_after_the_history() -> None:
    rng, time = np.random.default_rng(3), np.arange(65)
    factors = np.array([0.6, 0.8, 1.0, 1.0, 1.1, 1.5, 1.0])
    asked = (100.0 + 2.0 * time) * np.resize(factors, 65) + rng.normal(0.0, 8.0, 65)
    fit = fit_series(asked)
    assert fit.trend == pytest.approx(2.0, abs=0.2)
    assert np.array(fit.season) == pytest.approx(factors, abs=0.1)
    assert fit.demand["mean"] == pytest.approx(230.0, rel=0.05)
    assert fit.demand["season"] == pytest.approx([*fit.season[2:], *fit.season[:2]], abs=1e-3)
    begun = fit_series(asked, begins="with").demand
    assert begun["mean"] == pytest.approx(100.0, rel=0.1)
    assert begun["season"] == pytest.approx(fit.season, abs=1e-3)
    assert fit.demand["sd"] == pytest.approx(8.0, rel=0.4)


@pytest.mark.parametrize(("season", "least"), [(None, 50), ((0.6, 0.8, 1.0, 1.0, 1.1, 1.5, 1.0), 50)])
def test_the_mean_beside_a_trend_is_carried_back_to_the_first_value(season: Any, least: int) -> None:
    rng, time = np.random.default_rng(6), np.arange(112.0)
    factors = np.resize(season or (1.0,), 112)
    means, trends = [], []
    for _ in range(55):
        fit = fit_series((200.0 + time) * factors + rng.normal(0.0, 15.0, 112), season_length=7 if season else 0)
        _, value, low, high = fit.candidates[0].parameters[1]
        means.append(fit.mean_interval[0] <= 200.0 <= fit.mean_interval[1])
        trends.append(low <= 1.0 <= high)
        assert value == fit.trend
    assert sum(means) >= least
    assert sum(trends) >= least


def test_half_zeros_with_a_poisson_size_are_intermittent() -> None:
    rng = np.random.default_rng(8)
    fits = [
        fit_series(np.where(rng.random(104) < 0.5, rng.poisson(25.0, 104), 0.0), season_length=0) for _ in range(40)
    ]
    assert all(fit.family.startswith("intermittent") for fit in fits)
    assert sum(fit.family == "intermittent, poisson" for fit in fits) >= 37


def test_a_season_beside_a_law_is_taken_out_of_the_values() -> None:
    rng = np.random.default_rng(4)
    factors = np.resize([0.5, 1.0, 1.5, 1.0], LENGTH)
    fit = fit_series(gamma(40.0, 20.0)(rng) * factors, season_length=4)
    assert fit.family == "gamma"
    assert fit.law["sd"] == pytest.approx(20.0, rel=0.2)
    assert fit.season == pytest.approx((0.5, 1.0, 1.5, 1.0), abs=0.15)


def test_what_hangs_together_is_drawn_again_in_blocks() -> None:
    rng = np.random.default_rng(5)
    level = 50.0
    asked = []
    for _ in range(LENGTH):
        level = 50.0 + 0.8 * (level - 50.0) + rng.normal(0.0, 5.0)
        asked.append(max(level, 0.0))
    fit = fit_series(asked, name="shop", season_length=0)
    assert fit.law["law"] == "empirical"
    assert fit.law["series"] == "shop"
    assert 6 <= fit.law["block"] <= 50
    assert "hang together" in fit.words
    as_if_free = 1.96 * np.std(asked) / np.sqrt(LENGTH)
    assert fit.mean_interval[1] - fit.mean_interval[0] > 3.0 * as_if_free
    once = fit_series(asked, name="shop", by_period=False)
    assert once.dependence == 1.0
    assert "block" not in once.law


def test_short_and_odd_histories() -> None:
    assert fit_series([3.0, 4.0], name="new").demand == {"law": {"law": "empirical", "series": "new"}}
    assert fit_series([5.0] * 20).demand == {"mean": 5.0}
    for count in (2, 20):
        nothing = fit_series([0.0] * count, name="new")
        assert nothing.demand == {"mean": 0.0}
        assert nothing.words == f"new: constant 0; nothing in any of {count} values"
    two = fit_series(np.resize([1.0, 9.0], 60), season_length=0, by_period=False)
    assert two.family == "empirical"


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([], {}, "shop: a history is a list of numbers, one for each period"),
        ([1.0, -2.0], {}, "shop: value 2 is -2, no number of at least 0"),
        ([1.0, float("nan")], {}, "shop: value 2 is nan, no number of at least 0"),
        ([1.0, 2.5], {"count": True}, r"shop: value 2 is 2.5, no whole number \(count\)"),
    ],
)
def test_what_is_no_history(values: list[float], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=f"^{said}$"):
        fit_series(values, name="shop", **options)
