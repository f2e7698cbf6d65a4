"""The study's tables and figures, on short runs laid end to end; sampling of coefficients."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from experiments.regenerative import claims, draw
from experiments.regenerative.agro import VARIANTS
from experiments.regenerative.outcome import Outcome
from experiments.regenerative.runs import HIT, PARTS, RESILIENCE, Study, cells, coefficients, stress_tests
from experiments.regenerative.sampling import AREAS, FIGURES, figures, samples

YEARS = 4
Runs = dict[str, Outcome]


def longer(run: Outcome) -> Outcome:
    """The run's year four times over."""
    made = {}
    for field in fields(run):
        value = getattr(run, field.name)
        if field.name == "carbon":
            steps = np.linspace(0.0, 1.0, YEARS + 1)[None, :, None]
            made[field.name] = value[:, :1] + steps * (value[:, -1:] - value[:, :1])
        elif field.name == "energy":
            made[field.name] = {name: np.repeat(table, YEARS, axis=1) for name, table in value.items()}
        elif isinstance(value, np.ndarray) and value.ndim > 1:
            made[field.name] = np.tile(value, (1, YEARS) + (1,) * (value.ndim - 2))
    return replace(run, **made)


@pytest.fixture(scope="module")
def study() -> tuple[Study, Runs, dict[str, Runs]]:
    made = Study(2, 1, 3)
    short = {name: longer(made.run(switches)) for name, switches in VARIANTS.items()}
    calm = longer(made.run((), calm=True))
    runs = dict(short)
    for name, switches in cells().items():
        base = short["circular" if "L" in name else "linear"]
        runs[f"cell {name}"] = replace(base, switches=frozenset(switches))
    for name in RESILIENCE:
        runs[f"alone {name}"] = short["linear"]
    runs["autonomous"] = short["circular"]
    for name in (*VARIANTS, *(f"alone {name}" for name in RESILIENCE)):
        runs[f"calm {name}"] = calm
    stresses = {
        what: {name: short.get(name, calm) for name in (*VARIANTS, *RESILIENCE)} for what in ("a storm", "flood")
    }
    stresses["calm"] = dict.fromkeys((*VARIANTS, *RESILIENCE), calm)
    return made, runs, stresses


def test_every_claim_has_rows_with_intervals(study: tuple[Study, Runs, dict[str, Runs]]) -> None:
    made, runs, stresses = study
    rows = [
        *claims.resources(runs, runs["circular"]),
        *claims.resilience(runs, stresses),
        *claims.economics(made.c, runs),
        *claims.factorial(made.c, runs),
        *claims.coordination(runs),
    ]
    assert {row[0] for row in rows} == set("123456")
    for _, what, _, value, low, high in rows:
        assert np.isnan(low) or low <= value + 1e-9, what
        assert np.isnan(high) or value <= high + 1e-9, what
    found = {row[1]: row[3] for row in rows}
    # In this made-up set loops alone make a difference, and capital costs add up: no interactions but rounding.
    worth = found["net present value, L"]
    assert found["main effect, loops"] == pytest.approx(worth)
    assert found["interaction, loops x soil_measure"] == pytest.approx(0.0, abs=1e-9)
    assert found["interaction, loops x soil_measure x microgrid"] == pytest.approx(0.0, abs=1e-9)


def test_figures_are_drawn(study: tuple[Study, Runs, dict[str, Runs]], tmp_path: Path) -> None:
    made, runs, stresses = study
    draw.everything(made, runs, stresses, tmp_path)
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == ["cash.png", "dispatch.png", "nutrients.png", "resilience.png", "soil_and_yield.png"]
    assert all((tmp_path / name).stat().st_size > 20_000 for name in drawn)


def test_the_factorial_has_every_cell_once() -> None:
    assert [len(switches) for switches in cells().values()] == [0, 1, 1, 2, 1, 2, 2, 3]
    assert set(cells()["LSM"]) == set(PARTS)


def test_stress_tests_strike_in_the_second_year() -> None:
    for switches in VARIANTS.values():
        for hits in stress_tests(switches).values():
            assert all(HIT <= date["start"] < HIT + 52 for hit in hits for date in hit["dates"])


def test_sampled_coefficients_fit_and_stay_in_their_ranges() -> None:
    c = coefficients()
    drawn = list(samples(c, 5, 1))
    assert len(drawn) == 5
    for one in drawn:
        assert all(c.low[name] <= one[name] <= c.high[name] for name in c.value if name not in AREAS)
    assert len({one["p_import"] for one in drawn}) == 5
    assert [one.value for one in samples(c, 5, 1)] == [one.value for one in drawn]


def test_a_sample_gives_a_number_for_every_claim() -> None:
    made = Study(1, 1, 3)
    found = figures(made, next(samples(made.c, 1, 2)))
    assert len(found) == len(FIGURES)
    assert np.isfinite(found).all()
    assert found[0] < 100.0
