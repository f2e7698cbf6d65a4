"""After `esc-sim warm` no command compiles anything."""

from __future__ import annotations

from pathlib import Path

import pytest

import esc_sim
from esc_sim.cli import main
from tests.helpers.command import ROOT

SCENARIOS = ROOT / "scenarios"
COMMANDS = [
    ["run", "oil_gas", "--replications", "2"],
    ["run", "bakery", "--replications", "2"],
    ["run", "beer_game", "--replications", "2"],
    ["run", "agro_food", "--replications", "1", "--set", "run.periods=30"],
    ["recover", "cascade_37", "--budget", "3", "--remove", "6", "--evaluations", "50"],
]


def kernels() -> dict[str, int]:
    """Compiled functions in the cache, and when they were written."""
    folder = Path(esc_sim.__file__).parent
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*.nbi")}


@pytest.mark.slow
def test_no_command_compiles_after_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warm"]) == 0
    assert capsys.readouterr().out.count("ready after") == 4
    before = kernels()
    for number, (command, scenario, *rest) in enumerate(COMMANDS):
        assert main([command, str(SCENARIOS / scenario), *rest, "--out", str(tmp_path / str(number))]) == 0
    assert kernels() == before
