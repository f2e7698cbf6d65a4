"""Runs written to folders and read back; folders that are no runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from esc_sim.errors import InputError
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.manifest import scenario_hash
from esc_sim.results.reading import read_run
from esc_sim.results.run import RunResult
from esc_sim.results.writing import write_run
from esc_sim.storage.place import check_target, claimed
from tests.helpers.sealed import sealed
from tests.helpers.synthetic_runs import layered_scenario, synthetic_result


@pytest.fixture(scope="module")
def result() -> RunResult:
    return synthetic_result(replications=3, periods=40)


@pytest.fixture(scope="module")
def written(result: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    write_run(result, folder)
    return folder


@pytest.fixture
def run(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "run"))


def test_a_run_read_back_is_the_run_that_was_written(result: RunResult, written: Path) -> None:
    found, expected = read_run(written), result
    for name in ("values", "twin", "disruption_active", "arc_shipped", "twin_arc_shipped", "item_stock",
                 "twin_item_stock", "item_health"):  # fmt: skip
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    for name in ("safety_stock", "target_stock", "side_ends"):
        np.testing.assert_array_equal(getattr(found.about, name), getattr(expected.about, name), err_msg=name)
    assert found.summary == expected.summary
    assert found.network.to_dict() == result.network.to_dict()
    assert (found.title, found.units, found.data) == (expected.title, expected.units, expected.data)


def test_a_run_without_disruption_has_no_twin(tmp_path: Path) -> None:
    result = synthetic_result(layered_scenario(disruptions=[]), replications=2, periods=5)
    write_run(result, tmp_path / "run")
    found = read_run(tmp_path / "run")
    assert found.label == "undisrupted"
    assert found.twin is None
    assert found.disruption_active is None
    np.testing.assert_array_equal(found.values, result.values)


@pytest.mark.parametrize("periods", [1, 2])
@pytest.mark.parametrize("sizes", [(1,), (1, 1), (1, 2), (2, 2)])
def test_runs_of_few_arcs_and_periods_are_read_back(sizes: tuple[int, ...], periods: int, tmp_path: Path) -> None:
    outage = {"name": "outage", "nodes": ["retailer_1"], "probability": 0.5}
    result = synthetic_result(layered_scenario(sizes, [outage]), replications=1, periods=periods)
    write_run(result, tmp_path / "run")
    found, expected = read_run(tmp_path / "run"), result
    for name in ("values", "twin", "arc_shipped", "twin_arc_shipped", "item_stock", "twin_item_stock"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(manifest | {"run": "x"}))
    with pytest.raises(InputError, match="other runs than x and undisrupted"):
        read_run(tmp_path / "run")


def test_tables_hold_what_their_columns_say(result: RunResult, written: Path) -> None:
    periods = pq.read_table(written / "periods.parquet").to_pandas()
    assert list(periods.columns) == ["run", "replication", "period", "disruption_active", *PERIOD_COLUMNS]
    row = periods[(periods.run == "disrupted") & (periods.replication == 2) & (periods.period == 7)].iloc[0]
    assert row.cost == result.values[2, 7, 0]
    arcs = pq.read_table(written / "arcs.parquet").to_pandas()
    arc = arcs[arcs.run == "disrupted"].iloc[4]
    assert arc.buyer == result.scenario.arcs[4].buyer
    assert arc.supplier == result.scenario.arcs[4].supplier
    assert arc.shipped == result.arc_shipped[4]
    items = pq.read_table(written / "items.parquet").to_pandas()
    item = items[(items.run == "disrupted") & (items.period == 9) & (items.node == "refinery_3")].iloc[0]
    node = result.network.node_index["refinery_3"]
    assert (item.stock, item.health) == (result.item_stock[9, node], result.item_health[9, node])


def test_traces_are_written_on_request(tmp_path: Path) -> None:
    result = synthetic_result(replications=2, periods=6, traces=True)
    assert result.traces is not None
    write_run(result, tmp_path / "run")
    nodes = pq.read_table(tmp_path / "run" / "nodes.parquet").to_pandas()
    items = pq.read_table(tmp_path / "run" / "node_items.parquet").to_pandas()
    assert list(nodes.columns) == ["replication", "period", "node", *NODE_COLUMNS]
    assert list(items.columns) == ["replication", "period", "node", "product", *ITEM_COLUMNS]
    pick = nodes[(nodes.replication == 1) & (nodes.period == 3) & (nodes.node == "terminal_2")].iloc[0]
    assert pick.profit == result.traces.nodes[1, 3, 4, -1]


def test_large_tables_come_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esc_sim.results.writing.ROWS_PER_GROUP", 50)
    result = synthetic_result(replications=5, periods=20)
    write_run(result, tmp_path / "run")
    groups = pq.ParquetFile(tmp_path / "run" / "periods.parquet").metadata.num_row_groups
    assert groups == 6  # two replications a group, for the run and its twin
    np.testing.assert_array_equal(read_run(tmp_path / "run").values, result.values)


def test_the_manifest_says_where_the_numbers_come_from(result: RunResult, written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text())
    assert manifest["seed"] == result.seed
    assert manifest["command"] == "esc-sim run synthetic"
    assert manifest["notices"] == ["made up"]
    assert set(manifest["versions"]) == {"python", "esc_sim", "numpy", "mesa", "simpy", "numba"}
    assert manifest["scenario_hash"] == scenario_hash(result.scenario)
    assert set(manifest["files"]) == {p.name for p in written.iterdir()} - {"manifest.json"}


def test_the_scenario_hash_changes_with_any_number_and_with_nothing_else() -> None:
    assert scenario_hash(layered_scenario()) == scenario_hash(layered_scenario())
    assert scenario_hash(layered_scenario()) != scenario_hash(layered_scenario(risk={"level": 0.96}))


def test_an_existing_run_is_replaced_only_by_force(run: Path) -> None:
    other = synthetic_result(seed=2, replications=3, periods=40)
    with pytest.raises(InputError, match="--force"):
        write_run(other, run)
    assert read_run(run).summary["seed"] == 1
    write_run(other, run, force=True)
    assert read_run(run).summary["seed"] == 2
    assert [p.name for p in run.parent.iterdir()] == ["run"]


def test_force_takes_figures_along_but_no_file_of_the_user(result: RunResult, run: Path) -> None:
    (run / "cost_histogram.pdf").write_bytes(b"")
    with pytest.raises(InputError, match="cost_histogram"):
        check_target(run, kind="esc_sim run", force=True)
    check_target(run, kind="esc_sim run", force=True, drawn={"cost_histogram.pdf"})
    (run / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        write_run(result, run, force=True, drawn={"cost_histogram.pdf"})
    assert (run / "notes.txt").read_text() == "mine"


def test_folders_that_are_not_ours_stay_untouched(result: RunResult, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("text")
    (tmp_path / "file").write_text("text")
    for name in ("thesis", "file", "file/below"):
        with pytest.raises(InputError, match=name.split("/")[0]):
            write_run(result, tmp_path / name, force=True)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["chapter.tex", "file", "thesis"]


def test_empty_folders_and_missing_parents_are_fine(result: RunResult, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_run(result, tmp_path / "empty")
    write_run(result, tmp_path / "a" / "b")
    assert read_run(tmp_path / "empty").period_count == read_run(tmp_path / "a" / "b").period_count == 40


def test_a_failure_leaves_nothing_and_the_old_run_as_it_was(result: RunResult, run: Path) -> None:
    def fail(folder: Path) -> None:
        raise KeyboardInterrupt

    before = {p.name: p.read_bytes() for p in run.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        write_run(result, run, force=True, draw=fail)
    with pytest.raises(KeyboardInterrupt):
        write_run(result, run.parent / "new", draw=fail)
    assert {p.name: p.read_bytes() for p in run.iterdir()} == before
    assert [p.name for p in run.parent.iterdir()] == ["run"]


def test_nothing_is_seen_at_the_place_before_all_is_written(tmp_path: Path) -> None:
    def fill(folder: Path) -> dict[str, str]:
        (folder / "table").write_text("1")
        assert not (tmp_path / "out").exists()
        return {"format": "x"}

    with claimed(tmp_path / "out", kind="x") as place:
        place.save(fill)
    assert (tmp_path / "out" / "table").read_text() == "1"


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "name", ["manifest.json", "summary.json", "network.json", "periods.parquet", "items.parquet", "arcs.parquet"]
)
@pytest.mark.parametrize("damage", ["removed", "truncated", "garbage", "empty"])
@pytest.mark.parametrize("sealed_again", [False, True])
def test_damaged_folders_are_refused_with_the_file_at_fault(
    run: Path, name: str, damage: str, sealed_again: bool
) -> None:
    path = run / name
    if damage == "removed":
        path.unlink()
    elif damage == "truncated":
        _truncate(path)
    else:
        path.write_bytes(b"\x80\x04K\x01." if damage == "garbage" else b"")
    with pytest.raises(InputError) as caught:
        read_run(sealed(run) if sealed_again and damage != "removed" and name != "manifest.json" else run)
    assert str(run) in str(caught.value)
    assert name in str(caught.value)
    assert len(caught.value.problems) == 1


def test_files_of_another_run_are_refused(run: Path, tmp_path: Path) -> None:
    write_run(synthetic_result(replications=2, periods=40), tmp_path / "short")
    wide = layered_scenario((4, 3, 3, 2, 2))
    write_run(synthetic_result(wide, replications=3, periods=40), tmp_path / "wide")
    shutil.copy(tmp_path / "short" / "periods.parquet", run)
    with pytest.raises(InputError, match=r"periods\.parquet: is not as it was written"):
        read_run(run)
    with pytest.raises(InputError, match=r"periods\.parquet: has 160 rows where the run has 240"):
        read_run(sealed(run))
    shutil.copy(tmp_path / "wide" / "network.json", run)
    with pytest.raises(InputError, match=r"network\.json: is not the network"):
        read_run(sealed(run))


def test_a_parquet_file_of_something_else_is_refused(run: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), run / "periods.parquet")
    with pytest.raises(InputError, match="has no column run"):
        read_run(sealed(run))
    table = pa.table({"run": ["disrupted"] * 28 + ["undisrupted"] * 28, "shipped": ["many"] * 56})
    pq.write_table(table, run / "arcs.parquet")
    with pytest.raises(InputError):
        read_run(sealed(run))


def test_shuffled_rows_are_refused(run: Path) -> None:
    table = pq.read_table(run / "periods.parquet")
    pq.write_table(table.take(np.roll(np.arange(table.num_rows), 1)), run / "periods.parquet")
    with pytest.raises(InputError, match=r"order|other runs"):
        read_run(sealed(run))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "other", "is no run"),
        ("format_version", 99, "format version 99"),
        ("replications", -1, "whole numbers"),
        ("periods", True, "whole numbers"),
        ("periods", 41, "rows"),
        ("structure_hash", "0", "network"),
        ("run", "x", "other runs"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(run: Path, key: str, value: object, message: str) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(manifest | {key: value}))
    with pytest.raises(InputError, match=message):
        read_run(run)


@pytest.mark.parametrize("key", ["node_ids", "arc_buyer", "roles", "x"])
def test_a_network_that_does_not_hold_together_is_refused(run: Path, key: str) -> None:
    content = json.loads((run / "network.json").read_text())
    for wrong in (None, [], [99] * len(content["network"][key]), "text"):
        (run / "network.json").write_text(
            json.dumps(content | {"network": content["network"] | {key: wrong}}), encoding="utf-8"
        )
        if key == "x" and wrong == [99] * 13:
            continue  # coordinates may be anything
        with pytest.raises(InputError, match=r"network\.json"):
            read_run(sealed(run))


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        read_run(tmp_path / "missing")
    with pytest.raises(InputError, match="is no run"):
        read_run(tmp_path)
