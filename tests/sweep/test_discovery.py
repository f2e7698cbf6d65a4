"""Where a sweep breaks: boxes and trees of points whose truth is known, words, files, refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.sweep.boxes import Axis, find_boxes
from esc_sim.sweep.discovery import Condition, Discovery, discovery_lines, discovery_of
from esc_sim.sweep.parameters import Parameter
from tests.helpers.runs import SCENARIOS

MEAN, LAG, KIND = "nodes.shop.demand.mean", "nodes.shop.order.order_up_to", "rules.unmet"
PARAMETERS = (Parameter(MEAN, low=0.0, high=1.0), Parameter(LAG, low=0.0, high=1.0), Parameter(KIND, ("a", "b", "c")))
ANSWER = ["sweep", str(SCENARIOS / "stock_levels"), "--design", "sobol", "--replications", "2", "--set",
          "run.periods=60", "--vary", "nodes.shop.order.order_up_to=30:90", "--vary", "nodes.shop.demand.mean=15.0:25",
          "--kpi", "fill_rate"]  # fmt: skip


def axes(count: int = 256, dimensions: int = 4) -> tuple[list[Axis], np.ndarray]:
    places = np.random.default_rng(1).random((count, dimensions))
    return [Axis(places[:, k]) for k in range(dimensions)], places


def found_in(hits_where: str, count: int = 200) -> Discovery:
    """What is discovered of points whose fill rate is 0.5 where an expression of x, y and kind holds, else 1."""
    generator = np.random.default_rng(2)
    x, y, kind = generator.random(count), generator.random(count), generator.choice(["a", "b", "c"], count)
    bad = eval(hits_where, {"x": x, "y": y, "kind": kind, "np": np})
    table = pd.DataFrame({MEAN: x, LAG: y, KIND: kind, "fill_rate.mean": np.where(bad, 0.5, 1.0)})
    return discovery_of(Condition.read("fill_rate < 0.9"), PARAMETERS, table)


def test_a_limit_in_percent_without_the_sign_is_told() -> None:
    table = pd.DataFrame({MEAN: np.arange(20.0), "fill_rate.mean": np.full(20, 0.5)})
    (notice,) = discovery_of(Condition.read("fill_rate < 90"), PARAMETERS[:1], table).notices
    assert notice.endswith("holds at every point of 20: nothing to discover; take a share: write 90% for percent")


def test_a_box_that_is_there_is_found() -> None:
    parameters, places = axes()
    hits = (places[:, 0] > 0.6) & (places[:, 1] < 0.4)
    (box,) = find_boxes(parameters, hits)
    assert set(box.step.limits) == {0, 1}
    assert box.step.coverage == box.step.density == 1.0
    assert box.step.limits[0].low == pytest.approx(0.6, abs=0.02)
    assert box.step.limits[1].high == pytest.approx(0.4, abs=0.02)
    assert not np.isfinite([box.step.limits[0].high, box.step.limits[1].low]).any()
    assert max(box.chance.values()) < 1e-10
    densities = [step.density for step in box.path]
    assert densities == sorted(densities)
    assert box.path[0].coverage == box.path[0].mass == 1.0


def test_the_quasi_p_value_is_that_of_the_binomial_law() -> None:
    """8 of 8 points of interest in a half of which the whole has 8 of 16: 0.5^8."""
    low_half = Axis(np.arange(16.0))
    (box,) = find_boxes([low_half], np.arange(16) < 8)
    assert (box.step.points, box.step.hits) == (8, 8)
    assert box.chance == {0: pytest.approx(0.5**8)}


def test_two_boxes_are_found_one_after_the_other() -> None:
    parameters, places = axes(400)
    first, second = (places[:, 0] < 0.3) & (places[:, 1] < 0.5), (places[:, 2] > 0.8) & (places[:, 3] > 0.6)
    boxes = find_boxes(parameters, first | second)
    assert len(boxes) == 2
    assert boxes[0].step.hits + boxes[1].step.hits >= 0.9 * (first | second).sum()


def test_regions_that_hide_each_other_from_boxes_are_told_by_the_tree() -> None:
    """Peeling is greedy: failing at both ends of a parameter it cuts off neither."""
    found = found_in("((x < 0.3) & (y < 0.5)) | ((x > 0.75) & (y > 0.5))", 400)
    lines = discovery_lines(found)
    dense = found.tree[found.tree["density"] > 0.9]
    assert dense["coverage"].sum() > 0.85
    assert sum(line.startswith("Tree: ") for line in lines) >= len(dense) == 2


def test_noise_has_no_box_or_one_that_holds_little() -> None:
    parameters, _ = axes()
    for seed in range(5):
        hits = np.random.default_rng(seed).random(256) < 0.2
        assert all(box.step.balance < 0.6 for box in find_boxes(parameters, hits))


def test_a_box_is_found_where_that_of_the_best_balance_is_chance_alone() -> None:
    """Failures thin out away from a corner: each end of the widest boxes alone says little."""
    generator = np.random.default_rng(28)
    places = generator.random((64, 3))
    hits = generator.random(64) < np.clip(1.0 - 1.3 * (places[:, 0] + 0.3 * (1.0 - places[:, 2])), 0.0, 1.0)
    boxes = find_boxes([Axis(places[:, k]) for k in range(3)], hits)
    assert boxes
    assert boxes[0].step.limits[0].high < 0.5
    assert boxes[0].step.density > 0.8 > 2.0 * hits.mean()


def test_values_that_are_words_make_boxes_and_rules() -> None:
    found = found_in("(x > 0.5) & (kind == 'b')")
    assert found.boxes["box"].unique().tolist() == [1]
    rows = found.boxes.set_index("parameter")
    assert rows.loc[KIND, "values"] == "b"
    assert rows.loc[MEAN, "low"] == pytest.approx(0.5, abs=0.03)
    assert np.isnan(rows.loc[MEAN, "high"])
    assert rows["density"].tolist() == rows["coverage"].tolist() == [1.0, 1.0]
    best = found.tree.iloc[0]
    assert (best["density"], best["coverage"]) == (1.0, 1.0)
    assert "unmet: b" in best["rule"]
    assert "mean demand of shop above 0." in best["rule"]
    assert found.tree["points"].sum() == 200
    assert found.tree["hits"].sum() == found.hits.sum()
    chosen = found.trade_off[found.trade_off["chosen"]].iloc[0]
    assert chosen[["coverage", "density", "mass"]].tolist() == rows.iloc[0][["coverage", "density", "mass"]].tolist()
    lines = discovery_lines(found)
    assert lines[0] == f"fill_rate < 0.9 holds at {found.hits.sum()} of 200 points ({found.hits.mean():.1%}).".replace(
        "%)", " %)"
    )
    assert lines[1].startswith("Box 1: ")
    assert "density 100 %, coverage 100 %." in lines[1]


@pytest.mark.parametrize(
    ("where", "said"), [("x > 2", "0 points"), ("x > -1", "every point"), ("x > 0.99", "holds at")]
)
def test_too_few_or_all_points_are_nothing_to_discover(where: str, said: str) -> None:
    found = found_in(where, 100)
    assert found.boxes.empty
    assert found.tree.empty
    assert said in found.notices[0]
    assert discovery_lines(found) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fill_rate", "--discover fill_rate: write a key figure and a limit"),
        ("fill_rate == 1", "write a key figure and a limit"),
        ("fill_rate < 1.2.3", "write a key figure and a limit"),
        ("fil_rate < 1", "--discover fil_rate: there is no such key figure; did you mean 'fill_rate'?"),
    ],
)
def test_conditions_that_cannot_be_read(text: str, said: str) -> None:
    with pytest.raises(InputError, match="--discover") as raised:
        Condition.read(text)
    assert said in str(raised.value)


def test_conditions() -> None:
    assert Condition.read("fill_rate<90%") == Condition("fill_rate", "<", 0.9)
    assert Condition.read(" cvar >= 2e3 ") == Condition("cvar", ">=", 2000.0)
    table = pd.DataFrame({"cvar.mean": [1.0, 2.0, np.nan]})
    for text, hits in (("cvar > 1", [0, 1, 0]), ("cvar >= 1", [1, 1, 0]), ("cvar < 2", [1, 0, 0]),
                       ("cvar <= 2", [1, 1, 0])):  # fmt: skip
        assert Condition.read(text).holds(table).tolist() == [bool(hit) for hit in hits]


def test_a_figure_without_values_loses_no_sweep() -> None:
    found = discovery_of(Condition.read("fill_rate < 1"), [], pd.DataFrame({"cvar.mean": [1.0, 2.0]}))
    assert found.notices == (
        "fill_rate < 1: the key figure has no value at any point, so that nothing can be discovered",
    )
    assert found.boxes.empty
    assert not found.hits.any()


def found_later_in(out: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same boxes, from the folder alone; another condition replaces what was discovered."""
    again = folder / "again"
    assert main(["discover", str(out), "--where", "fill_rate < 95%", "--out", str(again)]) == 0
    assert "Box 1: " in capsys.readouterr().out
    same = {"boxes.csv", "trade_off.csv", "tree.csv", "sweep.csv", "sweep.parquet", "shown.json", "boxes.png"}
    assert all((out / name).read_bytes() == (again / name).read_bytes() for name in same)
    assert main(["discover", str(again), "--where", "fill_rate < 2", "--out", str(again), "--force"]) == 0
    assert "holds at every point" in capsys.readouterr().out
    assert not (again / "boxes.png").exists()
    loaded = esc.load_result(again)
    assert loaded.tables_by_name()["boxes"].empty
    assert "boxes" not in dir(loaded.plot)
    for words, said in ((["--where", "fill_rate"], "--where fill_rate: write a key figure"),
                        (["--where", "fil_rate < 1"], "--where fil_rate: there is no such key figure")):  # fmt: skip
        assert main(["discover", str(out), *words]) == 2
        assert said in capsys.readouterr().err
    assert main(["discover", str(folder), "--where", "fill_rate < 1"]) == 2
    assert "run 'esc-sim sweep' first" in capsys.readouterr().err


def test_a_sweep_says_writes_and_draws_where_it_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = [*ANSWER, "--points", "32", "--discover", "fill_rate < 95%", "--out", str(out)]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "Box 1: " in printed
    assert "Tree: " in printed
    assert {"boxes.csv", "trade_off.csv", "tree.csv", "boxes.png"} <= {path.name for path in out.iterdir()}
    again = esc.load_result(out)
    assert {"boxes", "trade_off", "tree"} <= set(again.tables_by_name())
    assert "boxes" in dir(again.plot)
    plane, curve = again.plot.boxes().axes
    assert {plane.get_xlabel(), plane.get_ylabel()} == {"order up to of shop", "mean demand of shop"}
    assert (out / "sweep.csv").read_text(encoding="utf-8").count("\n") == 33
    found_later_in(out, tmp_path, capsys)
    boxes = again.tables_by_name()["boxes"]
    assert len(curve.texts) == len(plane.patches) == boxes.index.get_level_values("box").nunique()


def test_a_sweep_that_is_too_small_is_refused_before_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ANSWER, "--points", "16", "--discover", "fill_rate < 0.9"]) == 2
    assert "16 points are too few; give 20 or more" in capsys.readouterr().err
