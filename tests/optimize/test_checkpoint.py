"""Interrupted searches: killed at any moment they go on bit for bit; damaged or foreign states are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.optimize.search import optimize
from tests.helpers.command import check_refused, contents, interrupted_after, kill_when
from tests.optimize.cases import OIL_GAS, ROOT, TINY, oil_gas

WORDS = ["optimize", str(OIL_GAS), "--set", "run.periods=40", "--population", "8", "--replications", "2",
         "--held-out", "4", "--seed", "7"]  # fmt: skip


def generation_of(state: Path) -> int:
    with np.load(state, allow_pickle=False) as arrays:
        return int(arrays["number"])


def test_a_search_killed_with_signal_9_goes_on_bit_for_bit(tmp_path: Path) -> None:
    generations = 120
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    state = tmp_path / "broken.checkpoint" / "state.npz"
    words = [*WORDS, "--generations", str(generations), "--out", str(broken)]
    kill_when(lambda: state.exists() and generation_of(state) >= 3, words)
    assert not broken.exists()
    assert 3 <= generation_of(state) < generations
    assert main([*words, "--resume"]) == 0
    assert not state.parent.exists()
    assert main([*WORDS, "--generations", str(generations), "--out", str(whole)]) == 0
    for name in ("front.csv", "progress.csv", "summary.json", "front.png", "checkpoint/state.npz"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes(), name
    # The plan names the command that made it, which differs by --resume and --out.
    plans = [(folder / "compromise.yaml").read_text().split("orders:")[1] for folder in (broken, whole)]
    assert plans[0] == plans[1]


def test_an_interruption_at_any_generation_changes_nothing(tmp_path: Path) -> None:
    whole = optimize(oil_gas(), **TINY)
    for generation in (1, 2, 3):
        out = tmp_path / f"after_{generation}"
        with pytest.raises(KeyboardInterrupt):
            optimize(oil_gas(), **TINY, out=out, progress=interrupted_after(generation))
        assert not out.exists()
        front = optimize(oil_gas(), **TINY, out=out, resume=True)
        np.testing.assert_array_equal(front.designs, whole.designs)
        np.testing.assert_array_equal(front.held_out, whole.held_out)
        np.testing.assert_array_equal(front.history, whole.history)


def test_a_finished_search_goes_on_for_more_generations(tmp_path: Path) -> None:
    longer = TINY | {"generations": 7}
    whole = optimize(oil_gas(), **longer)
    optimize(oil_gas(), **TINY, out=tmp_path / "out")
    front = optimize(oil_gas(), **longer, out=tmp_path / "out", resume=True)
    np.testing.assert_array_equal(front.designs, whole.designs)
    np.testing.assert_array_equal(front.history, whole.history)
    with pytest.raises(InputError, match="has finished 7 generations already"):
        optimize(oil_gas(), **TINY, out=tmp_path / "out", resume=True)


def test_resume_without_anything_begins(tmp_path: Path) -> None:
    front = optimize(oil_gas(), **TINY, out=tmp_path / "out", resume=True)
    np.testing.assert_array_equal(front.designs, optimize(oil_gas(), **TINY).designs)


def test_the_folder_of_a_search(tmp_path: Path) -> None:
    optimize(oil_gas(), **TINY, out=tmp_path / "out", command="esc-sim optimize x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out"]
    names = {entry.name for entry in (tmp_path / "out").iterdir()}
    assert names == {
        "front.csv", "front.png", "progress.csv", "compromise.yaml", "summary.json", "manifest.json", "shown.json",
        "checkpoint",
    }  # fmt: skip
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["format"] == "esc_sim optimize"
    assert manifest["command"] == "esc-sim optimize x"
    assert (manifest["seed"], manifest["generations"], manifest["held_out"]) == (7, 4, 4)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["bounds"].startswith("all mean orders -9 % to +9 % of the scenario's values; all prices -4.5 %")
    assert set(summary["reference_point"]) == {"profit", "cvar"}


def unfinished(tmp_path: Path) -> Path:
    """An interrupted search; returns the folder that it writes to."""
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        optimize(oil_gas(), **TINY, out=out, progress=interrupted_after(2))
    return out


def truncated(folder: Path) -> None:
    raw = (folder / "state.npz").read_bytes()
    (folder / "state.npz").write_bytes(raw[: len(raw) // 2])


def flipped(folder: Path) -> None:
    raw = bytearray((folder / "state.npz").read_bytes())
    place = raw.index(b"designs.npy") + 400
    raw[place] ^= 0xFF
    (folder / "state.npz").write_bytes(raw)


def emptied(folder: Path) -> None:
    (folder / "state.npz").write_bytes(b"")


def pickled(folder: Path) -> None:
    np.savez(folder / "state.npz", number=np.array([{"a": 1}], dtype=object))


def misshapen(folder: Path) -> None:
    with np.load(folder / "state.npz") as arrays:
        content = dict(arrays)
    np.savez(folder / "state.npz", **{**content, "designs": content["designs"][:, :-1]})


def infinite(folder: Path) -> None:
    with np.load(folder / "state.npz") as arrays:
        content = dict(arrays)
    content["costs"][0, 0] = np.inf
    np.savez(folder / "state.npz", **content)


def lacking(folder: Path) -> None:
    with np.load(folder / "state.npz") as arrays:
        content = dict(arrays)
    del content["history"]
    np.savez(folder / "state.npz", **content)


def no_json(folder: Path) -> None:
    (folder / "search.json").write_text("{", encoding="utf-8")


def foreign_json(folder: Path) -> None:
    (folder / "search.json").write_text('{"format": "something else"}', encoding="utf-8")


def json_gone(folder: Path) -> None:
    (folder / "search.json").unlink()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (truncated, "state.npz: is damaged"),
        (flipped, "state.npz: is damaged"),
        (emptied, "state.npz: is damaged"),
        (pickled, "state.npz: is damaged"),
        (misshapen, "state.npz: is damaged (its arrays do not fit this search)"),
        (infinite, "state.npz: is damaged (its arrays do not fit this search)"),
        (lacking, "state.npz: is damaged"),
        (no_json, "search.json: is damaged"),
        (foreign_json, "search.json: is not the checkpoint of a search"),
        (json_gone, "holds no checkpoint of a search"),
    ],
)
def test_a_damaged_checkpoint_is_refused_and_left_alone(
    tmp_path: Path, damage: Callable[[Path], None], expected: str
) -> None:
    out = unfinished(tmp_path)
    damage(tmp_path / "out.checkpoint")
    before = contents(tmp_path)
    with pytest.raises(InputError) as caught:
        optimize(oil_gas(), **TINY, out=out, resume=True)
    assert len(caught.value.problems) == 1
    assert expected in str(caught.value)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("changes", "settings", "expected"),
    [
        ({"nodes__retailer_1__order__mean": 99}, {}, "its scenario differs"),
        ({"optimize__objectives": ["profit", "cvar_net"]}, {}, "its optimize differs"),
        ({}, {"population": 10}, "its population differs"),
        ({}, {"seed": 8}, "its seed differs"),
        ({}, {"replications": 3}, "its replications differs"),
        ({}, {"algorithm": "nsga2"}, "its algorithm differs"),
    ],
)
def test_a_foreign_checkpoint_is_refused_and_left_alone(
    tmp_path: Path, changes: dict[str, object], settings: dict[str, object], expected: str
) -> None:
    out = unfinished(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="is the checkpoint of another search") as caught:
        optimize(oil_gas(**changes), **{**TINY, **settings}, out=out, resume=True)
    assert expected in str(caught.value)
    assert contents(tmp_path) == before


def test_an_unfinished_search_is_not_overwritten_by_chance(tmp_path: Path) -> None:
    out = unfinished(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="an unfinished search is there"):
        optimize(oil_gas(), **TINY, out=out)
    assert contents(tmp_path) == before
    (tmp_path / "out.checkpoint" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match=r"not a checkpoint of esc_sim alone \(mine.txt\)"):
        optimize(oil_gas(), **TINY, out=out, force=True)
    (tmp_path / "out.checkpoint" / "mine.txt").unlink()
    assert contents(tmp_path) == before
    optimize(oil_gas(), **TINY, out=out, force=True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out"]


def test_results_are_not_overwritten_by_chance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    optimize(oil_gas(), **TINY, out=out)
    before = contents(tmp_path)
    assert main([*WORDS, "--generations", "4", "--out", str(out)]) == 2
    assert "holds results already" in capsys.readouterr().err
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "mine.txt").write_text("keep")
    assert main([*WORDS, "--generations", "4", "--out", str(tmp_path / "papers"), "--force"]) == 2
    assert "not a folder of 'esc_sim optimize'" in capsys.readouterr().err
    (tmp_path / "papers" / "mine.txt").unlink()
    (tmp_path / "papers").rmdir()
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--set", "optimize.variables.0.relative=[0.1,-0.1]"], "bounds crossed"),
        (["--set", "optimize.variables.0.nodes=[retailer_9]"], "there is no node 'retailer_9'"),
        (["--resume"], "--resume: name the folder"),
        (["--workers", "2", "--dask", "tcp://127.0.0.1:1"], "exclude each other"),
        (["--population", "100000", "--generations", "10000000", "--replications", "1000000"], "never ends"),
    ],
)
def test_the_command_refuses_with_one_message(
    words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_refused(["optimize", str(OIL_GAS), *words], expected, tmp_path, capsys)


def test_a_scenario_without_decisions_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["optimize", str(ROOT / "scenarios" / "quickstart")]) == 2
    assert "has no section 'optimize'" in capsys.readouterr().err


def test_the_plan_of_a_search_can_be_run_and_keeps_its_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*WORDS, "--generations", "4", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "compromise (min-max)" in printed
    assert "Bounds: all mean orders -9 % to +9 %" in printed
    assert "reference point: profit" in printed
    plan = str(out / "compromise.yaml")
    assert main(["run", str(OIL_GAS), "--set", "run.periods=40", "--plan", plan, "--replications", "3"]) == 0
    assert "compromise" in capsys.readouterr().out
    assert main(["run", str(ROOT / "scenarios" / "quickstart"), "--plan", plan]) == 2
    assert "made for another network ('oil_gas')" in capsys.readouterr().err
