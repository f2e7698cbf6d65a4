"""Series: gaps, dates and what follows their end; one reader for series.csv, workbooks and past demand."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import load_scenario
from esc_sim.design.uncertainty import read_samples
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.sampling.streams import stream_hashes, uniforms
from esc_sim.sampling.tape import tape_block
from esc_sim.scenario.calendar import Calendar, Step, calendar_of, date_of, step_of
from esc_sim.scenario.reader import read_scenario
from esc_sim.scenario.schema import Scenario
from tests.scenario.helpers import folder_of, problems_of

HEAD = "version: 1\nname: shop\nrun: {periods: PERIODS}\n"


def shop(periods: int = 3, demand: str = "series: asked", head: str = HEAD) -> str:
    text = head.replace("PERIODS", str(periods))
    return text + f"nodes:\n  - {{id: shop, initial_stock: 1000, demand: {{{demand}}}}}\n"


def drawn(scenario: Scenario, count: int) -> np.ndarray:
    return tape_block(instance_of(scenario).columns, 7, 0, 0, count)


@pytest.mark.parametrize("blank", ["", ",", '""', " , ,"])
def test_a_gap_is_refused_with_its_line(tmp_path: Path, blank: str) -> None:
    width = 1 if blank in ("", '""') else blank.count(",") + 1
    row = ",".join(["5"] * width)
    header = ",".join(["asked", "b", "c"][:width])
    folder = folder_of(tmp_path, shop(), series_csv=f"{header}\n{row}\n{blank}\n{row}\n")
    (problem,) = problems_of(folder)
    assert problem.startswith("series.csv:3: the row is empty, and every row is a period")
    assert load_scenario(folder_of(tmp_path, shop(2), series_csv=f"{header}\n{row}\n{row}\n{blank}\n\n"))


@pytest.mark.parametrize(("periods", "count"), [(4, 3), (365, 1)])
def test_a_series_that_ends_before_the_run_needs_to_say_what_follows(tmp_path: Path, periods: int, count: int) -> None:
    values = "asked\n" + "5\n" * count
    (problem,) = problems_of(folder_of(tmp_path, shop(periods), series_csv=values))
    assert problem.startswith(f"scenario.yaml:5:54: nodes.0.demand.series: series 'asked' has {count} value")
    assert load_scenario(folder_of(tmp_path, shop(count), series_csv=values))
    assert load_scenario(folder_of(tmp_path, shop(periods, "series: asked, then: hold"), series_csv=values))


@pytest.mark.parametrize(
    ("then", "follows"),
    [
        ("repeat", [3.0, 4.0, 8.0, 3.0]),
        ("hold", [8.0] * 4),
        ("zero", [0.0] * 4),
        ("{law: constant, value: 2}", [2.0] * 4),
    ],
)
def test_what_follows_a_series(tmp_path: Path, then: str, follows: list[float]) -> None:
    text = shop(7, f"series: asked, then: {then}, season: [1, 0.5]")
    scenario = load_scenario(folder_of(tmp_path, text, series_csv="asked\n3\n4\n8\n"))
    expected = np.array([3.0, 4.0, 8.0, *follows]) * np.array([1, 0.5, 1, 0.5, 1, 0.5, 1])
    np.testing.assert_array_equal(drawn(scenario, 7)[:, 0], expected)


def test_a_fitted_law_has_a_stream_of_its_own(tmp_path: Path) -> None:
    values = [3.0, 4.0, 8.0, 5.0]
    series = "asked\n" + "".join(f"{value}\n" for value in values)
    words = {"normal": (5.0, np.std(values, ddof=1)), "gamma": (5.0, np.std(values, ddof=1)), "empirical": (5.0, None)}
    for then, (mean, sd) in words.items():
        text = shop(20_000, f"series: asked, then: {then}")
        block = drawn(load_scenario(folder_of(tmp_path, text, series_csv=series)), 20_000)[:, 0]
        np.testing.assert_array_equal(block[:4], values)
        assert block[4:].mean() == pytest.approx(mean, abs=0.06)  # standard error 0.016
        if sd is None:
            assert set(np.unique(block[4:])) == set(values)
            uniform = uniforms(7, stream_hashes(["then/demand/shop"]), 0, 0, 20_000)[4:, 0]
            np.testing.assert_array_equal(block[4:], np.sort(values)[(uniform * 4).astype(int)])
        else:
            assert block[4:].std() == pytest.approx(sd, rel=0.05)


def test_then_without_a_series_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(folder_of(tmp_path, shop(3, "mean: 3, then: hold")))
    assert "then says what follows a series" in problem
    (problem,) = problems_of(folder_of(tmp_path, shop(3, "series: asked, then: holds"), series_csv="asked\n1\n"))
    assert "must be one of 'repeat', 'hold', 'zero'" in problem
    assert "did you mean 'hold'" in problem


@pytest.mark.parametrize(
    ("dates", "step", "third"),
    [
        ("2026-01-30 2026-01-31 2026-02-01", "1 day", "2026-02-01"),
        ("2026-01-05 2026-01-19 2026-02-02", "2 weeks", "2026-02-02"),
        ("2026-01-31 2026-02-28 2026-03-31", "1 month", "2026-03-31"),
        ("2026-01-30 2026-02-28 2026-03-30", "1 month", "2026-03-30"),
        ("2026-01-01 2026-04-01 2026-07-01", "1 quarter", "2026-07-01"),
        ("2026-02 2026-03 2026-04", "1 month", "2026-04-01"),
        ("2024-02-29 2025-02-28 2026-02-28", "1 year", "2026-02-28"),
        ("2026-03-28T22:00 2026-03-28T23:00 2026-03-29T00:00", "1 hour", "2026-03-29 00:00"),
    ],
)
def test_dates_give_the_start_and_the_step(tmp_path: Path, dates: str, step: str, third: str) -> None:
    rows = "".join(f"{date};{k}\n" for k, date in enumerate(dates.split()))
    read = read_scenario(folder_of(tmp_path, shop(3), series_csv=f"Date;asked\n{rows}"))
    assert read.scenario.run.step == step
    assert read.scenario.series == {"asked": [0.0, 1.0, 2.0]}
    found = calendar_of(read.scenario)
    assert found is not None
    assert found.label(2) == third


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (
            "2026-01-05 2026-01-12 2026-01-26",
            "series.csv:4: column 'date': 2026-01-26 follows 2026-01-12 (the rows before",
        ),
        ("2026-01-09 2026-01-12 2026-01-14", "series.csv:4: column 'date': 2026-01-14 follows 2026-01-12"),
        (
            "2026-01-05 2026-01-04 2026-01-03",
            "series.csv:3: column 'date': 2026-01-04 follows 2026-01-05: dates must go up",
        ),
        ("2026-01-31 2026-02-28 2026-03-30", "series.csv:4: column 'date': 2026-03-30 follows 2026-02-28"),
        ("5.1.2026 6.1.2026 7.1.2026", "series.csv:2: column 'date': '5.1.2026' is no date: write 2026-01-05"),
        (
            "1/2/2026 1/3/2026 1/4/2026",
            "'1/2/2026' is no date: write 2026-01-02 (month first), or 2026-02-01 (day first)",
        ),
        ("2026-01-05 2026-02-30 2026-03-05", "series.csv:3: column 'date': '2026-02-30' is no date"),
        ("2026-01-05 - 2026-03-05", "series.csv:3: column 'date': the cell is empty"),
    ],
)
def test_uneven_dates_are_one_problem(tmp_path: Path, dates: str, message: str) -> None:
    rows = "".join(f"{date.strip('-')},{k}\n" for k, date in enumerate(dates.split()))
    (problem,) = problems_of(folder_of(tmp_path, shop(3), series_csv=f"date,asked\n{rows}"))
    assert message in problem


def test_dates_that_do_not_fit_the_run_are_refused(tmp_path: Path) -> None:
    table = "date,asked\n2026-01-05,1\n2026-01-12,2\n"
    head = HEAD.replace("PERIODS", "PERIODS, start: 2026-02-02")
    (problem,) = problems_of(folder_of(tmp_path, shop(2, head=head), series_csv=table))
    assert problem.startswith("series.csv:2: the first row is of 2026-01-05, but run.start is 2026-02-02")
    read = read_scenario(folder_of(tmp_path, shop(2, head=HEAD + "units: {period: day}\n"), series_csv=table))
    assert any("periods are 1 week apart, but units.period is 'day'" in warning for warning in read.warnings)


def test_dates_and_series_of_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")

    def saved(rows: list[list[Any]]) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "series"
        for row in rows:
            sheet.append(row)
        folder = folder_of(tmp_path, shop(2).replace("run:", "tables: book.xlsx\nrun:"))
        book.save(folder / "book.xlsx")
        return folder

    days = [datetime.datetime(2026, 1, 5), datetime.date(2026, 1, 12), datetime.datetime(2026, 1, 26)]
    scenario = load_scenario(saved([["when", "asked"], [days[0], 3], [days[1], 4.5], [None, None]]))
    assert scenario.series == {"asked": [3.0, 4.5]}
    assert (scenario.run.start, scenario.run.step) == ("2026-01-05", "1 week")
    (problem,) = problems_of(saved([["when", "asked"], [days[0], 3], [days[1], 4], [days[2], 5]]))
    assert problem.startswith("book.xlsx[series]!A4: column 'when': 2026-01-26 follows 2026-01-12")
    (problem,) = problems_of(saved([["asked"], [3], [None], [5]]))
    assert problem.startswith("book.xlsx[series]!A3: the row is empty")


def test_past_demand_of_a_design_is_read_by_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("month;A2;A1;note\n2026-01;1;2;x\n2026-02;3;4;y\n", encoding="utf-8")
    samples, names = read_samples(tmp_path / "past.csv", ("A1", "A2"))
    assert names == ("A1", "A2")
    assert samples.tolist() == [[2.0, 1.0], [4.0, 3.0]]
    (tmp_path / "past.csv").write_text("A1\n1\n\n3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"past.csv:3: the row is empty"):
        read_samples(tmp_path / "past.csv")


def test_a_column_of_words_is_one_problem(tmp_path: Path) -> None:
    rows = "".join(f"{k},north\n" for k in range(50))
    (problem,) = problems_of(folder_of(tmp_path, shop(3), series_csv=f"asked,region\n{rows}"))
    assert problem.startswith(
        "series.csv:2: column 'region': the cell 'north' is no number of at least 0; none of the 50"
    )


def test_steps_and_labels() -> None:
    assert step_of("2 weeks") == Step(seconds=1_209_600)
    assert step_of("Month") == Step(months=1)
    assert [step_of(text) for text in ("period", "0 days", "", "1.5 days", "fortnight")] == [None] * 5
    start = date_of("2026-01-31")
    assert start is not None
    labels = [Calendar(start, Step(months=1)).label(k) for k in range(4)]
    assert labels == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert Calendar(start, Step(months=12)).label(10_000) == ""


def test_thousands_that_became_two_cells_are_explained(tmp_path: Path) -> None:
    (problem,) = problems_of(folder_of(tmp_path, shop(), series_csv="asked,b\n1,000,5\n2,3\n4,5\n"))
    assert problem == "series.csv:2: 3 cells, but the header names 2 (write thousands without commas: 1000)"


def test_steps_of_seconds_and_of_months() -> None:
    start = datetime.datetime(2026, 1, 31)
    assert Step(seconds=3600).after(start, 3) == datetime.datetime(2026, 1, 31, 3)
    assert Step(months=1).after(start, 1) == datetime.datetime(2026, 2, 28)
