"""Studies speak in one manner: frames, figures in three formats, a folder that gives them back."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import esc_sim
from esc_sim.cli import main
from esc_sim.comparison import Comparison, Wanted, compare_runs
from esc_sim.errors import InputError
from esc_sim.findings.drawings import Drawing, plain, restored
from esc_sim.findings.study import Study
from esc_sim.loading import StoredStudy
from esc_sim.plans.decisions import DecisionsPlan
from esc_sim.stress.run import StressTest
from tests.helpers.drawn import empty_parts
from tests.helpers.sealed import sealed
from tests.helpers.synthetic_runs import synthetic_result

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
CHANCE = "disruptions.refinery_3_outage.probability"
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


def comparison() -> Study:
    first = synthetic_result(replications=4, periods=20, seed=1)
    runs = {"as it is": first, "<b>again</b>": replace(first, values=1.5 * first.values)}
    return Comparison(compare_runs(runs), [Wanted(name, Path("synthetic"), []) for name in runs], runs)


def sweep() -> Study:
    levels = {CHANCE: [0.0, 0.2], "nodes.retailer_1.demand.mean": [90.0, 100.0]}
    return esc_sim.sweep(SCENARIOS / "oil_gas", levels, replications=2, overrides={"run.periods": 15}, workers=1)


def front() -> Study:
    short = {"run.periods": 20}
    return esc_sim.optimize(
        SCENARIOS / "oil_gas", preset="quick", generations=2, population=4, held_out=4, overrides=short, workers=1
    )


def recovery() -> Study:
    return esc_sim.recover(SCENARIOS / "cascade_37", budget=20.0, remove=6, strategy="compare", evaluations=20)


def design() -> Study:
    return esc_sim.design(SCENARIOS / "electrolyte", options={"front": True})


def shops() -> Study:
    return esc_sim.design(SCENARIOS / "retail_wuhan")


def microgrids() -> Study:
    return esc_sim.design(SCENARIOS / "agro_food", kind="dispatch")


def stress() -> Study:
    return esc_sim.stress(
        SCENARIOS / "beer_game", duration=4.0, starts=2, replications=2, workers=1, levers=True, budget=500.0,
        reverse="fill_rate<0.9", deviations={"demand": 0.2},
    )  # fmt: skip


MADE = (comparison, sweep, front, recovery, design, shops, microgrids, stress)
INDICES = {
    "comparison": ["kpi", "variant"],
    "sweep": ["point"],
    "front": ["design"],
    "recovery": ["strategy"],
    "design": ["row"],
    "shops": ["row"],
    "microgrids": ["row"],
    "stress": ["stressor", "kind"],
}
LEFT_OUT = {
    "sweep": ["boxes", "indices", "morris", "pawn"],
    "recovery": ["rounds"],
    "shops": ["cost_against_eps", "coverage"],
}
"""Figures that say nothing of these studies."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[], Study]], tuple[Study, Path]]:
    """Makes a study and its folder once."""
    made: dict[str, tuple[Study, Path]] = {}

    def make(kind: Callable[[], Study]) -> tuple[Study, Path]:
        name = kind.__name__
        if name not in made:
            found = kind()
            made[name] = found, found.save(tmp_path_factory.mktemp("studies") / name)
        return made[name]

    return make


Folders = Callable[[Callable[[], Study]], tuple[Study, Path]]


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_a_study_read_back_says_the_same(kind: Callable[[], Study], folders: Folders) -> None:
    fresh, folder = folders(kind)
    read = esc_sim.load_result(folder)
    assert isinstance(read, StoredStudy)
    assert list(fresh.frame.index.names) == INDICES[kind.__name__]
    mine, theirs = fresh.tables_by_name(), read.tables_by_name()
    assert list(mine) == list(theirs)
    for name, table in mine.items():
        pd.testing.assert_frame_equal(table, theirs[name])
        assert (folder / f"{name}.csv").exists()
    assert repr(read) == repr(fresh)
    assert read._repr_html_() == fresh._repr_html_()
    assert (read.to_latex(), read.to_markdown(), read.to_csv()) == (
        fresh.to_latex(), fresh.to_markdown(), fresh.to_csv()
    )  # fmt: skip
    assert dir(read.plot) == dir(fresh.plot) != []


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_results_of_all_kinds_can_be_pickled(kind: Callable[[], Study], folders: Folders) -> None:
    fresh, folder = folders(kind)
    for result in (fresh, esc_sim.load_result(folder)):
        again = pickle.loads(pickle.dumps(result))
        assert type(again) is type(result)
        assert repr(again) == repr(result)
        mine, theirs = result.tables_by_name(), again.tables_by_name()
        assert list(mine) == list(theirs)
        for name, table in mine.items():
            pd.testing.assert_frame_equal(table, theirs[name])
        assert dir(again.plot) == dir(result.plot)


def test_programs_of_a_pickled_stress_test_find_the_same(folders: Folders) -> None:
    fresh, _ = folders(stress)
    assert isinstance(fresh, StressTest)
    mine, theirs = (test.programs.aggregate.programs for test in (fresh, pickle.loads(pickle.dumps(fresh))))
    assert mine is not None
    assert (theirs.loss((1,), 4.0), theirs.time_to_survive((1,))) == (mine.loss((1,), 4.0), mine.time_to_survive((1,)))


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_figures_are_drawn_again_from_the_folder(kind: Callable[[], Study], folders: Folders, tmp_path: Path) -> None:
    _, folder = folders(kind)
    drawn = {path.stem: path.read_bytes() for path in folder.glob("*.png")}
    words = ["plot", str(folder), "--out", str(tmp_path)]
    assert main([*words, "--format", "png", "--format", "pdf", "--format", "svg"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.{form}" for name in drawn for form in MAGIC}
    for path in tmp_path.iterdir():
        assert path.read_bytes().startswith(MAGIC[path.suffix[1:]])
    assert {name: (tmp_path / f"{name}.png").read_bytes() for name in drawn} == drawn
    assert main([*words, "--no-title", "--no-footer", "--format", "svg"]) == 0
    read = esc_sim.load_result(folder)
    for name in drawn:
        title = getattr(read.plot, name)().get_suptitle().strip().splitlines()[0]
        assert title.split(":")[0] not in (tmp_path / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_no_figure_of_a_folder_is_empty_and_those_left_out_are_told(
    kind: Callable[[], Study], folders: Folders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = folders(kind)
    figures = esc_sim.load_result(folder).figures_by_name()
    assert {name: empty_parts(draw()) for name, draw in figures.items()} == {name: [] for name in figures}
    assert main(["plot", str(folder), "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert {path.stem for path in tmp_path.iterdir()} == set(figures)
    for name in LEFT_OUT.get(kind.__name__, ()):
        assert f"not drawn: figure '{name}': " in told
        assert told.count(f"figure '{name}': ") == 1
        assert not (folder / f"{name}.png").exists()


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_studies_are_reported_and_saved_elsewhere(kind: Callable[[], Study], folders: Folders, tmp_path: Path) -> None:
    fresh, folder = folders(kind)
    assert "Provenance" in fresh.report(tmp_path / "fresh.html").read_text(encoding="utf-8")
    again = esc_sim.load_result(esc_sim.load_result(folder).save(tmp_path / "again"))
    assert isinstance(again, StoredStudy)
    assert {path.name for path in again.folder.iterdir()} == {path.name for path in folder.iterdir()}
    assert repr(again) == repr(fresh)
    assert again.report() == tmp_path / "again" / "report.html"


def test_the_compromise_is_a_plan(folders: Folders) -> None:
    fresh, folder = folders(front)
    read = esc_sim.load_result(folder)
    assert isinstance(fresh, esc_sim.optimize.front.Front)
    assert isinstance(read, StoredStudy)
    assert isinstance(fresh.compromise, DecisionsPlan)
    assert read.compromise is not None
    assert read.compromise.model_dump() == fresh.compromise.model_dump()
    assert fresh.frame["compromise"].tolist() == [row == fresh.chosen for row in range(len(fresh.designs))]


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        (lambda folder: shutil.rmtree(folder), ["plot"], "is no folder"),
        (lambda folder: (folder / "manifest.json").unlink(), ["table"], "holds no results of esc_sim"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": "esc_sim x"}'), ["plot"], "holds no results"),
        (lambda folder: (folder / "shown.json").unlink(), ["plot"], "shown.json: is missing"),
        (lambda folder: (folder / "shown.json").write_text("{}"), ["table"], "its hash differs"),
        (lambda folder: (folder / "compare.csv").write_text("kpi\n"), ["table", "--format", "csv"], "its hash differs"),
        (lambda folder: None, ["table", "--table", "compares"], "did you mean 'compare'"),
        (lambda folder: None, ["plot", "--figure", "compares"], "unknown figure 'compares'; did you mean 'compare'"),
        (lambda folder: None, ["plot", "--format", "gif"], "unknown format 'gif'"),
    ],
)
def test_folders_that_are_none_are_told(
    change: Callable[[Path], object],
    words: list[str],
    message: str,
    folders: Folders,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(shutil.copytree(folders(comparison)[1], tmp_path / "x"))
    change(folder)
    assert main([words[0], str(folder), "--out", str(tmp_path / "new"), *words[1:]]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_says_something_else_is_told(folders: Folders, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders(comparison)[1], tmp_path / "x"))
    for content in ("[]", "{}", '{"heading": 1, "table": {"is": "frame"}, "tables": [], "figures": {}}', "x"):
        (folder / "shown.json").write_text(content, encoding="utf-8")
        sealed(folder)
        with pytest.raises(InputError, match=r"shown\.json: is not what esc_sim writes"):
            repr(esc_sim.load_result(folder))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("esc_sim.storage.files:write_text", "draws no figure"),
        ("os:remove", "draws no figure"),
        ("esc_sim.views.style:save", "draws no figure"),
        ("esc_sim.no_such:x", "No module"),
    ],
)
def test_a_folder_cannot_have_other_functions_called(
    function: str, message: str, folders: Folders, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders(comparison)[1], tmp_path / "x"))
    content = json.loads((folder / "shown.json").read_text(encoding="utf-8"))
    victim = tmp_path / "victim"
    victim.write_text("here")
    content["figures"]["compare"] = {"function": function, "arguments": [str(victim)], "options": {}}
    (folder / "shown.json").write_text(json.dumps(content), encoding="utf-8")
    sealed(folder)
    with pytest.raises((InputError, ValueError, ImportError), match=message):
        esc_sim.load_result(folder).draw(tmp_path / "drawn")
    assert victim.read_text() == "here"


def test_a_folder_can_make_dataclasses_of_the_library_only() -> None:
    for kind in ("subprocess:Popen", "esc_sim.storage.files:write_text", "esc_sim.findings.study:csv_text"):
        with pytest.raises(ValueError, match="there is no"):
            restored({"is": kind, "fields": {"args": ["true"]}})
    with pytest.raises(ValueError, match="none of numbers"):
        restored({"is": "array", "type": "|O", "shape": [1], "data": ""})


def test_what_is_kept_comes_back_bit_for_bit() -> None:
    values = {
        "tuple": (1, 2.5, None, True, "a"),
        "nan": [float("inf"), -float("inf")],
        "array": np.array([[0.1, np.nan], [1e-300, np.inf]]),
        "flags": np.array([True, False]),
        "names": np.array(["a", "b"]),
        "drawing": Drawing("esc_sim.x:y", (np.arange(3, dtype=np.uint32),)),
        "frame": pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.1, float("nan")]}),
    }
    back = restored(json.loads(json.dumps(plain(values), allow_nan=False)))
    assert (back["tuple"], back["nan"]) == (values["tuple"], values["nan"])
    for name in ("array", "flags", "names"):
        np.testing.assert_array_equal(back[name], values[name])
    assert back["array"].dtype == np.float64
    np.testing.assert_array_equal(back["drawing"].arguments[0], np.arange(3))
    pd.testing.assert_frame_equal(back["frame"], values["frame"])
    with pytest.raises(TypeError, match="cannot be kept"):
        plain(object())
