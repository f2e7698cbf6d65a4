"""Sweeps: the numbers of single runs, on any number of workers, through interruptions; refusals; figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.summary import build_summary
from esc_sim.simulation import simulate, simulated
from esc_sim.storage.names import checkpoint_beside, partial_of
from esc_sim.sweep.picture import sweep_figures
from esc_sim.sweep.store import Store
from esc_sim.sweep.sweep import sweep
from tests.helpers.command import check_refused, contents, interrupted_after, kill_when
from tests.helpers.runs import SCENARIOS

OIL_GAS = SCENARIOS / "oil_gas"
CHANCE, DEMAND = "disruptions.refinery_3_outage.probability", "nodes.retailer_1.demand.mean"
IDLE = "nodes.retailer_1.penalty"
ROW = json.dumps({CHANCE: 0.1, DEMAND: 90}) + "\n"
VARY = {CHANCE: [0.1, 0.2], DEMAND: [90, 100.5]}
SHORT: dict[str, Any] = {"overrides": {"run.periods": 15}, "replications": 2, "seed": 3}
WORDS = ["sweep", str(OIL_GAS), "--set", "run.periods=15", "--replications", "2", "--seed", "3"]


def unfinished(folder: Path) -> Path:
    """A sweep that was interrupted after two of four points."""
    with pytest.raises(KeyboardInterrupt):
        sweep(OIL_GAS, VARY, **SHORT, workers=1, out=folder / "out", progress=interrupted_after(2))
    return folder / "out"


def test_a_point_is_a_run_with_these_values() -> None:
    found = sweep(OIL_GAS, VARY, **SHORT)
    assert found.table["point"].tolist() == [0, 1, 2, 3]
    assert list(zip(found.table[CHANCE], found.table[DEMAND], strict=True)) == [
        (0.1, 90), (0.1, 100.5), (0.2, 90), (0.2, 100.5)
    ]  # fmt: skip
    run = simulate(OIL_GAS, replications=2, seed=3, overrides={"run.periods": 15, CHANCE: 0.2, DEMAND: 90})
    kpis = build_summary(run)["kpis"]["disrupted"]
    assert set(found.kpis) == set(kpis)
    for name in ("profit_total", "cvar", "fill_rate", "depth"):
        for part in ("mean", "ci_low", "ci_high"):
            value = found.table.loc[2, f"{name}.{part}"]
            assert value == kpis[name][part] or (pd.isna(value) and kpis[name][part] is None)


def test_workers_and_stratification() -> None:
    one, three = (sweep(OIL_GAS, VARY, **SHORT, stratified=True, workers=w).table for w in (1, 3))
    pd.testing.assert_frame_equal(one, three, check_exact=True)
    assert not one.equals(sweep(OIL_GAS, VARY, **SHORT).table)


def test_values_that_are_words_and_tiny_numbers() -> None:
    vary = {"rules.known_after": [1, 0], CHANCE: [1e-5, 0.3]}
    table = sweep(OIL_GAS, vary, **SHORT).table
    assert (table["penalty_per_period.mean"] > 0).tolist() == [False, True, False, False]


def test_an_interrupted_sweep_goes_on_bit_for_bit(tmp_path: Path) -> None:
    whole = sweep(OIL_GAS, VARY, **SHORT, out=tmp_path / "whole")
    out = unfinished(tmp_path)
    assert not out.exists()
    steps: list[int] = []
    on = sweep(OIL_GAS, VARY, **SHORT, out=out, resume=True, progress=lambda done, total: steps.append(done))
    assert steps == [3, 4]
    pd.testing.assert_frame_equal(on.table, whole.table, check_exact=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]
    for name in ("sweep.csv", "sweep.parquet", "effects.png", "map.png"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_half_a_point_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is interrupted hands back its finished replications; a sweep must not take them for the point."""
    asked: list[int] = []

    def fewer(*args: Any, replications: int, **kwargs: Any) -> Any:
        asked.append(replications)
        return simulated(*args, replications=replications - (len(asked) == 3), **kwargs)

    monkeypatch.setattr("esc_sim.sweep.sweep.simulated", fewer)
    with pytest.raises(KeyboardInterrupt):
        sweep(OIL_GAS, VARY, **SHORT, workers=1, out=tmp_path / "out")
    assert len((tmp_path / "out.checkpoint" / "rows.jsonl").read_text().splitlines()) == 2


def test_a_sweep_killed_with_signal_9_goes_on_bit_for_bit(tmp_path: Path) -> None:
    words = [*WORDS, "--vary", f"{CHANCE}=0.0:0.3:300", "--kpi", "cvar"]
    rows = tmp_path / "broken.checkpoint" / "rows.jsonl"
    broken = [*words, "--out", str(tmp_path / "broken")]
    kill_when(lambda: rows.exists() and rows.read_bytes().count(b"\n") >= 3, broken)
    assert 3 <= rows.read_bytes().count(b"\n") < 300
    with rows.open("ab") as stream:  # as if the kill had come in the middle of a line
        stream.write(b'{"disruptions.refinery_3')
    assert main([*broken, "--resume"]) == 0
    assert not rows.parent.exists()
    assert main([*words, "--out", str(tmp_path / "whole")]) == 0
    for name in ("sweep.csv", "sweep.parquet", "effects.png"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"replications": 3}, "its replications differs"),
        ({"seed": 4}, "its seed differs"),
        ({"stratified": True}, "its stratified differs"),
        ({"overrides": {"run.periods": 15, "nodes.retailer_2.demand.mean": 99}}, "its scenario differs"),
    ],
)
def test_a_foreign_checkpoint_is_refused_and_left_alone(tmp_path: Path, change: dict[str, Any], expected: str) -> None:
    out = unfinished(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match=f"is the checkpoint of another sweep .{expected}"):
        sweep(OIL_GAS, VARY, **{**SHORT, **change}, out=out, resume=True)
    with pytest.raises(InputError, match="its parameters differs"):
        sweep(OIL_GAS, {CHANCE: [0.1, 0.3]}, **SHORT, out=out, resume=True)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("rows.jsonl", "{not json\n", "is damaged"),
        ("rows.jsonl", ROW + '{"b": 1}\n', "line 2 is not a row of this sweep"),
        ("rows.jsonl", "[]\n", "line 1 is not a row of this sweep"),
        ("rows.jsonl", ROW * 5, "holds 5 rows of 4 points"),
        ("sweep.json", "{", "is damaged"),
        ("sweep.json", '{"what": "search"}', "is not the checkpoint of a sweep"),
    ],
)
def test_a_damaged_checkpoint_is_refused_and_left_alone(tmp_path: Path, name: str, content: str, expected: str) -> None:
    out = unfinished(tmp_path)
    (tmp_path / "out.checkpoint" / name).write_text(content)
    before = contents(tmp_path)
    with pytest.raises(InputError, match=expected) as caught:
        sweep(OIL_GAS, VARY, **SHORT, out=out, resume=True)
    assert len(caught.value.problems) == 1
    assert contents(tmp_path) == before


def test_nothing_is_overwritten_by_chance(tmp_path: Path) -> None:
    out = unfinished(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="an unfinished sweep is there"):
        sweep(OIL_GAS, VARY, **SHORT, out=out)
    assert contents(tmp_path) == before
    sweep(OIL_GAS, VARY, **SHORT, out=out, force=True)
    before = contents(tmp_path)
    for resume in (False, True):
        with pytest.raises(InputError, match="holds results already"):
            sweep(OIL_GAS, {CHANCE: [0.1, 0.3]}, **SHORT, out=out, resume=resume)
    assert contents(tmp_path) == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "paper.txt").write_text("keep")
    with pytest.raises(InputError, match="not a folder of 'esc_sim sweep'"):
        sweep(OIL_GAS, VARY, **SHORT, out=tmp_path / "mine", force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"]


def test_what_an_interrupted_beginning_leaves_is_no_checkpoint(tmp_path: Path) -> None:
    for resume in (False, True):
        out = tmp_path / f"out_{resume}"
        checkpoint_beside(out).mkdir()
        partial_of(checkpoint_beside(out)).mkdir()
        sweep(OIL_GAS, VARY, **SHORT, out=out, resume=resume)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out_False", "out_True"]


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written there"):
        Store(tmp_path / "file" / "out", {"points": 4}, resume=False, force=False)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "nothing varies: name parameters with --vary"),
        (["--vary", "nodes.retailer_9.demand.mean=1,2"], "has no entry 'retailer_9'; did you mean"),
        (["--vary", f"{CHANCE}=0.5:2:3"], f"--vary {CHANCE}=2: must be at most 1, not 2"),
        (["--vary", f"{CHANCE}=0.2:0.1:3"], "bounds crossed"),
        (["--vary", f"{CHANCE}=0.1,0.2", "--kpi", "cvarr"], "--kpi cvarr: there is no such key figure; did you mean"),
        (["--vary", f"{CHANCE}=0.1,0.2", "--resume"], "--resume: name the folder"),
        (["--vary", f"{CHANCE}=0.1,0.2", "--plan", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_the_command_refuses_with_one_message(
    words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = [] if "--resume" in words else ["--out", "out"]
    check_refused([*WORDS, *words, *out], expected, tmp_path, capsys)


def test_a_plan_for_another_network_is_refused_before_anything_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "kind: decisions\nversion: 1\nname: other\nstructure_hash: 0123456789abcdef0123456789abcdef\n"
        "orders:\n  - {node: retailer_1, mean: 5}\n"
    )
    words = ["--vary", f"{CHANCE}=0.1,0.2", "--plan", str(plan), "--out", str(tmp_path / "out")]
    assert main([*WORDS, *words]) == 2
    assert "made for another network" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.yaml"]


def test_a_failing_point_is_named(tmp_path: Path) -> None:
    """Each value alone is fine beside the middle of the other; together they are not."""
    vary = {"rules.allocation": ["highest_bid", "priority", "proportional"], "rules.partial": [False, True]}
    with pytest.raises(InputError, match=r'at rules.allocation="proportional", rules.partial=false: .*in part'):
        sweep(OIL_GAS, vary, **SHORT, out=tmp_path / "out")


def test_indices_say_what_matters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["--vary", f"{CHANCE}=0.0:0.3", "--vary", "rules.known_after=1,0", "--vary", f"{IDLE}=0.0:9.0"]
    assert main([*WORDS, *words, "--design", "indices", "--points", "16", "--out", str(out)]) == 0
    assert "Sobol indices" in capsys.readouterr().out
    found = pd.read_csv(out / "indices.csv").set_index(["kpi", "parameter"])["total"]
    assert found["profit_total", IDLE] == 0.0  # nobody orders from a retailer
    assert found["profit_total", CHANCE] > 0.05
    assert found["penalty_per_period", "rules.known_after"] > 0.2
    assert {path.name for path in out.glob("*.png")} == {"effects.png", "indices.png"}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["points"] == 16 * 5
    assert "SALib" in manifest["versions"]


def test_the_public_name_can_be_called() -> None:
    import esc_sim

    assert esc_sim.sweep(OIL_GAS, {CHANCE: [0.1, 0.2]}, **SHORT).design == "grid"


def test_a_report_can_be_written(tmp_path: Path) -> None:
    sweep(OIL_GAS, VARY, **SHORT, out=tmp_path / "out")
    assert main(["report", str(tmp_path / "out")]) == 0
    assert "Key figures against each parameter" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("varied", "said"), [(CHANCE, "  |  outages known after 1 day  |  "), ("rules.known_after", "")]
)
def test_the_footer_says_what_buyers_know_unless_it_varies(varied: str, said: str) -> None:
    found = sweep(OIL_GAS, {varied: [0.1, 0.2]}, **SHORT)
    (draw,) = sweep_figures(found, ["profit_per_period"]).values()
    figure = draw()
    footer = figure.get_supxlabel().replace("\n", " ")
    assert said in footer
    assert ("outages known" in footer) == bool(said)


def test_points_that_are_not_printed_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    for count, words in ((3, None), (23, "and 3 points more")):
        values = ",".join(str(80 + k) for k in range(count))
        assert main([*WORDS, "--vary", f"{DEMAND}={values}"]) == 0
        out = capsys.readouterr().out
        assert "more" not in out if words is None else words in out
