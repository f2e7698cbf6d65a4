"""The benchmark's working on tiny sizes; times are never looked at."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import experiments.bench as package
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from experiments.bench import bench_envs, bench_first, bench_growth, bench_peers, bench_start
from experiments.bench.__main__ import line_of
from experiments.bench.bare_loop import chain_of, run_chain, tape_and_health
from experiments.bench.big_networks import KINDS, Kind, big_instance
from experiments.bench.rows import Row, interleaved, median_ratio

ROOT = Path(__file__).parents[1]
MODULES = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("bench_"))
# The page needs a browser, the peers and envs the network; crews is in test_crew_bytes, the others below.
_ELSEWHERE = {"page", "peers", "envs", "crews", "first", "growth", "start"}
ALONE = sorted(set(MODULES) - {f"bench_{name}" for name in _ELSEWHERE})


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESC_SIM_BENCH_SIZE", "tiny")


@pytest.mark.slow
@pytest.mark.parametrize("name", ALONE)
def test_module_measures(name: str) -> None:
    module = importlib.import_module(f"{package.__name__}.{name}")
    rows = list(module.measure())
    assert rows
    assert name == f"bench_{module.NAME}"
    assert all(row.what and np.isfinite(row.value) for row in rows)
    assert len({row.what for row in rows}) == len(rows)


def test_names_are_checked() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "experiments.bench", "nothing"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 2
    assert "there is no 'nothing'; choose from" in done.stderr
    assert "engines" in done.stderr


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


@pytest.mark.slow
def test_first_table_with_a_peer() -> None:
    """A peer is anything that plays for so many periods and reports; here it is our own chain."""
    own = next(program for program in bench_peers.programs() if "agents" in program.arguments)
    rows = {
        row.what: row for row in bench_first.waited(bench_first.starts(("quickstart",)), {own: Path(sys.executable)}, 1)
    }
    assert list(rows) == [
        "quickstart, nothing compiled: table",
        "quickstart: table",
        "quickstart --out: last file",
        f"{own.name}: first run",
        f"quickstart: table / {own.name}",
    ]
    assert all(row.value > 0.0 for row in rows.values())


def test_a_row_says_whether_its_target_is_met() -> None:
    assert "[<= 20: met]" in line_of(Row("memory", 1.5, "MB more", "<= 20"))
    assert "[<= 60 ms: MISSED]" in line_of(Row("time", 60.1, "ms", "<= 60 ms"))
    assert "[>= 150000: MISSED]" in line_of(Row("speed", 1e5, "a second", ">= 150000", "a note"))
    assert Row("speed", 150.0, "times", ">= 150").met is True
    assert Row("speed", 1.0, "a second").met is None


def test_rivals_run_in_turn_after_a_round_that_does_not_count() -> None:
    calls: list[str] = []

    def rival(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    found = interleaved({"a": lambda: rival("a"), "b": lambda: rival("b")}, 2)
    assert calls == ["a", "b"] * 3
    assert found == {"a": [3.0, 5.0], "b": [4.0, 6.0]}
    assert median_ratio([2.0, 9.0, 4.0], [1.0, 3.0, 1.0]) == 3.0


@pytest.mark.parametrize("disrupted", [True, False])
def test_plain_loop_gives_the_engines_costs_bit_for_bit(disrupted: bool) -> None:
    instance = instance_of(load_scenario(ROOT / "scenarios" / "oil_gas", ["run.periods=120"]))
    block = run_replications(instance, 5, range(2), disrupted=disrupted)
    for replication in range(2):
        tape, health = tape_and_health(instance, 5, replication)
        if not disrupted:
            health = [[1.0] * len(row) for row in health]
        costs, profits = run_chain(chain_of(instance), tape, health)
        assert np.array_equal(costs, block.periods[replication, :, PERIOD_COLUMNS.index("cost")])
        assert np.array_equal(profits, block.periods[replication, :, PERIOD_COLUMNS.index("profit")])


@pytest.mark.parametrize("override", ["rules.partial=false", "rules.feedback=none", "rules.unmet=backorder"])
def test_plain_loop_refuses_what_it_does_not_know(override: str) -> None:
    with pytest.raises(InputError, match="oil-and-gas model only"):
        chain_of(instance_of(load_scenario(ROOT / "scenarios" / "oil_gas", [override])))


@pytest.mark.parametrize("kind", KINDS)
def test_big_networks_are_what_they_say(kind: Kind) -> None:
    instance = big_instance(3000, kind)
    network = instance.network
    pairs = set(zip(network.arc_buyer.tolist(), network.arc_supplier.tolist(), strict=True))
    assert len(pairs) == network.arc_count
    assert 0.8 * 3000 <= network.arc_count <= 3000
    assert np.array_equal(network.layer[network.arc_supplier], network.layer[network.arc_buyer] + 1)
    largest = np.bincount(network.arc_supplier).max()
    share = {"even": (0.0, 0.02), "hubs": (0.05, 0.15), "star": (0.45, 0.55)}[kind]
    assert share[0] <= largest / network.arc_count <= share[1]


@pytest.mark.parametrize("kind", KINDS)
def test_goods_flow_through_big_networks(kind: Kind) -> None:
    instance = big_instance(3000, kind, periods=30)
    last = dict(zip(PERIOD_COLUMNS, run_replications(instance, 1, [0]).periods[0, -1], strict=True))
    assert last["served"] >= 0.8 * last["demand"]
    assert last["produced"] >= 0.8 * last["demand"]


def test_own_programs_race() -> None:
    own = {program: Path(sys.executable) for program in bench_peers.programs() if not program.package}
    rows = {row.what: row for row in bench_peers.raced(own, 1)}
    assert len(rows) == 2 * len(own) + 2 == 8  # bare NumPy is set against both engines
    assert all(row.value > 0.0 for row in rows.values())
    # Both engines tell what they sold: about the mean demand.
    for engine in ("esc_sim, agent engine", "esc_sim, compiled engine"):
        assert 80.0 <= float(rows[engine].note.split()[2]) <= 120.0


def test_own_environments_race() -> None:
    own = {program: Path(sys.executable) for program in bench_envs.programs() if not program.package}
    rows = {row.what: row for row in bench_envs.raced(own, 1)}
    assert len(rows) == len(own) == 3
    assert all(row.value > 0.0 for row in rows.values())
    # All sell about what is asked for.
    assert all(80.0 <= float(row.note.split()[0]) <= 120.0 for row in rows.values())


@pytest.mark.slow
def test_a_peer_that_cannot_be_installed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert bench_peers.python_with("stockpyl==1.0.2", tmp_path) is None
    assert "stockpyl==1.0.2 is left out, pip cannot install it" in capfd.readouterr().err
