"""What features show of themselves in every period: written beside a run, summed up, and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from esc_sim import simulate
from esc_sim.errors import InputError
from esc_sim.results.observed import Observed
from esc_sim.results.reading import read_run
from esc_sim.results.run import RunResult
from esc_sim.results.states import STATES
from esc_sim.results.writing import write_run
from tests.helpers.runs import SCENARIOS
from tests.helpers.sealed import sealed


@pytest.fixture(scope="module")
def result() -> RunResult:
    run = simulate(SCENARIOS / "quickstart", replications=3, overrides={"run.periods": 20})
    observed = (Observed("soil carbon", "north", "t/ha"), Observed("imported", "farm bus", "MWh", ("retailer",)))
    values = np.arange(3 * 20 * 2, dtype=float).reshape(3, 20, 2)
    return replace(run, observed=observed, observations=values)


def test_what_is_written_is_read_back(result: RunResult, tmp_path: Path) -> None:
    write_run(result, tmp_path / "run")
    stored = read_run(tmp_path / "run")
    assert stored.observed == result.observed
    assert result.observations is not None
    assert stored.observations is not None
    np.testing.assert_array_equal(stored.observations, result.observations)
    table = pd.read_parquet(tmp_path / "run" / STATES)
    assert list(table.columns) == ["replication", "period", "soil carbon/north", "imported/farm bus"]
    assert table["imported/farm bus"].iloc[-1] == 119.0


def test_the_summary_holds_the_mean_over_periods_and_the_end(result: RunResult, tmp_path: Path) -> None:
    entry = write_run(result, tmp_path / "run")["states"][0]
    assert (entry["kind"], entry["entity"], entry["unit"]) == ("soil carbon", "north", "t/ha")
    assert entry["mean"] == pytest.approx(59.0)
    assert entry["end"] == pytest.approx(np.mean([38.0, 78.0, 118.0]))
    assert entry["ci_low"] < entry["mean"] < entry["ci_high"]


def test_a_run_without_such_features_has_no_such_file(tmp_path: Path) -> None:
    run = simulate(SCENARIOS / "quickstart", replications=1, overrides={"run.periods": 5})
    assert "states" not in write_run(run, tmp_path / "run")
    assert not (tmp_path / "run" / STATES).exists()
    assert read_run(tmp_path / "run").observations is None


def test_a_truncated_file_is_refused(result: RunResult, tmp_path: Path) -> None:
    write_run(result, tmp_path / "run")
    file = tmp_path / "run" / STATES
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_run(sealed(tmp_path / "run"))
