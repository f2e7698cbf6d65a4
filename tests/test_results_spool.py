"""Rows that are collected: the same in memory and in a file, and a summary that does not know which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from esc_sim.results import period_table
from esc_sim.results.roomy import in_memory, lies_in_file
from esc_sim.results.spool import Spool
from esc_sim.results.summary import build_summary
from esc_sim.views.cost_histogram import cost_histogram
from tests.helpers.synthetic_runs import synthetic_result


@pytest.mark.parametrize("shape", [(5, 3), (4, 2, 3), (6,), (5, 0)])
@pytest.mark.parametrize("limit", [0, 200, 10**9])
def test_rows_come_back_in_order(shape: tuple[int, ...], limit: int) -> None:
    chance = np.random.default_rng(1)
    whole = chance.random((20, *shape))
    spool = Spool(shape, most=23, limit=limit)
    for first, stop in ((0, 1), (1, 4), (4, 4), (4, 13), (13, 20)):
        spool.add(whole[first:stop])
        assert spool.count == stop
        np.testing.assert_array_equal(spool.rows(), whole[:stop])
    np.testing.assert_array_equal(in_memory(spool.rows()[..., -1:]), whole[..., -1:])


def test_the_limit_is_what_may_stay_in_memory() -> None:
    rows = np.ones((2, 8))
    at_it, beyond = Spool((8,), most=2, limit=rows.nbytes), Spool((8,), most=2, limit=rows.nbytes - 1)
    at_it.add(rows)
    beyond.add(rows)
    assert in_memory(at_it.rows()) is at_it.rows()
    found = beyond.rows()
    copied = in_memory(found)
    assert copied is not found
    assert type(copied) is np.ndarray
    assert copied.flags.writeable
    assert not found.flags.writeable


def test_few_rows_of_many_that_might_come_need_no_file() -> None:
    """A run that stops at a wanted precision: room for all that might come would be more than a file may have."""
    rows = np.random.default_rng(2).random((3, 1000, 34))
    spool = Spool((1000, 34), most=10**9)
    for row in rows:
        spool.add(row[None])
    assert not lies_in_file(spool.rows())
    np.testing.assert_array_equal(spool.rows(), rows)


def test_no_more_rows_than_were_to_come() -> None:
    spool = Spool((3,), most=2, limit=0)
    spool.add(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="3 rows, where at most 2 were to come"):
        spool.add(np.zeros((1, 3)))


@pytest.mark.parametrize("pooling", ["pooled", "per_replication", "horizon"])
@pytest.mark.parametrize("together", [1, 2, 5])
def test_a_summary_is_the_same_from_a_file_and_from_parts_of_it(
    pooling: str, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = synthetic_result(replications=5)
    assert run.twin is not None
    risk = run.scenario.risk.model_copy(update={"pooling": pooling, "budget": 900.0})
    run = replace(run, scenario=run.scenario.model_copy(update={"risk": risk}))
    monkeypatch.setattr(period_table, "PART_BYTES", together * run.values[0, :, 0].nbytes)

    def filed(values: np.ndarray) -> np.ndarray:
        spool = Spool(values.shape[1:], most=len(values), limit=0)
        spool.add(values)
        return spool.rows()

    in_file = replace(run, values=filed(run.values), twin=filed(run.twin))
    assert len(period_table.PeriodTable(in_file.values).parts()) == -(-5 // together)
    assert build_summary(in_file) == build_summary(run)
    assert cost_histogram(in_file).axes[0].get_title() == cost_histogram(run).axes[0].get_title()
