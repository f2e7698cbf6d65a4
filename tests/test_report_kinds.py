"""Reports of other kinds of results from folders with numbers by hand: titles, tables, units, captions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esc_sim.results.table import OPTIONAL
from esc_sim.views.report import report_of
from esc_sim.views.report.parts import Command, Grid, Picture, Report, Words
from esc_sim.views.report.sentences import comparison_answer, comparison_question
from esc_sim.views.report.study_sentences import sweep_answer
from esc_sim.views.style import new_figure, save
from esc_sim.written import format_interval

DATA = {"status": "assumed", "note": "by hand"}


def folder_of(
    path: Path, kind: str, summary: dict[str, Any] | None, pictures: tuple[str, ...] = (), **more: Any
) -> Path:
    path.mkdir()
    manifest = {"format": f"esc_sim {kind}", "command": f"esc-sim {kind} x", "notices": ["made up"]} | more
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    if summary is not None:
        (path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    for name in pictures:
        save(new_figure(1.0, 1.0), path / name)
    return path


def head(report: Report) -> tuple[Any, ...]:
    return report.title, report.kind, report.data, report.data_note, report.notices


def grid(report: Report, title: str) -> Grid:
    """The first table under a heading."""
    section = next(section for section in report.sections if section.title == title)
    return next(part for part in section.parts if isinstance(part, Grid))


@pytest.mark.parametrize(
    ("summary", "scenario", "title"),
    [
        ({"title": "Our network"}, "x", "Our network"),
        ({"title": ""}, "x", "x"),
        ({}, "x", "x"),
        (None, "x", "x"),
        ({}, None, "results"),
    ],
)
def test_results_without_a_report_of_their_own_are_named_by_title_scenario_or_folder(
    tmp_path: Path, summary: dict[str, Any] | None, scenario: str | None, title: str
) -> None:
    folder = folder_of(tmp_path / "results", "something", summary, **({"scenario": scenario} if scenario else {}))
    assert head(report_of(folder)) == (title, "Something", "", "", ["made up"])


def test_the_report_of_a_comparison_has_units_of_what_is_no_share(tmp_path: Path) -> None:
    def entry(mean: float, half: float, unit: str) -> dict[str, Any]:
        return {"mean": mean, "ci_low": mean - half, "ci_high": mean + half, "unit": unit}

    def variants(unit: str, first: float, second: float, half: float) -> dict[str, Any]:
        difference = entry(second - first, half, unit)
        return {
            "as it is": {"value": entry(first, half, unit)},
            "more": {"value": entry(second, half, unit), "difference": difference},
        }

    dropped, kept = sorted(OPTIONAL)[:2]
    kpis = {
        dropped: {"label": "Nothing of it", "variants": variants("t", 0.0, 0.0, 0.0)},
        "cost_per_period": {"label": "Cost", "variants": variants("EUR/day", 100.0, 90.0, 2.0)},
        "fill_rate": {"label": "Fill rate", "variants": variants("share", 0.9, 0.95, 0.01)},
        kept: {"label": "Some of it", "variants": variants("t", 0.0, 3.0, 1.0)},
    }
    changes = {"as it is": {"changes": [], "scenario": "x"}, "more": {"changes": ["a=1", "b=2"], "scenario": "x"}}
    summary = {
        "scenario": "x", "title": "X", "data": DATA, "first": "as it is", "variants": changes, "kpis": kpis,
    }  # fmt: skip
    folder = folder_of(tmp_path / "results", "compare", summary, ("compare.png",), replications=4, seed=2)
    report = report_of(folder)
    assert head(report) == ("X", "Comparison", "assumed", "by hand", ["made up"])
    values, differences = grid(report, "Key figures"), grid(report, "Differences from 'as it is'")
    assert (values.head, differences.head) == (["", "as it is", "more", "unit"], ["", "more", "unit"])
    expected = [("Cost", "EUR/day"), ("Fill rate", ""), ("Some of it", "t")]
    assert [(row[0], row[-1]) for row in values.rows] == expected
    assert [(row[0], row[-1]) for row in differences.rows] == expected
    del kpis[dropped]
    for value_row, row, kpi in zip(values.rows, differences.rows, kpis.values(), strict=True):
        both = kpi["variants"]
        assert value_row[1:3] == [format_interval(both[name]["value"]) for name in ("as it is", "more")]
        assert row[1] == format_interval(both["more"]["difference"], sign=True)
    done = grid(report, "How it was done").rows
    assert ["variant 'more'", "a=1; b=2"] in done
    assert ["variant 'as it is'", "x"] in done
    assert report.question.startswith("Which variant is best: 'as it is'; 'more' (a = 1, b = 2)? 4 replications each")
    assert report.answer == "Best by fill rate is 'more' (a = 1, b = 2): 5.0 points more than 'as it is' (4.0 to 6.0)."


def test_the_answer_of_a_comparison_tells_of_every_variant() -> None:
    def entry(mean: float, half: float, unit: str) -> dict[str, Any]:
        return {"mean": mean, "ci_low": mean - half, "ci_high": mean + half, "unit": unit}

    def kpi(label: str, unit: str, values: dict[str, tuple[float, float]]) -> dict[str, Any]:
        base = values["usual"][0]
        told = {
            name: {"value": entry(value, 1.0, unit), "difference": entry(value - base, half, unit)}
            for name, (value, half) in values.items()
        }
        return {"label": label, "variants": told}

    names = {"usual": (100.0, 0.0), "same": (100.0, 0.0), "dear": (80.0, 2.0), "late": (101.0, 4.0)}
    served = {"usual": (0.9, 0.0), "same": (0.9, 0.0), "dear": (0.9, 0.0), "late": (0.91, 0.05)}
    kpis = {"profit_per_period": kpi("Profit", "EUR/day", names), "fill_rate": kpi("Fill rate", "share", served)}
    variants = {name: {"scenario": "x", "changes": []} for name in names}
    summary = {"first": "usual", "variants": variants, "kpis": kpis}
    assert comparison_answer(summary) == (
        "'same' differs in none of this from 'usual'. "
        "'dear' against 'usual': profit is 20.0 EUR/day less (18.0 to 22.0). "
        "'late' cannot be told apart from 'usual' by profit and fill rate."
    )
    names["late"] = (120.0, 4.0)
    kpis["profit_per_period"] = kpi("Profit", "EUR/day", names)
    assert comparison_answer(summary).startswith(
        "Best by profit is 'late': 20.0 EUR/day more than 'usual' (16.0 to 24.0). "
        "By fill rate, 'late' and 'usual' cannot be told apart. 'same' differs in none"
    )
    manifest = {"replications": 4, "seed": 1, "asked": {"disruptions": ["it: depot cannot ship from day 60 on"]}}
    assert " 'late'? it: depot cannot ship" in comparison_question(manifest, summary)
    variants["late"]["changes"] = ["disruptions.it.dates.0.start=200"]
    assert "? In 'usual', it: depot cannot ship from day 60 on. 4 replications" in comparison_question(
        manifest, summary
    )


def test_the_answer_of_a_sweep_names_ties_and_says_what_may_be_chance() -> None:
    def row(allocation: str, mean: float, half: float) -> dict[str, str]:
        ends = {"mean": mean, "ci_low": mean - half, "ci_high": mean + half}
        return {"rules.allocation": allocation} | {f"profit_total.{end}": str(value) for end, value in ends.items()}

    manifest = {"parameters": ["rules.allocation"], "units": {"money": "EUR"}}
    rows = [row("proportional", 120.0, 10.0), row("priority", 100.0, 10.0), row("first_come", 120.0, 10.0)]
    largest = "Profit over the horizon is largest at proportional; first_come (120 ± 10 EUR) and smallest at priority"
    chance = "; their intervals overlap, so that it may be chance: `esc-sim compare` tells."
    assert sweep_answer(manifest, rows) == f"{largest} (100 ± 10 EUR){chance}"
    rows[1] = row("priority", 90.0, 10.0)
    assert sweep_answer(manifest, rows) == f"{largest} (90 ± 10 EUR)."


def test_the_report_of_a_recovery(tmp_path: Path) -> None:
    def strategy(name: str, rn: float, restored: int) -> dict[str, Any]:
        outside = {"out_of_seed_mean": rn - 1.5, "out_of_seed_min": rn - 3, "out_of_seed_max": rn + 4}
        return {"strategy": name, "rn": rn, "strict_rn": rn - 10, "load_used": 2.5, "restored": restored} | outside

    summary = {
        "scenario": "x", "title": "X", "data": DATA, "nodes": 1000, "failed": 120, "failed_by": "load", "budget": 200,
        "failed_load": 812.5, "chosen": "memetic", "rn": 824, "rn_without_recovery": 99, "restored": ["n7", "n3"],
        "cascade": {"rounds": 3, "rounds_without_recovery": 5, "failed_in_it": 17, "failed_in_it_without_recovery": 41},
        "strategies": [strategy("memetic", 824, 2), strategy("none", 99, 0)],
    }  # fmt: skip
    asked = {"strategy": "memetic", "evaluations": 6000, "seed": 1, "cascade_seeds": [1, 2]}
    folder = folder_of(tmp_path / "results", "recover", summary, ("strategies.png", "map.png", "other.png"), **asked)
    report = report_of(folder)
    assert head(report) == ("X", "Recovery", "assumed", "by hand", ["made up"])
    assert [section.title for section in report.sections] == [
        "The chosen nodes", "Strategies", "Figures", "How it was done", "Provenance",
    ]  # fmt: skip
    rows = dict(grid(report, "How it was done").rows)
    assert rows["failed"] == "120 nodes, load; load 812.5"
    assert rows["search"] == "memetic, 6,000 cascades at most"
    asks = "Which of 120 failed nodes (load) should be restored first, with a budget of 200 of load?"
    assert report.question == f"{asks} The cascade from them on is played."
    assert report.answer == (
        "Restore n7 and n3: 2 of 120 failed nodes (memetic). On cascade seeds that the search has not seen, the "
        "largest functional part of the network then has 822.5 (821 to 828) of 1,000 nodes, without recovery 97.5 (96 "
        "to 103); on the search's own 824, without recovery 99. Further nodes that fail in the cascade: 17, without "
        "recovery 41."
    )
    told = report.sections[0].parts
    assert told == [Words("Restore: n7, n3."), Command(f"esc-sim run x --plan {folder / 'plan.yaml'}")]
    table = grid(report, "Strategies")
    assert table.head[-1] == "restored of 120"
    assert table.rows == [
        ["memetic", "822.5", "821", "828", "824", "814", "2.5", "2"],
        ["none", "97.5", "96", "103", "99", "89", "2.5", "0"],
    ]
    pictures = report.sections[2].parts
    assert all(isinstance(picture, Picture) for picture in pictures)
    assert len(pictures) == 2
    summary["restored"] = []
    again = report_of(folder_of(tmp_path / "nothing", "recover", summary, **asked))
    assert again.sections[0].parts[0] == Words("Restore: none.")
    assert again.answer.startswith("Restore none of them (memetic).")
