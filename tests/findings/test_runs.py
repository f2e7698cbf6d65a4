"""What a run says of itself: frames, a dataset, figures, tables; the same fresh and read back from its folder."""

from __future__ import annotations

import pickle
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import esc_sim
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.reading import StoredRun, read_run
from esc_sim.results.run import RunResult
from esc_sim.simulation import simulate
from esc_sim.views import FIGURES
from tests.helpers.drawn import empty_parts
from tests.helpers.synthetic_runs import layered_scenario, synthetic_result

ROOT = Path(__file__).resolve().parents[2]
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
HOSTILE = "<script>alert(1)</script> & 100 % of $x_1$ \\input{/etc/passwd} | `b` #1 {~^}"


@pytest.fixture(scope="module")
def run() -> RunResult:
    return simulate(ROOT / "scenarios" / "bakery", replications=3, seed=1, overrides={"run.periods": 25})


@pytest.fixture(scope="module")
def folder(run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run.save(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def stored(folder: Path) -> StoredRun:
    return read_run(folder)


def test_frames_hold_the_numbers_of_the_files(run: RunResult, folder: Path) -> None:
    for name, file, index in (
        ("periods", "periods.parquet", ["run", "replication", "period"]),
        ("nodes", "items.parquet", ["run", "period", "node", "product"]),
        ("arcs", "arcs.parquet", ["run", "buyer", "supplier", "product"]),
    ):
        written = pq.read_table(folder / file).to_pandas()
        frame = getattr(run, name)
        assert list(frame.index.names) == index
        flat = frame.reset_index()
        assert list(flat.columns) == list(written.columns)
        for column in written:
            np.testing.assert_array_equal(flat[column].to_numpy(), np.asarray(written[column]), err_msg=column)
    products = pd.read_csv(folder / "products.csv", index_col="product")
    pd.testing.assert_frame_equal(run.products, products, check_dtype=False)


def test_key_figures_are_those_of_the_summary(run: RunResult) -> None:
    kpis, summary = run.kpis, run.summary["kpis"]
    assert list(kpis.index) == list(summary["disrupted"] if run.twin is not None else summary["undisrupted"])
    for name, entry in summary[run.label].items():
        assert kpis.loc[name, "unit"] == entry["unit"]
        found = kpis.loc[name, ["mean", "ci_low", "ci_high"]].tolist()
        expected = [np.nan if entry[part] is None else entry[part] for part in ("mean", "ci_low", "ci_high")]
        np.testing.assert_array_equal(np.array(found, float), expected)


def test_twin_and_difference_stand_beside_the_run() -> None:
    result = synthetic_result(replications=4, periods=30)
    row = result.kpis.loc["profit_per_period"]
    assert row["mean"] - row["twin_mean"] == pytest.approx(row["difference_mean"])
    alone = synthetic_result(layered_scenario(disruptions=[]), replications=2, periods=5)
    assert not [name for name in alone.kpis if name.startswith(("twin", "difference"))]
    assert set(alone.periods.index.get_level_values("run")) == {"undisrupted"}


def test_a_run_read_back_says_the_same(run: RunResult, stored: StoredRun) -> None:
    assert isinstance(stored, esc_sim.Result)
    assert isinstance(run, esc_sim.Result)
    mine, read = run.tables_by_name(), stored.tables_by_name()
    assert list(mine) == list(read)
    assert "products" in mine
    for name, table in mine.items():
        pd.testing.assert_frame_equal(table, read[name])
    assert repr(stored) == repr(run)
    assert (stored.to_latex(), stored.to_markdown(), stored.to_csv()) == (
        run.to_latex(), run.to_markdown(), run.to_csv()
    )  # fmt: skip
    assert stored.to_xarray().identical(run.to_xarray())
    assert dir(stored.plot) == dir(run.plot)


def test_runs_can_be_pickled(run: RunResult, stored: StoredRun) -> None:
    for result in (run, stored):
        again = pickle.loads(pickle.dumps(result))
        assert repr(again) == repr(result)
        for name, table in result.tables_by_name().items():
            pd.testing.assert_frame_equal(again.tables_by_name()[name], table)


def test_a_run_read_back_can_be_saved_and_reported(stored: StoredRun, folder: Path, tmp_path: Path) -> None:
    again = esc_sim.load_result(stored.save(tmp_path / "again"))
    assert isinstance(again, StoredRun)
    assert {path.name for path in again.folder.iterdir()} == {path.name for path in folder.iterdir()}
    pd.testing.assert_frame_equal(again.kpis, stored.kpis)
    assert again.report() == tmp_path / "again" / "report.html"
    assert stored.report(tmp_path / "one.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="holds results already"):
        stored.save(tmp_path / "again")


def test_a_fresh_run_reports_into_one_file(run: RunResult, tmp_path: Path) -> None:
    page = run.report(tmp_path / "run.html").read_text(encoding="utf-8")
    assert "Key figures" in page
    assert [path.name for path in tmp_path.iterdir()] == ["run.html"]


def test_the_dataset_is_labelled(run: RunResult) -> None:
    data = run.to_xarray()
    assert set(data.dims) == {"run", "replication", "period", "item", "node", "arc"}
    for name in PERIOD_COLUMNS:
        found = data[name].sel(run=run.label).to_numpy()
        np.testing.assert_array_equal(found, run.column(name))
    assert data["cost"].attrs["units"] == run.units.money
    assert data["served"].attrs["units"] == run.units.goods
    assert data["met"].attrs["units"] == "1"
    np.testing.assert_array_equal(data["item_stock"].sel(run=run.label).to_numpy(), run.item_stock)
    item = data["item_stock"].isel(item=3)
    place = run.network.item_node[3]
    assert item["item_node"].item() == run.network.node_ids[place]


def test_without_xarray_the_message_names_the_extra(run: RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"esc_sim\[xarray\]"):
        run.to_xarray()


def test_figures_are_methods_with_words_of_ones_own(run: RunResult, tmp_path: Path) -> None:
    assert set(dir(run.plot)) <= set(FIGURES)
    assert {"cost_histogram", "network_map", "stock_heatmap"} <= set(dir(run.plot))
    usual = run.plot.cost_histogram()
    assert usual.get_suptitle().startswith("Cost distribution")
    assert usual.get_supxlabel() != ""
    bare = run.plot.cost_histogram(title=False, footer=False)
    assert (bare.get_suptitle(), bare.get_supxlabel()) == ("", "")
    own = run.plot.network_map(title="Who delivers", footer="Own data")
    assert own.get_suptitle().strip() == "Who delivers"
    assert own.get_supxlabel() == "Own data"
    assert run.plot.network_map(title=False).get_suptitle().strip() == ""
    for kind, magic in MAGIC.items():
        path = tmp_path / f"costs.{kind}"
        run.plot.cost_histogram(save=path)
        assert path.read_bytes().startswith(magic)
    assert usual._repr_png_().startswith(MAGIC["png"])


def test_no_figure_of_a_run_is_empty_and_those_left_out_are_told(
    stored: StoredRun, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = stored.figures_by_name()
    assert {name: empty_parts(draw()) for name, draw in figures.items()} == {name: [] for name in figures}
    assert main(["plot", str(folder), "--out", str(tmp_path)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("not drawn: ")]
    assert {path.stem for path in tmp_path.iterdir()} == set(figures)
    assert len(told) == len(FIGURES) - len(figures) > 0


def test_figures_that_there_are_not_are_told(run: RunResult, tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="did you mean 'cost_histogram'"):
        run.plot.cost_histgram()
    with pytest.raises(InputError, match="promises: the run carried out no plan"):
        run.plot.promises()
    with pytest.raises(InputError, match=r"\.png, \.pdf or \.svg"):
        run.plot.cost_histogram(save=tmp_path / "costs.docx")
    with pytest.raises(InputError, match="unknown format 'gif'"):
        run.draw(tmp_path, ["gif"])
    assert list(tmp_path.iterdir()) == []


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    scenario = layered_scenario(disruptions=[])
    units = scenario.units.model_copy(update={"money": HOSTILE})
    result = synthetic_result(scenario.model_copy(update={"title": HOSTILE, "units": units}), replications=2, periods=5)
    tags = _Tags()
    tags.feed(result._repr_html_())
    assert tags.seen == {"p", "b", "table", "thead", "tbody", "tr", "th", "td"}
    latex = result.to_latex()
    assert "\\input" not in latex
    assert r"\textbackslash{}input\{/etc/passwd\}" in latex
    assert r"\$x\_1\$" in latex
    for line in latex.splitlines()[2:-2]:
        cells = line.replace("\\&", "").count("&")
        assert cells == (0 if line.startswith("\\") and "&" not in line else 2)
    for line in result.to_markdown().splitlines():
        assert line.replace("\\|", "").count("|") == 4
        assert "<script" not in line


def test_tables_of_the_command(
    folder: Path, run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", str(folder)]) == 0
    assert capsys.readouterr().out == run.to_markdown()
    assert main(["table", str(folder), "--format", "latex", "--out", str(tmp_path / "kpis.tex")]) == 0
    assert (tmp_path / "kpis.tex").read_text(encoding="utf-8") == run.to_latex()
    capsys.readouterr()
    assert main(["table", str(folder), "--table", "arcs", "--format", "csv", "--out", str(tmp_path / "arcs.csv")]) == 0
    read = pd.read_csv(tmp_path / "arcs.csv").set_index(run.arcs.index.names)
    pd.testing.assert_frame_equal(read, run.arcs)
    capsys.readouterr()
    assert main(["table", str(folder), "--table", "arc"]) == 2
    assert "unknown table 'arc'; did you mean 'arcs'?" in capsys.readouterr().err
