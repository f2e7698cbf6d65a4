"""Long arrays in files: the same numbers as in memory, and a run whose memory does not grow with its periods."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.results import roomy as roomy_module
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.reading import read_run
from esc_sim.results.roomy import (
    add_to,
    by_pieces,
    divided,
    in_memory,
    let_go,
    lies_in_file,
    mean_over_time,
    roomy,
)
from esc_sim.results.run import RunResult
from esc_sim.results.spool import Spool
from esc_sim.results.writing import write_run


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays of more than a kilobyte go to files, and are looked at in pieces of half a kilobyte."""
    monkeypatch.setattr(roomy_module, "MEMORY_LIMIT", 1024)
    monkeypatch.setattr(roomy_module, "PIECE", 512)
    monkeypatch.setattr("esc_sim.results.spool.PIECE", 512)


@pytest.mark.usefixtures("tight")
def test_large_arrays_lie_in_files_and_hold_what_is_written() -> None:
    assert not lies_in_file(roomy((128,)))
    whole, numbers = roomy((1, 20, 9), make=np.zeros), np.random.default_rng(2).random((20, 9))
    assert lies_in_file(whole)
    assert not whole.any()
    for rows in by_pieces(numbers):
        whole[:, rows] = numbers[rows]
        let_go(whole)
    np.testing.assert_array_equal(whole[0], numbers)
    copied = in_memory(whole[0, 3:5])
    assert not lies_in_file(copied)
    np.testing.assert_array_equal(copied, numbers[3:5])
    add_to(whole[0], numbers)
    np.testing.assert_array_equal(divided(whole[0], 3), (numbers + numbers) / 3)
    np.testing.assert_allclose(mean_over_time(whole[0]), (numbers + numbers).mean(axis=0) / 3)


@pytest.mark.usefixtures("tight")
def test_rows_that_lie_in_a_file_go_to_a_spool_piece_by_piece() -> None:
    whole = roomy((3, 20, 4, 5))
    whole[...] = np.random.default_rng(3).random(whole.shape)
    spool = Spool((20, 4, 5), most=4, limit=0)
    spool.add(whole[:1])
    spool.add(whole[1:])
    np.testing.assert_array_equal(spool.rows(), whole)


SHOPS = 60


def long_run(periods: int) -> RunResult:
    shops = [f"shop {k}" for k in range(SHOPS)]
    content = {
        "name": "long",
        "nodes": [
            {"id": "maker", "role": "supplier", "initial_stock": 4000, "production": {"mean": 400, "sd": 20}},
            *(
                {"id": shop, "initial_stock": 30, "demand": {"mean": 9, "sd": 2, "price": 3}, "order": {"mean": 9}}
                for shop in shops
            ),
        ],
        "arcs": [{"buyer": shop, "supplier": "maker", "price": 1, "lead_time": 2} for shop in shops],
        "disruptions": [
            {"name": "strike", "nodes": ["maker"], "probability": 0.02, "duration": 3},
            {"name": "flood", "nodes": [shops[0]], "probability": 0.01, "duration": 5},
        ],
        "run": {"periods": periods, "replications": 2},
    }
    return simulate(content, trace=True, engine="compiled")


@pytest.fixture
def cut_small(tight: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long runs, drawn, played and handed over in blocks of a few dozen periods."""
    for module in ("roomy", "spool"):
        monkeypatch.setattr(f"esc_sim.results.{module}.PIECE", 8_000)
    monkeypatch.setattr("esc_sim.replications._LONG_WORK", 1)
    monkeypatch.setattr("esc_sim.replications._LEVELS", 2_000)
    monkeypatch.setattr("esc_sim.engine.compiled.runner._LEVELS", 200)
    monkeypatch.setattr("esc_sim.engine.compiled.walk._BLOCK_VALUES", 10_000)
    monkeypatch.setattr("esc_sim.sampling.timetable._MOST_DRAWS", 100)
    monkeypatch.setattr("esc_sim.results.writing.ROWS_PER_GROUP", 1_000)
    monkeypatch.setattr(Spool.__init__, "__defaults__", (1024, np.float64))
    monkeypatch.setattr("esc_sim.replications.ROWS_LIMIT", 1024)


def test_a_run_cut_into_blocks_gives_the_same_tables(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr("esc_sim.results.writing.ROWS_PER_GROUP", 1_000)
    whole = long_run(250)
    write_run(whole, tmp_path / "whole")
    monkeypatch.undo()
    request.getfixturevalue("cut_small")
    cut = long_run(250)
    assert cut.traces is not None
    assert all(map(lies_in_file, (cut.traces.items, cut.traces.nodes, cut.item_stock, cut.item_health)))
    write_run(cut, tmp_path / "cut")
    for name in ("periods", "items", "arcs", "nodes", "node_items"):
        files = [(tmp_path / folder / f"{name}.parquet").read_bytes() for folder in ("whole", "cut")]
        assert files[0] == files[1], name
    stored = read_run(tmp_path / "cut")
    assert lies_in_file(stored.item_stock)
    np.testing.assert_array_equal(stored.item_stock, whole.item_stock)
    np.testing.assert_array_equal(stored.item_health, whole.item_health)


@pytest.mark.usefixtures("cut_small")
def test_memory_does_not_grow_with_periods_times_nodes(tmp_path: Path) -> None:
    def peak(periods: int) -> int:
        tracemalloc.start()
        try:
            write_run(long_run(periods), tmp_path / str(periods))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20)  # what is loaded or compiled once
    few, many = peak(500), peak(800)
    columns = 3 * len(PERIOD_COLUMNS)  # curves by period, of the run and its twin, and what key figures make of them
    assert (many - few) / 300 < 8 * 2 * columns < 8 * 2 * SHOPS * (len(ITEM_COLUMNS) + len(NODE_COLUMNS)) / 10
