"""A stress test read back from its folder is the one that was written, and its figures are drawn again from that."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.scenario.checked import changed
from esc_sim.stress.figure_names import STRESS_FIGURES, stress_figure_files
from esc_sim.stress.run import StressTest, stress
from esc_sim.stress.stored import StoredStress, read_replays, read_stress, stored_stress
from tests.helpers.command import contents
from tests.stress.line import line

LEVERS = "levers:\n  - {name: depot, kind: stock, node: depot, periods: 2, yearly_cost: 10}\n"
ASKED: dict[str, Any] = {
    "duration": 6, "what": ("nodes", "arcs", "pairs"), "starts": [40, 60], "knowledge": (),
    "worst": 2, "reverse": "fill_rate<0.98", "deviations": "demand=0.1", "budget": 16,
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[StressTest, Path]:
    """A stress test that has all figures, and its folder."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "levers.yaml").write_text(LEVERS, encoding="utf-8")
    out = folder / "out"
    return stress(line({"known_after": 0.0}), levers=folder / "levers.yaml", out=out, command="words", **ASKED), out


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, nan and arrays included."""
    np.testing.assert_equal(one, other)
    return True


def test_what_is_read_is_what_was_written(written: tuple[StressTest, Path]) -> None:
    test, out = written
    fresh, read = stored_stress(test), read_stress(out)
    pd.testing.assert_frame_equal(fresh.table, read.table, check_exact=True)
    assert read.network.to_dict() == fresh.network.to_dict()
    assert same(dict(fresh.curves), dict(read.curves))
    assert fresh.deviation is not None
    assert read.deviation is not None
    for field in fields(fresh.deviation):
        assert same(getattr(fresh.deviation, field.name), getattr(read.deviation, field.name))
    others = [f.name for f in fields(StoredStress) if f.name not in ("table", "network", "curves", "deviation")]
    assert {name: getattr(fresh, name) for name in others} == {name: getattr(read, name) for name in others}
    assert read.command == "words"
    assert read.lasting == test.lasting


def test_figures_are_drawn_again_the_same(
    written: tuple[StressTest, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written[1]
    assert main(["plot", str(out), "--out", str(tmp_path / "again")]) == 0
    assert capsys.readouterr().out.count("wrote ") == len(STRESS_FIGURES)
    first, second = contents(out), contents(tmp_path / "again")
    assert set(second) == {f"{name}.png" for name in STRESS_FIGURES}
    assert all(first[name] == picture for name, picture in second.items())
    assert (
        main(["plot", str(out), "--figure", "map", "--format", "svg", "--format", "pdf", "--out", str(tmp_path)]) == 0
    )
    assert {path.name for path in tmp_path.glob("map.*")} == {"map.svg", "map.pdf"} <= stress_figure_files()


def test_figures_in_the_folder_go_with_it(tmp_path: Path) -> None:
    few = {"duration": 6, "what": ["nodes"], "starts": [40], "engine": "agents", "knowledge": (), "out": tmp_path / "x"}
    stress(line(), **few)
    assert main(["plot", str(tmp_path / "x"), "--format", "pdf"]) == 0
    assert (tmp_path / "x" / "map.pdf").exists()
    assert main(["report", str(tmp_path / "x")]) == 0
    stress(line(), **few, force=True)
    assert not (tmp_path / "x" / "map.pdf").exists()


def test_every_stressor_can_be_replayed(written: tuple[StressTest, Path]) -> None:
    test, out = written
    replays = read_replays(out)
    assert list(replays) == list(zip(test.table["kind"], test.table["stressor"], strict=True))
    for start, change in replays.values():
        assert start in test.plan.starts
        (outage,) = changed(test.scenario, [change]).disruptions
        assert outage.dates is not None
        assert [(date.start, date.duration) for date in outage.dates] == [(start, 6.0)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--figure", "mpa"], "unknown figure 'mpa'; did you mean 'map'?"),
        (["--figure", "portfolio"], "figure 'portfolio': this stress test has nothing to show in it; it has exposure"),
        (["--format", "gif"], "unknown format 'gif'"),
    ],
)
def test_plot_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    stress(line(), duration=6, what=["nodes"], starts=[40], engine="agents", knowledge=(), out=tmp_path / "x")
    before = contents(tmp_path)
    assert main(["plot", str(tmp_path / "x"), *words]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert contents(tmp_path) == before


def _without(content: Any) -> Any:
    content["stressors"][0] = [[99], []]
    return content


def test_damaged_and_foreign_folders_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "x"
    stress(line(), duration=6, what=["nodes"], starts=[40], engine="agents", knowledge=(), out=out)
    with pytest.raises(InputError, match="is no folder"):
        read_stress(tmp_path / "none")
    with pytest.raises(InputError, match="is no stress test"):
        read_stress(tmp_path)
    network, manifest = (out / "network.json").read_text(), (out / "manifest.json").read_text()
    (out / "network.json").write_text(json.dumps(_without(json.loads(network))))
    with pytest.raises(InputError, match="is not as it was written"):
        read_stress(out)
    unhashed = {name: value for name, value in json.loads(manifest).items() if name != "hashes"}
    (out / "manifest.json").write_text(json.dumps(unhashed))
    with pytest.raises(InputError, match="there are no such nodes"):
        read_stress(out)
    (out / "network.json").write_text(network)
    read_stress(out)
    (out / "curves.csv").write_text("other\n1\n")
    with pytest.raises(InputError, match="its files are not as esc_sim writes them"):
        read_stress(out)
    (out / "replay.json").write_text("[1]")
    with pytest.raises(InputError, match=r"replay\.json: is not what esc_sim writes"):
        read_replays(out)
