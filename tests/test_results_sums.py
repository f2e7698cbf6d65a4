"""Sums of items on the disk: what was kept comes back, and what does not fit the run is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from esc_sim.errors import InputError
from esc_sim.results.columns import FLOW_COLUMNS, SERVICE_COLUMNS, TALLY_COLUMNS
from esc_sim.results.run import RunResult
from esc_sim.results.sums import Sums, has_sums, read_sums, write_sums
from tests.helpers.synthetic_runs import synthetic_result

PARTS = ("tally", "flows", "service")


def a_run(*parts: str) -> RunResult:
    """A run of three replications that has kept these parts."""
    run = synthetic_result(replications=3, periods=4)
    chance, items = np.random.default_rng(1), run.network.item_count
    customers = np.array([1, items - 1])
    made = {
        "tally": chance.random((3, items, len(TALLY_COLUMNS))),
        "flows": chance.random((3, items, len(FLOW_COLUMNS))),
        "service": chance.random((3, 2, len(SERVICE_COLUMNS))),
    }
    nothing = {"tally": np.empty((3, 0, len(TALLY_COLUMNS))), "flows": None, "service": np.empty((3, 0, 1))}
    return replace(run, customers=customers, **{part: (made if part in parts else nothing)[part] for part in PARTS})


@pytest.mark.parametrize(
    "parts", [(), ("tally",), ("flows",), ("service",), ("tally", "flows"), ("flows", "service"), PARTS]
)
def test_what_was_kept_comes_back(parts: tuple[str, ...], tmp_path: Path) -> None:
    run, file = a_run(*parts), tmp_path / "sums.parquet"
    write_sums(run, file)
    found = read_sums(file, 3, run.network)
    for part in PARTS:
        if part in parts:
            np.testing.assert_array_equal(getattr(found, part), getattr(run, part))
        else:
            assert getattr(found, part) is None
    assert found.customers.tolist() == (run.customers.tolist() if "service" in parts else [])
    kept = Sums.of(run)
    assert kept.tally is run.tally
    assert kept.flows is run.flows
    assert kept.customers is run.customers
    assert kept.service is run.service


def test_rows_are_named(tmp_path: Path) -> None:
    run, file = a_run("tally"), tmp_path / "sums.parquet"
    write_sums(run, file)
    table = pq.read_table(file).to_pandas()
    network = run.network
    assert list(table.columns) == ["replication", "node", "product", *TALLY_COLUMNS]
    assert table["replication"].tolist() == [r for r in range(3) for _ in range(network.item_count)]
    assert table["node"].tolist() == 3 * [network.node_ids[node] for node in network.item_node]
    assert table["product"].tolist() == 3 * [network.products[product] for product in network.item_product]


def test_sums_of_another_run_are_refused(tmp_path: Path) -> None:
    run, file = a_run(*PARTS), tmp_path / "sums.parquet"
    write_sums(run, file)
    for replications in (2, 4):
        with pytest.raises(InputError, match=f"does not hold the sums of {replications} replications; run again"):
            read_sums(file, replications, run.network)
    table = pq.read_table(file)
    for other in (table.drop_columns(["node"]), table.append_column("more", table["replication"])):
        pq.write_table(other, file)
        with pytest.raises(InputError, match="does not hold the sums of 3 replications"):
            read_sums(file, 3, run.network)
    pq.write_table(table.drop_columns([TALLY_COLUMNS[-1]]), file)
    with pytest.raises(InputError, match="does not hold the sums"):
        read_sums(file, 3, run.network)


def test_summaries_with_sums() -> None:
    assert [has_sums(summary) for summary in ({}, {"kpis": 1}, {"tiers": 1}, {"products": 1}, {"service": 1})] == [
        *(False, False, True, True, True)
    ]
