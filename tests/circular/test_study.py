"""The study's tables and figures, on short runs laid end to end."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from esc_sim.circular.agro import AgroResult, Switches, simulate_agro
from experiments.regenerative import claims, draw
from experiments.regenerative.runs import RESILIENCE, VARIANTS, Study, cells, first_years, stress_tests, variant

YEARS = 4


def longer(run: AgroResult) -> AgroResult:
    """The run's first year four times over."""
    made = {}
    for field in fields(run):
        value = getattr(run, field.name)
        if field.name == "carbon":
            steps = np.linspace(0.0, 1.0, YEARS + 1)[None, :, None, None]
            made[field.name] = value[:, :1] + steps * (value[:, -1:] - value[:, :1])
        elif isinstance(value, dict):
            made[field.name] = {name: np.repeat(table, YEARS, axis=1) for name, table in value.items()}
        elif isinstance(value, np.ndarray):
            made[field.name] = np.tile(value, (1, YEARS) + (1,) * (value.ndim - 2))
    return replace(run, **made)


@pytest.fixture(scope="module")
def study() -> tuple[Study, dict[str, AgroResult], dict[str, dict[str, AgroResult]]]:
    made = Study(2, 1, 3, 0.5)
    short = {name: longer(made.run(variant(name))) for name in VARIANTS}
    calm = longer(simulate_agro(made.c, Switches(), made.chance.calm(), plans=made.plans, bucket=0.5))
    runs = dict(short)
    for name, switches in cells().items():
        runs[f"cell {name}"] = replace(short["circular" if "L" in name else "linear"], switches=switches)
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


def test_every_claim_has_rows_with_intervals(study: tuple) -> None:
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


def test_figures_are_drawn(study: tuple, tmp_path: Path) -> None:
    made, runs, stresses = study
    draw.everything(made, runs, stresses, tmp_path)
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == ["cash.png", "dispatch.png", "nutrients.png", "resilience.png", "soil_and_yield.png"]
    assert all((tmp_path / name).stat().st_size > 20_000 for name in drawn)


def test_stress_tests_strike_in_the_second_year(study: tuple) -> None:
    made, _, _ = study
    wide = Study(1, 4, 3, 0.5).chance
    tests = stress_tests(first_years(wide.calm(), 3))
    assert tests["one supplier out"].supplier_down.sum() == 26
    assert tests["both suppliers out"].supplier_down.sum() == 52
    assert tests["five days without grid"].grid_down.sum() == 2 * 20
    assert tests["one supplier out"].years == 3
    assert not any(chance.grid_down[:, :52].any() or chance.supplier_down[:, :52].any() for chance in tests.values())
    assert made.c["life"] == 20
