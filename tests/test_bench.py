"""The measurements of growth and start-up work; what they measure is no matter here."""

from __future__ import annotations

import pytest

from experiments.bench import bench_growth, bench_start
from experiments.bench.__main__ import line_of
from experiments.bench.rows import Row


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESC_SIM_BENCH_SIZE", "tiny")


@pytest.mark.slow
def test_growth() -> None:
    rows = bench_growth.measure()
    names = [row.what for row in rows]
    assert [name.split(",")[0] for name in names[:2]] == ["agent engine", "agent engine"]
    assert rows[0].value > 50
    assert all(row.value > 0 for row in rows if row.unit == "ms a period")
    calls = next(row for row in rows if row.what.startswith("agent engine, calls per arc"))
    assert 0.5 < calls.value < 1.5


def test_start() -> None:
    rows = bench_start.measure()
    assert [row.what for row in rows] == ["python alone", "import esc_sim", "esc-sim --help"]
    assert all(row.value > 0 for row in rows)


def test_a_row_says_whether_its_target_is_met() -> None:
    assert "[<= 20: met]" in line_of(Row("memory", 1.5, "MB more", "<= 20"))
    assert "[>= 150000: MISSED]" in line_of(Row("speed", 1e5, "a second", ">= 150000", "a note"))
    assert Row("speed", 1.0, "a second").met is None
