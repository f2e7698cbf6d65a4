"""Every textbook answer lies within the simulation's 99.9 % interval, which is at most 0.25 % wide to either side."""

from __future__ import annotations

import pytest

from experiments.textbook.cases import Case, all_cases
from experiments.textbook.run import simulated

CASES = all_cases()


@pytest.mark.parametrize("case", [c for c in CASES if not c.deterministic], ids=lambda case: case.name)
def test_the_exact_answer_lies_in_the_interval(case: Case) -> None:
    found = simulated(case, seed=1)
    assert found.half_width <= 0.0025 * case.answer
    assert found.low <= case.answer <= found.high
    if case.printed is not None:
        assert found.low <= case.printed <= found.high


@pytest.mark.parametrize("case", [c for c in CASES if c.deterministic], ids=lambda case: case.name)
def test_without_chance_the_answer_is_exact(case: Case) -> None:
    assert simulated(case, seed=1).mean == pytest.approx(case.answer, rel=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.printed is not None], ids=lambda case: case.name)
def test_the_sums_agree_with_the_printed_values(case: Case) -> None:
    assert case.answer == pytest.approx(case.printed, rel=1e-4)
