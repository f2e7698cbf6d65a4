"""`esc-sim report`: one file that holds everything, escapes every text, and refuses what is no result."""

from __future__ import annotations

import base64
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from esc_sim.cli import main
from esc_sim.results.asked import asked_of
from esc_sim.results.manifest import RUN_FORMAT
from esc_sim.results.writing import write_run
from esc_sim.scenario.reader import load_scenario
from esc_sim.simulation import simulate
from esc_sim.storage.place import check_target
from esc_sim.stress.run import stress
from esc_sim.views import figure_files
from esc_sim.views.report import REPORTS, report_of, write_report
from esc_sim.views.report.document import html_page
from esc_sim.views.report.parts import Grid, Report, Section
from esc_sim.views.report.sentences import negative
from esc_sim.views.report.study_sentences import stress_answer, stress_question
from esc_sim.written import format_interval, mean_and_ends, number, percent
from tests.page.networks import HOSTILE, write_hostile
from tests.stress.line import line

ROOT = Path(__file__).resolve().parent.parent
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "div", "h1", "h2", "p", "span", "ul", "li",
    "section", "wbr", "table", "thead", "tbody", "tr", "th", "td", "pre", "figure", "img", "figcaption", "footer",
}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "src", "alt"}


class Reader(HTMLParser):
    """Tags, attributes, words and pictures of a report."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        text = data.replace("\xa0", " ").strip()  # numbers keep their units on the line
        if text and self.tags[-1] == "wbr":  # where a long name may be broken
            self.words[-1] += text
        elif text and self.tags[-1] != "style":
            self.words.append(text)

    @property
    def pictures(self) -> list[bytes]:
        start = "data:image/png;base64,"
        return [base64.b64decode((v or "").removeprefix(start)) for k, v in self.attributes if k == "src"]


def read(file: Path) -> Reader:
    """The report, after looking that it is whole and needs nothing from elsewhere."""
    reader = Reader(file.read_text(encoding="utf-8"))
    assert set(reader.tags) <= TAGS
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    assert all((value or "").startswith("data:image/png;base64,") for name, value in reader.attributes if name == "src")
    assert ("content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'") in reader.attributes
    return reader


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run with a twin; figures are not drawn."""
    folder = tmp_path_factory.mktemp("results") / "run"
    result = simulate(
        ROOT / "scenarios" / "oil_gas", replications=3, seed=2, engine="agents", overrides={"run.periods": 40},
        command="esc-sim run scenarios/oil_gas",
    )  # fmt: skip
    write_run(result, folder)
    return folder


def test_the_report_of_a_run(run_folder: Path, tmp_path: Path) -> None:
    file = write_report(run_folder, tmp_path / "run.html")
    reader = read(file)
    summary = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))
    assert "Oil and gas supply chain, refinery 3 at risk" in reader.words
    assert "calibrated data" in reader.words
    assert "esc-sim run scenarios/oil_gas" in reader.words
    for run in ("undisrupted", "disrupted"):
        for name in ("cost_per_period", "cvar"):
            assert format_interval(summary["kpis"][run][name]) in reader.words
    assert len(reader.pictures) == 4  # drawn for the report, for the folder has none
    assert all(picture.startswith(b"\x89PNG") for picture in reader.pictures)
    assert summary["title"] in file.read_text(encoding="utf-8").split("<title>")[1].split("</title>")[0]
    assert json.loads((run_folder / "manifest.json").read_text(encoding="utf-8"))["scenario_hash"] in reader.words


def test_the_report_of_a_closed_depot_begins_with_whom_when_how_long_and_what_it_costs(tmp_path: Path) -> None:
    depot = [{"name": "depot_closed", "nodes": ["warehouse"], "dates": [{"start": 20, "duration": 14}]}]
    changes = {"disruptions": depot, "rules.known_after": 3, "nodes.warehouse.target_stock": 100, "run.periods": 60}
    result = simulate(ROOT / "scenarios" / "quickstart", replications=4, seed=3, engine="agents", overrides=changes)
    write_run(result, tmp_path / "run")
    reader = read(write_report(tmp_path / "run"))
    question, answer = reader.words[5:7]
    assert question == (
        "What do disruptions cost? depot_closed: warehouse cannot ship from day 20 on for 14 days. Outages known after "
        "3 days. Changed against the scenario: known after = 3; target stock of warehouse = 100; periods = 60. "
        "4 replications of 60 days, seed 3, each beside the same run without disruptions."
    )
    change = result.summary["kpis"]["difference"]
    lost = mean_and_ends(negative(change["profit_total"]), "EUR of profit over 60 days")
    unserved = mean_and_ends(negative(change["fill_rate"]), "points of fill rate")
    assert answer.startswith(f"It costs {lost} and {unserved}. Service falls short ")
    back = r" and is back [0-9.]+ days( \([0-9.]+ to [0-9.]+\))? after the disruption began, in 3 of 4 replications\.$"
    assert re.search(back, answer)


@pytest.mark.parametrize(
    ("known_after", "said"), [(0, "known at once"), (1, "known after 1 day"), (60, "never known within the run")]
)
def test_the_rule_of_knowledge_in_words(known_after: int, said: str) -> None:
    made = load_scenario(ROOT / "scenarios" / "quickstart", {"run.periods": 60, "rules.known_after": known_after})
    assert asked_of(made)["known_after"] == f"outages {said}"


@pytest.mark.parametrize(
    ("disruption", "words"),
    [
        ({"nodes": ["shop_north"], "probability": 0.1, "duration": 2, "demand_factor": 1.5},
         "at shop_north demand is multiplied by 1.5, with a chance of 10 % each day, for 2 days"),
        ({"roles": ["factory"], "probability": 0.02, "duration": {"law": "exponential", "mean": 4}, "together": False,
          "health": 0.25, "stops": ["ship", "produce"], "recovery": {"duration": 3}},
         "all of the role factory can ship and produce only 25 % of the usual, each by itself, with a chance of 2 % "
         "each day, for 4 days on average, then comes back over 3 days"),
        ({"arcs": [{"buyer": "shop_north", "supplier": "warehouse"}], "dates": [{"start": 3, "duration": 1}]},
         "the arc warehouse to shop_north cannot carry anything from day 3 on for 1 day"),
        ({"arcs": [{"buyer": "shop_north", "supplier": "warehouse"}], "in_transit": "lose",
          "dates": [{"start": 170, "duration": 30}, {"start": 400, "duration": 2}]},
         "the arc warehouse to shop_north cannot carry anything (goods on the road are lost) from day 170 on for 30 "
         "days, of which the run sees 10 and from day 400 on for 2 days, after the run ends"),
    ],
)  # fmt: skip
def test_disruptions_in_words(disruption: dict[str, Any], words: str) -> None:
    made = load_scenario(ROOT / "scenarios" / "quickstart", {"disruptions": [{"name": "it", **disruption}]})
    assert asked_of(made)["disruptions"] == [f"it: {words}"]


def test_pictures_of_the_folder_are_taken_as_they_are(run_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run_folder, tmp_path / "run")
    own = read(write_report(folder)).pictures
    (folder / "cost_histogram.png").write_bytes(own[1])
    assert read(write_report(folder)).pictures == [own[1], *own[1:]]
    (folder / "cost_histogram.png").write_bytes(b"GIF89a")
    assert main(["report", str(folder)]) == 2


def test_a_hostile_scenario_is_only_text(tmp_path: Path) -> None:
    scenario = write_hostile(tmp_path / "scenario")
    folder = tmp_path / "results"
    assert main(["run", str(scenario), "--engine", "agents", "--workers", "1", "--out", str(folder)]) == 0
    assert main(["report", str(folder)]) == 0
    reader = read(folder / "report.html")
    assert f"Title {HOSTILE}" in reader.words
    assert f"Note {HOSTILE}" in " ".join(reader.words)
    assert reader.tags.count("img") == len(reader.pictures) == 4


def test_the_report_stays_out_of_the_way_of_the_next_run(run_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(run_folder, tmp_path / "run")
    write_report(folder)
    check_target(folder, kind=RUN_FORMAT, force=True, drawn=figure_files())


def test_a_run_without_disruptions(tmp_path: Path) -> None:
    result = simulate(
        ROOT / "scenarios" / "quickstart", replications=1, engine="agents",
        overrides={"run.periods": 20, "disruptions": []},
    )  # fmt: skip
    write_run(result, tmp_path / "run")
    reader = read(write_report(tmp_path / "run"))
    assert len(reader.pictures) == 3
    assert "Resilience" not in reader.words
    assert "One replication has no confidence intervals." in reader.words


def test_results_of_a_kind_without_a_report_of_its_own(run_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    manifest = {
        "format": "esc_sim something", "scenario": HOSTILE, "command": f"esc-sim something {HOSTILE}", "budget": 200,
        "notices": [HOSTILE], "versions": {"python": "3"}, "files": ["table.csv", "one.png"],
    }  # fmt: skip
    summary = {
        "title": HOSTILE, "data": {"status": "synthetic", "note": HOSTILE},
        "rn": {"mean": 12.5, "ci_low": 12.0, "ci_high": 13.0, "unit": "nodes"}, "best": {"rn": 824, "ok": True},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    rows = "".join(f"{i},{i / 7}\n" for i in range(100))
    (folder / "table.csv").write_text(f"a,{HOSTILE.replace(',', '')}\n{rows}", encoding="utf-8")
    (folder / "one.png").write_bytes(read(write_report(run_folder, tmp_path / "r.html")).pictures[0])
    reader = read(write_report(folder))
    assert len(reader.pictures) == 1
    assert {"Something", "synthetic data", "Table", "12.50 ± 0.50 nodes", "824", "yes"} <= set(reader.words)
    assert "table.csv: the first 60 rows." in reader.words
    assert HOSTILE in reader.words


def test_the_report_of_an_optimization(tmp_path: Path, run_folder: Path) -> None:
    folder = tmp_path / "front"
    folder.mkdir()
    manifest = {"format": "esc_sim optimize", "command": "esc-sim optimize x", "algorithm": "nsga2", "population": 4}
    manifest |= {"replications": 5, "seed": 1, "held_out": 320}
    summary = {
        "scenario": "x", "title": "X", "data": {"status": "assumed", "note": ""},
        "measures": {"profit": "Profit [EUR]"},
        "held_out": {
            "base": {"profit": 3610828.5}, "compromise": {"profit": 3889395.2}, "change": {"profit": 278566.7},
        },
        "relative_change": {"profit": 0.0771}, "bounds": "all prices", "designs": 4, "non_dominated": 3,
        "simulated_periods": 12000, "best": {"profit": {"value": 3940000.0, "relative_change": 0.0912}},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (folder / "front.csv").write_text("profit.training,keeps\n3940886.3,True\n", encoding="utf-8")
    (folder / "front.png").write_bytes(read(write_report(run_folder, tmp_path / "r.html")).pictures[0])
    reader = read(write_report(folder))
    assert {"3,610,828", "3,889,395", "+278,567", "+7.71 %", "3,940,886", "yes"} <= set(reader.words)
    best = "Best on the front: profit 3,940,000 EUR (+9.1 %)."
    assert f"Against the base plan, the compromise changes profit by +7.7 %. {best}" in reader.words
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    assert main(["report", str(folder)]) == 2


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("nothing", "is no folder"),
        ("no manifest", "holds no results of esc_sim"),
        ("foreign", "holds no results of esc_sim"),
        ("no summary", "summary.json"),
        ("broken summary", "summary.json"),
        ("target is a folder", "is a folder; name a file"),
        ("no such place", "cannot be written"),
    ],
)
def test_what_cannot_be_reported(
    damage: str, message: str, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, words = shutil.copytree(run_folder, tmp_path / "run"), []
    if damage == "nothing":
        folder = tmp_path / "none"
    elif damage == "no manifest":
        (folder / "manifest.json").unlink()
    elif damage == "foreign":
        (folder / "manifest.json").write_text('{"format": "theirs"}', encoding="utf-8")
    elif damage == "no summary":
        (folder / "summary.json").unlink()
    elif damage == "broken summary":
        (folder / "summary.json").write_text('{"kpis": 3', encoding="utf-8")
    elif damage == "target is a folder":
        words = ["--out", str(tmp_path)]
    else:
        words = ["--out", str(tmp_path / "no" / "where" / "x.html")]
    assert main(["report", str(folder), *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert not (folder / "report.html").exists()


def test_the_report_is_the_same_every_time(run_folder: Path) -> None:
    assert report_of(run_folder) == report_of(run_folder)


def test_the_report_of_a_comparison(tmp_path: Path) -> None:
    scenario, folder = write_hostile(tmp_path / "scenario"), tmp_path / "results"
    words = ["compare", str(scenario), "--replications", "4", "--out", str(folder), "--variant", "as it is"]
    assert main([*words, "--variant", f"more {HOSTILE}: nodes.0.initial_stock=90"]) == 0
    assert main([*words, "--variant", "again: nodes.0.initial_stock=90"]) == 2  # nothing is replaced unasked
    assert main(["report", str(folder)]) == 0
    reader = read(folder / "report.html")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    more = summary["kpis"]["cost_per_period"]["variants"][f"more {HOSTILE}"]
    assert format_interval(more["value"]) in reader.words
    assert format_interval(more["difference"], sign=True) in reader.words
    assert more["difference"]["mean"] != 0.0
    assert {"Differences from 'as it is'", "nodes.0.initial_stock=90", f"more {HOSTILE}", "Provenance"} <= set(
        reader.words
    )
    assert len(reader.pictures) == 1


def test_the_report_of_a_sweep(tmp_path: Path) -> None:
    scenario, folder = write_hostile(tmp_path / "scenario"), tmp_path / "results"
    words = ["sweep", str(scenario), "--vary", "run.periods=5,10", "--replications", "2"]
    assert main([*words, "--out", str(folder)]) == 0
    assert main(["report", str(folder)]) == 0
    reader = read(folder / "report.html")
    first = pd.read_csv(folder / "sweep.csv").iloc[0]
    entry = {name: float(first[f"cost_per_period.{name}"]) for name in ("mean", "ci_low", "ci_high")}
    assert format_interval(entry | {"unit": ""}) in reader.words
    assert {f"Title {HOSTILE}", "synthetic data", "run.periods", "grid, 2 points", "Provenance"} <= set(reader.words)
    assert any(text.startswith("What changes with periods (5, 10)? ") for text in reader.words)
    assert any("Profit over the horizon is largest at " in text for text in reader.words)
    assert len(reader.pictures) >= 1


def test_the_report_of_a_stress_test(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    test = stress(
        line(), duration=6, starts=[40], engine="agents", reverse="fill_rate<0.9", deviations="demand", out=folder
    )
    assert main(["report", str(folder)]) == 0
    reader = read(folder / "report.html")
    first = pd.read_csv(folder / "ranking.csv").iloc[0]
    assert first["stressor"] == "shop"
    words = " ".join(reader.words)
    impact = {"mean": first["impact"], "ci_low": first["impact_low"], "ci_high": first["impact_high"], "unit": ""}
    cost = mean_and_ends(impact, "money of profit on average")
    assert f"That of shop (node): 6 periods of it cost {cost}." in words
    asked = f"Which outage hurts most? Each of {len(test.table)}, one at a time, lasts 6 periods from period 40 on."
    assert any(text.startswith(asked) for text in reader.words)
    assert {"Ranking", "What do buyers know?", "What would it take?", "Provenance"} <= set(reader.words)
    assert "A site that is out cannot trade or produce; an arc cannot carry anything. Nothing else" in words
    assert "What would it take to get to fill_rate<0.9?" in words
    assert "Worst by when buyers learn of outages: as the rules say: shop (node), " in words
    assert f"Reverse test: {test.breaking}." in words
    assert str(test.deviation) in words
    assert len(reader.pictures) == len(list(folder.glob("*.png"))) >= 5


def test_a_stress_test_without_harm_says_so() -> None:
    worst = {"stressor": "shop", "kind": "node", "impact": 0.0}
    summary = {"worst": [worst], "units": {"period": "day"}, "outage": {"durations": [2.0, 2.0]}}
    assert stress_answer(summary) == "None: no outage of 2 days that was tried costs any profit."


def test_one_outage_in_part_is_told_as_such() -> None:
    worst = {
        "stressor": "shop", "kind": "node", "duration": 7.0, "impact": 1341.0972, "impact_low": 1341.0972,
        "impact_high": 1341.0972, "lost_demand": 2.5, "late_demand": 0.0, "time_to_survive": 24.5,
        "time_to_recover": 15.5,
    }  # fmt: skip
    outage = {"durations": [7.0, 7.0], "starts": [42, 128], "health": 0.5, "stops": ["ship"]}
    exposures = [{"impact": 1341.0}, {"impact": 700.0}]
    chosen = {"budget": 500.0, "levers": ["more, a week", "second"], "yearly_cost": 275.0, "joint_effect": 1529.2}
    levers = {"portfolio": chosen, "impact_is_added_up": "per outage", "exposures": exposures}
    units = {"period": "day", "money": "USD", "goods": "t"}
    summary = {"worst": [worst], "units": units, "outage": outage, "stressors": 1, "replications": 3, "seed": 1}
    asked = stress_question({}, summary | {"levers": levers})
    assert asked.startswith(
        "What does an outage of shop (node) cost? It lasts 7 days from day 42 or 128 on. "
        "A site that is out can ship only 50 % of the usual."
    )
    assert asked.endswith("What could be done about the worst, for 500 USD a year?")
    assert stress_answer(summary | {"levers": levers}) == (
        "That of shop (node): 7 days of it cost 1,341 USD of profit on average. Final demand lost: 2.5 t. "
        "In the median run service falls short after 24.5 days. "
        "For 500 USD a year: more, a week; second. They cost 275 USD a year and avoid 1,529 USD "
        "of the 2,041 that one outage of each of the 2 worst costs together."
    )
    worst["kind"] = "arc"
    assert "An arc that is out can carry only 50 % of the usual." in stress_question({}, summary)


def test_the_report_of_a_design(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    assert main(["design", str(ROOT / "scenarios" / "electrolyte"), "--out", str(folder)]) == 0
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert main(["report", str(folder)]) == 0
    reader = read(folder / "report.html")
    assert {"second stage: CVaR", number(summary["second_stage"]["cvar"]), "Electrolyte for 16 buyers"} <= set(
        reader.words
    )
    assert f"esc-sim run SCENARIO --plan {folder / 'plan.yaml'}" in reader.words
    assert percent(summary["price_of_robustness"]) in reader.words
    assert not {"seconds", number(summary["gap"])} & set(reader.words)
    (answer,) = (words for words in reader.words if words.startswith("It costs "))
    assert all(name in answer.partition("Sign ")[2] for name in summary["primaries"])
    assert all(f"{amount:,.0f} unit of {name}" in answer for name, amount in summary["backups"].items())
    assert len(reader.pictures) == len(list(folder.glob("*.png"))) > 0


def test_every_kind_of_results_has_a_report_of_its_own() -> None:
    assert set(REPORTS) == {
        f"esc_sim {kind}"
        for kind in ("run", "optimize", "recover", "design", "compare", "sweep", "stress", "calibrate")
    }


def test_names_are_broken_at_their_marks_only_and_wide_tables_fit_the_page() -> None:
    names = ["warehouse_of_the_north/factory_of_the_south", "x" * 40, "shop_north"]
    grid = Grid(["", "name"], [["a", name] for name in names], numbers=False)
    wide = Grid([f"column {k}" for k in range(9)], [["a", *["98.6 ± 2.3 %"] * 8]])
    page = html_page(Report("t", "k", "", "", [Section("Wide", [wide]), Section("Names", [grid])]))
    assert "<td>warehouse_of_the_north/<wbr>factory_of_the_south</td>" in page
    assert f'<td class="long">{"x" * 40}</td>' in page
    assert "<td>shop_north</td>" in page
    assert page.count('<div class="wide short many">') == page.count('<div class="wide short">') == 1
    assert "98.6 ±&nbsp;2.3&nbsp;%" in page  # which breaks but before the interval
