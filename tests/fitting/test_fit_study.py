"""`fit` on tables and scenarios: what is read, written, drawn and handed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.patches import Rectangle
from scipy import special

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.fitting.study import FitStudy
from tests.scenario.helpers import folder_of

PERIODS = 120


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    """Weeks of two shops that move together, and of a spare part."""
    rng = np.random.default_rng(21)
    common = rng.normal(size=PERIODS)
    first, second = (0.8 * common + 0.6 * rng.normal(size=PERIODS) for _ in range(2))
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=PERIODS, freq="7D").strftime("%Y-%m-%d"),
            "mall": np.round(np.maximum(200.0 + 40.0 * first, 0.0), 1),
            "kiosk": np.round(special.gammaincinv(4.0, special.ndtr(second)) * 10.0, 2),
            "spares": np.where(rng.random(PERIODS) < 0.25, np.round(rng.gamma(9.0, 3.0, PERIODS), 1), 0.0),
        }
    )


@pytest.fixture(scope="module")
def study(history: pd.DataFrame) -> FitStudy:
    return esc.fit(history)


def test_a_table_is_fitted_column_by_column(study: FitStudy) -> None:
    assert [fit.family for fit in study.fits] == ["normal", "gamma", "intermittent, gamma"]
    assert study["mall"].demand["mean"] == pytest.approx(200.0, rel=0.05)
    assert study.correlated is not None
    assert study.correlated.seen
    assert study.correlated.matrix[0, 1] == pytest.approx(0.64, abs=0.12)
    assert abs(study.correlated.matrix[0, 2]) < 0.25
    tables = study.tables_by_name()
    assert list(tables) == ["fits", "rejected", "parameters", "correlations"]
    low, high = tables["parameters"].loc[("mall", "mean"), ["low", "high"]]
    assert low < 200.0 < high
    assert tables["rejected"].loc[("spares", "normal"), "why"].startswith("intermittent")
    with pytest.raises(esc.InputError, match="there is no history 'shop'; there are mall, kiosk, spares"):
        study["shop"]


def test_files_of_all_kinds_say_the_same(history: pd.DataFrame, study: FitStudy, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    history.to_csv(tmp_path / "h.csv", index=False)
    history.to_excel(tmp_path / "h.xlsx", index=False, sheet_name="past")
    history.to_parquet(tmp_path / "h.parquet")
    for name in ("h.csv", "h.xlsx", "h.parquet"):
        assert esc.fit(tmp_path / name).fits == study.fits


@pytest.mark.parametrize("written", ["german", "english"])
def test_tables_are_read_as_people_keep_them(written: str, history: pd.DataFrame, tmp_path: Path) -> None:
    plain = history[["date", "mall", "kiosk"]].copy()
    plain["mall"] += 1000.0
    dates = pd.to_datetime(plain["date"])
    german = written == "german"
    plain["date"] = dates.dt.strftime("%d.%m.%Y" if german else "%m/%d/%Y")
    plain["kiosk"] = [
        "n/a" if row < 3 else "-" if row == PERIODS - 1 else f"{value:.2f}" for row, value in enumerate(plain["kiosk"])
    ]
    plain["mall"] = plain["mall"].map("{:,.1f}".format)
    if german:
        plain[["mall", "kiosk"]] = plain[["mall", "kiosk"]].map(lambda cell: cell.translate(str.maketrans(",.", ".,")))
        plain = plain.rename(columns={"date": "Datum"})
    path = tmp_path / "kept.csv"
    path.write_text("Sales of 2024\n\n" + plain.to_csv(index=False, sep=";" if german else ","))
    found = esc.fit(path)
    assert found["mall"].values == pytest.approx([1000.0 + value for value in history["mall"]], abs=0.051)
    assert found["kiosk"].values == pytest.approx(history["kiosk"][3:-1].tolist())
    assert (found.histories.start, found.histories.step) == ("2024-01-01", "1 week")
    assert found.histories.begins == {"kiosk": 3}
    season = {"shop": [1.0, 2.0, 3.0, 2.0] * 9, "new": [1.0, 2.0, 3.0, 2.0] * 9}
    pd.DataFrame(season).astype(str).assign(new=["n/a"] + season["new"][1:-2] + [""] * 2).to_csv(path, index=False)
    ends = esc.fit(path, season_length=4)
    assert ends["new"].demand["season"] == pytest.approx(ends["shop"].demand["season"], abs=0.02)
    assert found.correlated is not None
    assert found.correlated.periods == PERIODS - 4
    assert found.correlated.matrix[0, 1] == pytest.approx(0.64, abs=0.12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,a\n2025-01-01,5\n2025-01-02,n/a\n2025-01-03,4\n",
         "h.csv:3: column 'a': nothing stands here, and numbers follow below it: give the number (0 for nothing)"),
        ("date,a\n01/02/2025,5\n02/02/2025,4\n",
         "h.csv:2: '01/02/2025' may be two dates: write 2025-01-02 (month first), or 2025-02-01 (day first)"),
        ("date;a;b\n2025-01-01;1,5;3\n2025-01-02;2.5;4\n",
         "h.csv:2: '1,5' has a decimal comma, but h.csv:3: '2.5' has a point: write one of them"),
        ('date,a\n2025-01-01,"1,234"\n', "h.csv:2: '1,234' may be thousands or decimals: write 1234, or 1.234"),
        ("date,a\n2025-01-01,five\n", "h.csv:2: column 'a': the cell 'five' is no number of at least 0"),
    ],
)  # fmt: skip
def test_what_may_be_read_in_two_ways_is_asked(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(text)
    with pytest.raises(esc.InputError) as caught:
        esc.fit(tmp_path / "h.csv")
    assert str(caught.value) == said


def test_observed_lead_times_need_not_fill_their_columns(tmp_path: Path) -> None:
    (tmp_path / "lead.csv").write_text("sea,air\n30,3\n,4\n28,n/a\n33,3\n")
    found = esc.fit(tmp_path / "lead.csv", lead_times=True)
    assert [fit.values for fit in found.fits] == [(30.0, 28.0, 33.0), (3.0, 4.0, 3.0)]


def test_figures_show_dates_deviations_and_whole_classes(tmp_path: Path) -> None:
    rng, count = np.random.default_rng(4), 104
    table = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=count, freq="7D").strftime("%Y-%m-%d"),
            "growing": np.round(200.0 + np.arange(count) + rng.normal(0.0, 15.0, count), 1),
            "whole": rng.poisson(80.0, count),
            "none": 0,
        }
    )
    figure = esc.fit(table).plot.fits()
    figure.canvas.draw()
    rows = np.array(figure.axes).reshape(3, 3)
    assert [axis.get_xlabel() for axis in rows[:, 0]] == ["date"] * 3
    assert "2024-01-01" in [label.get_text() for label in rows[0, 0].get_xticklabels()]
    assert rows[0, 1].get_title(loc="left") == "share of deviations from the trend"
    assert rows[0, 1].get_xlim()[0] < -15.0
    bars = [bar for bar in rows[1, 1].patches if isinstance(bar, Rectangle)]
    assert {bar.get_width() % 1.0 for bar in bars} == {0.0}
    assert {bar.get_x() % 1.0 for bar in bars} == {0.5}
    assert rows[2, 0].get_title(loc="left") == "none: constant 0"


def test_the_folder_holds_what_can_be_pasted(study: FitStudy, tmp_path: Path) -> None:
    folder = study.save(tmp_path / "fit")
    content = yaml.safe_load((folder / "demand.yaml").read_text())
    assert content["demands"] == {fit.name: fit.demand for fit in study.fits}
    assert content["correlation"]["series"] == ["mall", "kiosk", "spares"]
    again = esc.load_result(folder)
    assert again.frame.equals(study.frame)
    assert sorted(again.figures_by_name()) == ["correlations", "fits"]
    assert (folder / "fits.png").stat().st_size > 10_000
    assert "gamma" in again.report().read_text()


def test_lead_times_are_cut_where_a_law_has_no_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = np.round(np.random.default_rng(2).lognormal(1.0, 0.4, 80), 1)
    (tmp_path / "lead.csv").write_text("\n".join(["north,always", *(f"{value},2" for value in seen)]))
    assert main(["fit", str(tmp_path / "lead.csv"), "--lead-times", "--out", str(tmp_path / "out")]) == 0
    assert "always" in capsys.readouterr().out
    found = yaml.safe_load((tmp_path / "out" / "lead_times.yaml").read_text())["lead_times"]
    assert found["always"] == {"lead_time": {"law": "constant", "value": 2.0}}
    arc = esc.Arc(buyer="a", supplier="b", **found["north"])
    assert arc.max_lead_time is not None
    assert arc.max_lead_time >= max(seen)


SHOPS = """\
version: 1
name: shops
units: {period: week}
run: {periods: 60}
nodes:
  - {id: mall, demand: {series: mall, then: repeat, price: 9}}
  - {id: kiosk, demand: {series: kiosk, then: repeat}}
  - {id: depot}
  - {id: maker, initial_stock: 100000, production: {mean: 400}}
arcs:
  - {buyer: mall, supplier: depot, lead_time: 2}
  - {buyer: kiosk, supplier: depot, lead_time: 1}
  - {buyer: depot, supplier: maker, lead_time: 3}
"""


def test_a_scenario_gets_laws_correlations_and_policies(
    history: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = folder_of(tmp_path / "net", SHOPS, series_csv=history.drop(columns="spares").to_csv(index=False))
    out = tmp_path / "out"
    assert main(["fit", str(source), "--policies", "--out", str(out)]) == 0
    assert f"esc-sim run {out / 'scenario'}" in capsys.readouterr().out
    made = esc.load_scenario(out / "scenario")
    demand = made.nodes[0].demand
    assert demand is not None
    assert (demand.series, demand.price) == (None, 9.0)
    assert made.correlations[0].nodes == ["mall", "kiosk"]
    assert made.correlations[0].matrix is not None
    assert made.correlations[0].matrix[0][1] == pytest.approx(0.64, abs=0.12)
    assert [node.order is not None for node in made.nodes] == [True, True, True, False]
    assert list(esc.load_result(out).tables_by_name()["policies"].index) == [
        ("mall", "goods"), ("kiosk", "goods"), ("depot", "goods")
    ]  # fmt: skip
    kpis = esc.simulate(made, replications=8, engine="agents").summary["kpis"]["undisrupted"]
    assert kpis["fill_rate"]["mean"] == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.csv"], "no.csv: no such file"),
        (["bad.csv"], "bad.csv:3: column 'a': the cell 'x' is no number of at least 0"),
        (["good.csv", "--policies"], "policies: they are computed for a scenario, not for a table of histories"),
        (["net", "--lead-times"], "lead times: give a table of them, a column for each supplier or lane"),
        (["net"], "net: no history: put past demand into series.csv"),
        (["net", "--policies", "--fill-rate", "1"], "fill_rate: must lie between 0 and 1"),
    ],
)
def test_what_cannot_be_fitted(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text("a\n3\nx\n")
    Path("good.csv").write_text("a\n3\n4\n")
    folder_of(Path("net"), "version: 1\nname: net\nnodes:\n  - {id: shop, demand: {mean: 3}}\n")
    assert main(["fit", *arguments, "--out", "out"]) == 2
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_scenario_that_lacks_no_policy_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = "order: {policy: base_stock, order_up_to: 30}"
    shop = f"{{id: shop, demand: {{mean: 10}}, {order}}}"
    arcs = "arcs: [{buyer: shop, supplier: maker}]"
    text = f"version: 1\nname: two\nnodes: [{shop}, {{id: maker, initial_stock: 900}}]\n{arcs}\n"
    (tmp_path / "two.yaml").write_text(text)
    assert main(["fit", str(tmp_path / "two.yaml"), "--policies"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Starting policies: none, since every stocking point that is asked for goods states its order" in said
