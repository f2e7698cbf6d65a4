"""Inverse distribution functions against ``scipy.stats``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import stats

from esc_sim.sampling.inverse import standard_normal, values_of
from esc_sim.sampling.tape import TapeColumns, tape_block
from esc_sim.scenario.laws import Law
from tests.helpers.chances import Chances

SMALLEST = 0.5 * 2.0**-52
UNIFORMS = np.r_[SMALLEST, 1e-9, np.linspace(0.001, 0.999, 500), 1 - 1e-9, 1 - 2.0**-53]

CONTINUOUS: list[tuple[dict[str, Any], Any]] = [
    ({"law": "uniform", "low": 2.0, "high": 5.5}, stats.uniform(2.0, 3.5)),
    (
        {"law": "truncated_normal", "mean": 2.0, "sd": 0.5, "low": 1.0, "high": 3.0},
        stats.truncnorm(-2.0, 2.0, 2.0, 0.5),
    ),
    (
        {"law": "truncated_normal", "mean": 1.0, "sd": 1.0, "low": 4.0, "high": 9.0},
        stats.truncnorm(3.0, 8.0, 1.0, 1.0),
    ),
    ({"law": "truncated_normal", "mean": 6.0, "sd": 1.0, "high": 2.0}, stats.truncnorm(-6.0, -4.0, 6.0, 1.0)),
    ({"law": "exponential", "mean": 3.2}, stats.expon(scale=3.2)),
    ({"law": "gamma", "mean": 6.0, "sd": 1.5}, stats.gamma(16.0, scale=0.375)),
    ({"law": "gamma", "mean": 1.0, "sd": 2.5}, stats.gamma(0.16, scale=6.25)),
    ({"law": "triangular", "low": 1.0, "most_likely": 2.0, "high": 6.0}, stats.triang(0.2, 1.0, 5.0)),
    ({"law": "triangular", "low": 1.0, "most_likely": 1.0, "high": 6.0}, stats.triang(0.0, 1.0, 5.0)),
    ({"law": "triangular", "low": 1.0, "most_likely": 6.0, "high": 6.0}, stats.triang(1.0, 1.0, 5.0)),
    ({"law": "pert", "low": 1.0, "most_likely": 2.0, "high": 6.0}, stats.beta(1.8, 4.2, 1.0, 5.0)),
    ({"law": "lognormal", "mean": 3.0, "sd": 1.5}, stats.lognorm(np.log(1.25) ** 0.5, 0.0, 3.0 / 1.25**0.5)),
]
COUNTS: list[tuple[dict[str, Any], Any]] = [
    ({"law": "poisson", "mean": 0.3}, stats.poisson(0.3)),
    ({"law": "poisson", "mean": 4.0}, stats.poisson(4.0)),
    ({"law": "poisson", "mean": 900.0}, stats.poisson(900.0)),
    ({"law": "geometric", "probability": 0.25}, stats.geom(0.25)),
    ({"law": "geometric", "probability": 0.001}, stats.geom(0.001)),
    ({"law": "negative_binomial", "mean": 0.4, "sd": 2.0}, stats.nbinom(0.16 / 3.6, 0.1)),
    ({"law": "negative_binomial", "mean": 8.0, "sd": 4.0}, stats.nbinom(8.0, 0.5)),
]


def law_of(content: dict[str, Any]) -> Law:
    return TypeAdapter(Law).validate_python(content)


def test_standard_normal() -> None:
    np.testing.assert_allclose(standard_normal(UNIFORMS), stats.norm.ppf(UNIFORMS), rtol=1e-12)


@pytest.mark.parametrize(("content", "reference"), CONTINUOUS, ids=[str(c) for c, _ in CONTINUOUS])
def test_continuous_laws(content: dict[str, Any], reference: Any) -> None:
    np.testing.assert_allclose(values_of(law_of(content), UNIFORMS), reference.ppf(UNIFORMS), rtol=1e-9)


@pytest.mark.parametrize(("content", "reference"), COUNTS, ids=[str(c) for c, _ in COUNTS])
def test_counting_laws(content: dict[str, Any], reference: Any) -> None:
    # Without the last uniform, where SciPy's own rounding decides.
    np.testing.assert_array_equal(values_of(law_of(content), UNIFORMS[:-1]), reference.ppf(UNIFORMS[:-1]))


def test_counting_laws_keep_their_probabilities() -> None:
    uniforms = (np.arange(20_000) + 0.5) / 20_000
    for content, reference in COUNTS[1::2]:
        values = values_of(law_of(content), uniforms)
        for k in range(12):
            assert np.mean(values == k) == pytest.approx(reference.pmf(k), abs=1e-4)


def test_normal_is_cut_at_0() -> None:
    values = values_of(law_of({"law": "normal", "mean": 1.0, "sd": 2.0}), UNIFORMS)
    np.testing.assert_allclose(values, np.maximum(stats.norm(1.0, 2.0).ppf(UNIFORMS), 0.0), rtol=1e-9, atol=1e-12)


def test_discrete() -> None:
    law = law_of({"law": "discrete", "values": [7.0, 2.0, 3.0], "probabilities": [0.25, 0.5, 0.25]})
    drawn = values_of(law, np.array([SMALLEST, 0.49, 0.5, 0.500001, 0.75, 0.76, 1 - 2.0**-53]))
    np.testing.assert_array_equal(drawn, [2.0, 2.0, 2.0, 3.0, 3.0, 7.0, 7.0])


def test_a_value_that_cannot_happen_is_never_drawn() -> None:
    # The sum of probabilities may lie a little below 1, and the greatest value has no probability at all.
    law = law_of({"law": "discrete", "values": [99.0, 1.0, 2.0], "probabilities": [0.0, 0.5, 0.5 - 1e-10]})
    assert values_of(law, np.array([0.5, 0.6, 1 - 2.0**-53])).tolist() == [1.0, 2.0, 2.0]


def test_intermittent() -> None:
    law = law_of({"law": "intermittent", "probability": 0.25, "size": {"law": "gamma", "mean": 6.0, "sd": 1.5}})
    size = stats.gamma(16.0, scale=0.375)
    drawn = values_of(law, np.array([SMALLEST, 0.5, 0.75, 0.76, 0.875, 0.99, 1 - 2.0**-53]))
    np.testing.assert_array_equal(drawn[:3], 0.0)
    np.testing.assert_allclose(drawn[3:], size.ppf([0.04, 0.5, 0.96, 1 - 2.0**-53 - 2.0**-51]), rtol=1e-2)
    np.testing.assert_allclose(drawn[3:6], size.ppf([0.04, 0.5, 0.96]), rtol=1e-9)


def test_degenerate_laws() -> None:
    half = np.full(3, 0.5)
    for name in ("triangular", "pert"):
        assert (values_of(law_of({"law": name, "low": 4.5, "most_likely": 4.5, "high": 4.5}), half) == 4.5).all()
    assert (values_of(law_of({"law": "constant", "value": 4.5}), half) == 4.5).all()
    assert (values_of(law_of({"law": "geometric", "probability": 1.0}), half) == 1.0).all()
    assert (values_of(law_of({"law": "normal", "mean": 4.0, "sd": 0.0}), half) == 4.0).all()


@pytest.mark.parametrize("content", [c for c, _ in CONTINUOUS + COUNTS], ids=str)
def test_a_number_has_the_same_bits_wherever_it_stands(content: dict[str, Any]) -> None:
    law = law_of(content)
    together = values_of(law, UNIFORMS)
    alone = np.array([values_of(law, UNIFORMS[k : k + 1])[0] for k in range(len(UNIFORMS))])
    np.testing.assert_array_equal(together.view(np.int64), alone.view(np.int64))


def test_the_tape_holds_each_stream_by_its_own_law() -> None:
    gamma = law_of(CONTINUOUS[2][0])
    columns = TapeColumns(("order/a", "lead/a/b", "demand/a"), (None, gamma, None), times=(1,))
    block = tape_block(columns, 5, 2, 10, 8)
    chances = Chances(5, 2)
    for row in range(8):
        for column in (0, 2):
            expected = chances.normal(chances.uniform(columns.names[column], 10 + row))
            assert block[row, column] == pytest.approx(expected, rel=1e-12)
        lead = chances.value(gamma, chances.uniform("lead/a/b", 10 + row))
        assert block[row, 1] == np.round(block[row, 1])
        assert block[row, 1] * 2.0**-20 == pytest.approx(lead, abs=2.0**-20)
