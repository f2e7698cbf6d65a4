"""`esc-sim recover`: table, folder, plan, imports, Ctrl-C, and clear messages for what cannot be used."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.cascade.cascade import Cascade
from esc_sim.cli import main
from esc_sim.plans.files import read_plan
from esc_sim.recovery.run import recover
from esc_sim.recovery.search import STRATEGIES
from esc_sim.recovery.writing import _nodes
from esc_sim.views.report import report_of
from tests.helpers.runs import SCENARIOS
from tests.recovery import cases

SMALL, LARGE = str(SCENARIOS / "cascade_37"), str(SCENARIOS / "cascade_1000")
FILES = {
    "beta.csv", "beta.png", "convergence.csv", "convergence.png", "manifest.json", "map.png",
    "map_without_recovery.png", "nodes.csv", "plan.yaml", "rounds.png", "rounds_without_recovery.png", "shown.json",
    "strategies.csv", "strategies.png", "summary.json",
}  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_compare_writes_table_plan_and_figures_that_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["recover", LARGE, "--budget", "200", "--strategy", "compare", "--evaluations", "120", "--out", str(out)]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == FILES
    table = rows(out / "strategies.csv")
    assert sorted(row["strategy"] for row in table) == sorted(STRATEGIES)
    expected = [float(row["out_of_seed_mean"]) for row in table]
    assert expected == sorted(expected, reverse=True)
    found = {row["strategy"]: (float(row["rn"]), int(row["restored"])) for row in table}
    assert found["load-asc"] == (276, 62)
    assert found["load-desc"] == (479, 5)
    assert found["degree-asc"] == (581, 46)
    assert found["degree-desc"] == (172, 8)
    assert found["none"] == (99, 0)
    for name in STRATEGIES:
        assert f"\n{name} " in "\n" + printed
    summary, manifest = (json.loads((out / name).read_text()) for name in ("summary.json", "manifest.json"))
    assert summary["chosen"] == "memetic"
    assert set(manifest["files"]) == FILES - {"manifest.json"}
    assert manifest["budget"] == 200
    assert len(manifest["removed"]) == 120
    plan = read_plan(out / "plan.yaml")
    assert plan.restore == summary["restored"]  # type: ignore[attr-defined]
    assert manifest["plan_hash"] == plan.content_hash
    cascade = cases.reference()
    result = cascade.run(cases.removed_120(), cascade.network.index_of(summary["restored"]))
    assert result.rn == summary["rn"] == max(rn for rn, _ in found.values())
    nodes = rows(out / "nodes.csv")
    assert sum(row["restored"] == "True" for row in nodes) == len(summary["restored"])
    assert sum(row["failed_in_round"] != "" for row in nodes) == 1000 - int(result.alive.sum())
    last = [row for row in rows(out / "convergence.csv") if row["strategy"] == "memetic"][-1]
    assert float(last["rn"]) == summary["rn"]
    titles = [section.title for section in report_of(out).sections]
    assert "Strategies" in titles


def test_the_plan_can_be_run_and_helps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["recover", SMALL, "--budget", "3", "--evaluations", "60", "--out", str(out)]) == 0
    assert f"--plan {out / 'plan.yaml'}" in capsys.readouterr().out
    runs = []
    for plan in ([], ["--plan", str(out / "plan.yaml")]):
        folder = tmp_path / f"run{len(runs)}"
        assert main(["run", SMALL, "--replications", "2", "--out", str(folder), *plan]) == 0
        runs.append(json.loads((folder / "summary.json").read_text())["kpis"]["disrupted"]["fill_rate"]["mean"])
    assert runs[1] > runs[0]


def promise(plan: Path, *words: str) -> dict[str, Any]:
    """RN on unseen cascade seeds in a run of cascade_37 with a plan."""
    out = plan.parent.parent / "run"
    given = ["run", SMALL, "--plan", str(plan), "--replications", "12", "--out", str(out), "--force", *words]
    assert main(given) == 0
    found: dict[str, Any] = json.loads((out / "summary.json").read_text())["promises"]["rn_on_other_seeds"]
    return found


def test_what_is_promised_and_what_came_are_of_the_same_cascades(tmp_path: Path) -> None:
    """Breakdowns of manufacturers spread, too; the plan says nothing of them."""
    out = tmp_path / "out"
    assert main(["recover", SMALL, "--budget", "3", "--out", str(out)]) == 0
    found = promise(out / "plan.yaml")
    assert found["promised_at_least"] == found["mean"] == 34
    assert found["verdict"] == "kept"
    failed = tmp_path / "failed.txt"
    failed.write_text("0\n6\n")  # not those that fail in a run, so that nothing is promised for it
    assert main(["recover", SMALL, "--budget", "3", "--removed", str(failed), "--out", str(out), "--force"]) == 0
    found = promise(out / "plan.yaml")
    assert (found.get("promised_at_least"), found["verdict"]) == (None, None)
    assert found["mean"] < 37


@pytest.mark.parametrize("load", ["throughput", "current_throughput"])
def test_rn_stands_beside_trade_where_loads_are_measured(tmp_path: Path, load: str) -> None:
    out, change = tmp_path / "out", ("--set", f"cascade.load={load}")
    assert main(["recover", SMALL, "--budget", "3", "--out", str(out), *change]) == 0
    found = promise(out / "plan.yaml", *change)
    assert 20 < found["mean"] < 25  # the search, on loads of one replication, has 22.1
    assert found["verdict"] is None
    assert "the loads of the undisrupted twin" in found["note"]


def test_ways_to_say_what_failed(tmp_path: Path) -> None:
    order = SCENARIOS / "cascade_1000" / "removal_order.json"
    first = recover(LARGE, 0, removed=order, remove=50, strategy="none")
    assert (first.chosen.rn, len(first.chosen.removed)) == (923, 50)
    lines = tmp_path / "failed.csv"
    lines.write_text("node,why\n3,fire\n\n 12 ,flood\n")
    assert recover(SMALL, 1, removed=lines, strategy="none").chosen.removed.tolist() == [3, 12]
    assert recover(SMALL, 1, removed=["3", 12], strategy="none").chosen.removed.tolist() == [3, 12]
    by_load = recover(SMALL, 1, remove=4, how="load", strategy="none")
    assert by_load.cascade.loads[by_load.chosen.removed].min() == sorted(by_load.cascade.loads)[-4]
    named = recover(SMALL, 1, disruption="breakdown", strategy="none")
    assert named.chosen.removed.tolist() == [11, 12, 13]


def test_seeds_workers_and_loads() -> None:
    one = recover(LARGE, 200, evaluations=90, cascade_seeds=3)
    two = recover(LARGE, 200, evaluations=90, cascade_seeds=3, workers=2)
    assert one.chosen.cascade_seeds == (1, 2, 3)
    assert one.chosen.restored.tolist() == two.chosen.restored.tolist()
    measured = recover(SMALL, 3, evaluations=30, overrides={"cascade.load": "throughput"})
    plain = recover(SMALL, 3, evaluations=30)
    assert measured.cascade.loads.mean() == pytest.approx(1.0)
    assert measured.cascade.loads.tolist() != plain.cascade.loads.tolist()


def test_ctrl_c_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = [0]
    evaluate = Cascade.evaluate

    def interrupted(self: Cascade, *args: object, **options: object) -> object:
        calls[0] += 1
        if calls[0] == 12:
            raise KeyboardInterrupt
        return evaluate(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Cascade, "evaluate", interrupted)
    out = tmp_path / "out"
    words = ["recover", LARGE, "--budget", "200", "--strategy", "compare", "--evaluations", "400", "--out", str(out)]
    assert main(words) == 130
    assert "interrupted: 1 of 8 strategies finished" in capsys.readouterr().out
    assert json.loads((out / "manifest.json").read_text())["interrupted"]
    table = {row["strategy"]: row for row in rows(out / "strategies.csv")}
    assert set(table) == {"none", "memetic"}
    assert table["memetic"]["interrupted"] == "True"
    assert float(table["memetic"]["rn"]) > 99
    calls[0] = 11
    assert main(["recover", LARGE, "--budget", "200", "--out", str(tmp_path / "nothing")]) == 130
    assert not (tmp_path / "nothing").exists()


GRAPHML = """<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="r" for="node" attr.name="role" attr.type="string"/>
<graph edgedefault="directed">
<node id="a"><data key="r">{role}</data></node><node id="b"><data key="r">retailer</data></node>
<node id="c"><data key="r">retailer</data></node>
<edge source="a" target="b"/><edge source="a" target="{end}"/></graph></graphml>
"""


def test_imported_networks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    xml = tmp_path / "mine.graphml"
    xml.write_text(GRAPHML.format(role="supplier", end="c"))
    (tmp_path / "arcs.csv").write_text("from,to\na,b\na,c\n")
    (tmp_path / "nodes.csv").write_text("id,role\na,supplier\nb,retailer\nc,retailer\n")
    (tmp_path / "failed.txt").write_text("b\nc\n")
    for source in ([str(xml)], [str(tmp_path / "arcs.csv"), "--nodes", str(tmp_path / "nodes.csv")]):
        words = ["--budget", "1.2", "--removed", str(tmp_path / "failed.txt"), "--set", "cascade.beta=0.1"]
        out = tmp_path / f"out_{len(source)}"
        assert main(["recover", *source, *words, "--out", str(out)]) == 0
        summary = json.loads((out / "summary.json").read_text())
        # The budget is enough for one of the two customers; without either the supplier loses all its load and fails.
        assert (summary["rn"], summary["rn_without_recovery"], summary["chosen"]) == (2, 0, "exact")
    capsys.readouterr()


BOMB = """<?xml version="1.0"?>
<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<graphml><graph edgedefault="directed"><node id="&b;"/></graph></graphml>
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([SMALL, "--budget", "-1"], "budget: -1.0 is not a number of at least 0"),
        ([SMALL, "--budget", "nan"], "budget: nan"),
        ([SMALL, "--budget", "1", "--remove", "38"], "38 is not a number of nodes from 0 to 37"),
        ([SMALL, "--budget", "1", "--removed", "unknown.csv"], "unknown.csv:2: removed node '99' does not exist"),
        ([SMALL, "--budget", "1", "--removed", "twice.txt"], "twice.txt:2: removed node '3' is given twice"),
        ([SMALL, "--budget", "1", "--removed", "wrong.json"], "wrong.json: a list of node ids belongs here"),
        ([SMALL, "--budget", "1", "--removed", "missing.csv"], "missing.csv: cannot be read"),
        ([SMALL, "--budget", "1", "--removed", "empty.csv"], "empty.csv: lists no node"),
        ([SMALL, "--budget", "1", "--disruption", "flood"], "there is no disruption 'flood'"),
        ([str(SCENARIOS / "quickstart"), "--budget", "1"], "the role 'supplier'"),
        ([str(SCENARIOS / "network_1000"), "--budget", "1"], "which nodes failed?"),
        (["loop.csv", "--nodes", "nodes.csv", "--budget", "1", "--remove", "1"], "loop.csv:3: arc from 'b' to itself"),
        (["ghost.csv", "--nodes", "nodes.csv", "--budget", "1", "--remove", "1"], "ghost.csv:2: arc 'a' -> 'z': no"),
        (["ring.csv", "--budget", "1", "--remove", "1"], "none is a supplier by the direction of flow: give a nodes"),
        (["words.csv", "--budget", "1", "--remove", "1"], "words.csv:3: column 'volume': a number from 0 to 1e+08"),
        ([SMALL, "--remove", "1"], "say how much load may be restored (--budget), or how many nodes (--count)"),
        ([SMALL, "--budget", "1", "--count", "2"], "budget and count: one of the two"),
        ([SMALL, "--count", "2", "--restore", "three.txt"], "given: its nodes take 3 of a budget of 2"),
        ([SMALL, "--restore", "unknown.csv"], "unknown.csv:2: restored node '99' does not exist"),
        ([SMALL, "--remove", "1", "--how", "load", "--restore", "three.txt"], "did not fail, so it cannot be restored"),
        ([SMALL, "--budget", "1", "--mutation", "0.1"], "mutation: the strategy 'memetic' does not read it"),
        ([SMALL, "--budget", "1", "--strategy", "best"], "strategy: there is no 'best'; choose from memetic, paper-"),
        (["plain.graphml", "--budget", "1", "--remove", "1"], "the role 'supplier'"),
        (["bomb.graphml", "--budget", "1", "--remove", "1"], "unsafe XML refused"),
        (["bomb.gexf", "--budget", "1", "--remove", "1"], "unsafe XML refused"),
        ([SMALL, "--budget", "1", "--set", "cascade.beta=2"], "cascade.beta"),
        ([SMALL, "--budget", "1", "--strategy", "exact", "--remove", "30"], "at most 20 removed nodes"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("unknown.csv").write_text("3\n99\n")
    Path("twice.txt").write_text("3\n3\n")
    Path("ring.csv").write_text("from,to\na,b\nb,a\n")
    Path("words.csv").write_text("from,to,volume\na,b,3\na,c,many\n")
    Path("three.txt").write_text("6\n9\n15\n")
    Path("wrong.json").write_text('{"nodes": 3}')
    Path("empty.csv").write_text("id\n")
    Path("nodes.csv").write_text("id,role\na,supplier\nb,retailer\n")
    Path("loop.csv").write_text("source,target\na,b\nb,b\n")
    Path("ghost.csv").write_text("source,target\na,z\n")
    Path("plain.graphml").write_text(GRAPHML.format(role="factory", end="c"))
    Path("bomb.graphml").write_text(BOMB)
    Path("bomb.gexf").write_text(BOMB)
    assert main(["recover", *words, "--out", "out"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not Path("out").exists()


def test_the_folder_is_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["recover", SMALL, "--budget", "1", "--strategy", "none", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert main(words) == 2
    assert "replace it with --force" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0


def test_the_table_of_nodes_says_what_befell_each() -> None:
    run = recover(SMALL, 3, strategy="load-asc")
    best, network = run.chosen, run.cascade.network
    after, without = (run.cascade.run(best.removed, nodes, 1) for nodes in (best.restored, ()))
    nodes = list(_nodes(run, after, without))
    assert 0 < len(best.restored) < len(best.removed) < network.n
    for column, those in (
        ("removed", best.removed),
        ("restored", best.restored),
        ("affected", np.flatnonzero(after.affected)),
    ):
        assert [row["node"] for row in nodes if row[column]] == [network.id_of(int(k)) for k in np.sort(those)]
    for column, result in (("failed_in_round", after), ("failed_in_round_without_recovery", without)):
        expected = ["" if number < 0 else number for number in result.failed_round.tolist()]
        assert [row[column] for row in nodes] == expected
