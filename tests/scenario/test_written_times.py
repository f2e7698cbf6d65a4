"""Dates and spans of time, wherever a scenario has a time."""

from __future__ import annotations

import copy
import datetime
import re
from pathlib import Path
from typing import Any

import pytest

import esc_sim as esc
from esc_sim.instance.build import instance_of
from esc_sim.scenario.calendar import Step, even_step, step_of
from esc_sim.scenario.given import given_scenario
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.written_times import Clock
from esc_sim.stress.durations import dates_of, durations_of
from esc_sim.stress.starts import starts_from

DAILY: dict[str, Any] = {
    "name": "two",
    "units": {"period": "day"},
    "run": {"start": "2026-01-05", "periods": "26 weeks", "warm_up": "2 weeks", "replications": 2},
    "nodes": [
        {"id": "shop", "initial_stock": 20, "demand": {"mean": 5}, "order": {"mean": 5}, "shelf_life": "3 weeks"},
        {"id": "mill", "production": {"mean": 6}, "time_to_recover": "1 month"},
    ],
    "arcs": [{"buyer": "shop", "supplier": "mill", "lead_time": "2 days"}],
    "disruptions": [
        {
            "name": "flood", "nodes": ["mill"], "recovery": {"duration": "1.5 weeks"},
            "dates": [{"start": "2026-03-02", "duration": "2 weeks"}, {"start": "2026-04-01", "end": "2026-05-01"}],
        },
        {
            "name": "breakdown", "nodes": ["mill"], "time_between_failures": {"law": "exponential", "mean": "6 months"},
            "time_to_repair": {"law": "discrete", "values": ["1 week", 3], "probabilities": [0.5, 0.5]},
        },
    ],
}  # fmt: skip


def refused(changes: dict[str, Any]) -> list[str]:
    """What is said of the scenario with values changed, by dotted path."""
    with pytest.raises(esc.InputError) as caught:
        given_scenario(DAILY, changes)
    return caught.value.problems


def test_dates_and_spans_become_periods() -> None:
    scenario = given_scenario(DAILY)
    flood, breakdown = scenario.disruptions
    assert (scenario.run.periods, scenario.run.warm_up) == (182, 14)
    assert (scenario.nodes[0].shelf_life, scenario.nodes[1].time_to_recover) == (21, 30.4375)
    assert scenario.arcs[0].lead_time == 2.0
    assert flood.recovery.duration == 10.5
    assert flood.dates == [esc.Dates(start=56, duration=14), esc.Dates(start=86, duration=30)]
    assert breakdown.time_between_failures == esc.Exponential(mean=182.625)
    assert breakdown.time_to_repair == esc.Discrete(values=[7, 3], probabilities=[0.5, 0.5])


def test_it_is_the_scenario_that_numbers_give() -> None:
    numbers = copy.deepcopy(DAILY)
    numbers["run"] |= {"periods": 182, "warm_up": 14}
    numbers["nodes"][0]["shelf_life"], numbers["nodes"][1]["time_to_recover"] = 21, 30.4375
    numbers["arcs"][0]["lead_time"] = 2
    numbers["disruptions"][0] |= {
        "recovery": {"duration": 10.5},
        "dates": [{"start": 56, "duration": 14}, {"start": 86, "duration": 30}],
    }
    numbers["disruptions"][1] |= {
        "time_between_failures": {"law": "exponential", "mean": 182.625},
        "time_to_repair": {"law": "discrete", "values": [7, 3], "probabilities": [0.5, 0.5]},
    }
    assert given_scenario(numbers) == given_scenario(DAILY)


def test_changes_and_values_of_python_may_be_dates() -> None:
    start = "disruptions.flood.dates.0.start"
    for changes in ([f"{start}=2026-02-02"], {start: datetime.date(2026, 2, 2)}, {start: "4 weeks"}):
        for scenario in (DAILY, given_scenario(DAILY)):
            changed = given_scenario(scenario, changes)
            assert changed.disruptions[0].dates is not None
            assert changed.disruptions[0].dates[0].start == 28.0
    later = given_scenario(DAILY, {"run.start": "2026-01-12"})
    assert later.disruptions[0].dates is not None
    assert later.disruptions[0].dates[0].start == 49.0


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("disruptions.flood.dates.0.start", "2026-01-04", "2026-01-04 is before the run begins: run.start is "
         "2026-01-05"),
        ("disruptions.flood.dates.0.start", "02.03.2026", "a date such as 2026-01-31 belongs here, not '02.03.2026': "
         "write 2026-03-02"),
        ("disruptions.flood.dates.0.start", "3/2/2026", "a date such as 2026-01-31 belongs here, not '3/2/2026': "
         "write 2026-03-02 (month first), or 2026-02-03 (day first)"),
        ("disruptions.flood.dates.0.start", "2026-03-02 12:00", "2026-03-02 12:00 falls between two periods: 56 begins "
         "on 2026-03-02, 57 on 2026-03-03"),
        ("disruptions.flood.dates.0.duration", "2026-03-02", "a number belongs here, not '2026-03-02'"),
        ("disruptions.flood.dates.1.end", "2026-03-02", "it ends at 2026-03-02, not after its start at 2026-04-01"),
        ("disruptions.flood.dates.1.duration", 3, "'duration' and 'end' say the same: keep one"),
        ("arcs.shop/mill.lead_time", "soon", "a number belongs here, not 'soon'"),
        ("run.periods", "1 month", "a whole number belongs here, not 30.4375"),
    ],
)  # fmt: skip
def test_what_is_no_time_there_is_refused(path: str, value: Any, words: str) -> None:
    assert refused({path: value}) == [f"override '{path}': {words}"]


def test_without_a_start_or_a_length_all_that_needs_it_is_told() -> None:
    assert refused({"run.start": None}) == [
        f"disruption flood: dates.{n}.{key}: '{date}' is a date, and periods have none: give run.start, the date of "
        "period 0"
        for n, key, date in ((0, "start", "2026-03-02"), (1, "start", "2026-04-01"), (1, "end", "2026-05-01"))
    ]
    told = refused({"units.period": "round"})
    assert (
        "arc mill -> shop: lead_time: '2 days': a 'round' has no length: give run.step, such as 1 day, or periods"
        in told
    )
    assert len(told) == 12


def test_places_in_files(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(
        "version: 1\nname: two\nunits: {period: week}\nrun: {start: 2026-01-05}\n"
        "disruptions:\n  - {name: flood, nodes: [mill], dates: [{start: 2026-01-20, duration: 1 week}]}\n"
    )
    (tmp_path / "nodes.csv").write_text("id,demand.mean,order.mean,initial_stock\nshop,5,5,9\nmill,,,90\n")
    (tmp_path / "arcs.csv").write_text("buyer,supplier,lead_time.law,lead_time.low,lead_time.high\n"
                                       "shop,mill,uniform,1 week,12 hours ago\n")  # fmt: skip
    with pytest.raises(esc.InputError) as caught:
        load_scenario(tmp_path)
    assert caught.value.problems == [
        "scenario.yaml:6:50: disruptions.0.dates.0.start: 2026-01-20 falls between two periods: 2 begins on "
        "2026-01-19, 3 on 2026-01-26",
        "arcs.csv:2: column 'lead_time.high': a number belongs here, not '12 hours ago'",
    ]
    (tmp_path / "arcs.csv").write_text("buyer,supplier,lead_time\nshop,mill,2 weeks\n")
    fine = load_scenario(tmp_path, ["disruptions.flood.dates.0.start=2026-01-19"])
    assert (fine.arcs[0].lead_time, fine.disruptions[0].dates) == (2.0, [esc.Dates(start=2, duration=1)])


def test_working_days_leave_out_the_weekend() -> None:
    days = {"run.step": "1 working day", "run.start": "2026-01-02", "arcs.shop/mill.lead_time": "4 working days",
            "disruptions.flood.dates.1.start": "2026-04-03", "units.period": "working day"}  # fmt: skip
    scenario = given_scenario(DAILY, days)
    dates = scenario.disruptions[0].dates
    assert dates is not None
    assert (dates[0].start, dates[0].duration, scenario.arcs[0].lead_time, scenario.run.periods) == (41, 10, 4, 130)
    told = refused({"disruptions": [], "run.step": "1 working day", "run.start": "2026-01-03", "arcs.0.lead_time": 4})
    assert told == ["override 'run.start': 2026-01-03 is a Saturday: periods of working days begin on a weekday"]
    told = refused(days | {"arcs.shop/mill.lead_time": "2 days"})
    assert told == ["override 'arcs.shop/mill.lead_time': '2 days': periods are working days: write '2 working days', "
                    "or weeks of five"]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["1 working day", "3 working days", "1 day", "2 weeks", "6 hours", "1 month", "1 quarter"]
)
def test_the_period_of_a_date_is_where_the_date_came_from(text: str) -> None:
    step, start = step_of(text), datetime.datetime(2026, 1, 30)
    assert step is not None
    assert str(step) == (text if text != "1 quarter" else "1 quarter")
    clock = Clock("2026-01-30", step, "")
    for period in (0, 1, 2, 3, 17, 100, 261):
        date = step.after(start, period)
        assert step.until(start, date) == period
        assert clock.period_of(date.isoformat(" ")) == period
        assert step.until(start, date - datetime.timedelta(seconds=1)) == period - 1


def test_series_of_weekdays_are_in_working_days() -> None:
    friday = datetime.datetime(2026, 1, 2)
    dates = [Step(workdays=1).after(friday, n) for n in range(12)]
    assert [date.weekday() for date in dates[:6]] == [4, 0, 1, 2, 3, 4]
    assert even_step(dates) == (Step(workdays=1), 12)
    daily = [friday + datetime.timedelta(days=n) for n in range(12)]
    assert even_step(daily) == (Step(seconds=86_400), 12)


def test_stress_tests_take_dates_and_spans() -> None:
    assert starts_from("8") == 8
    assert starts_from("30,") == (30,)
    assert starts_from("2026-03-02") == ("2026-03-02",)
    with pytest.raises(esc.InputError, match="write a number of dates such as 8, or periods such as 30,120, or dates"):
        starts_from("soon")
    content = copy.deepcopy(DAILY)
    content["disruptions"] = []
    content["nodes"][0]["demand"]["price"] = 9
    content["nodes"][1].pop("time_to_recover")
    by_date = esc.stress(content, duration="1 week", starts=["2026-03-02", 100], what=["nodes"], engine="agents")
    by_number = esc.stress(content, duration=7, starts=[56, 100], what=["nodes"], engine="agents")
    assert by_date.table.equals(by_number.table)
    with pytest.raises(esc.InputError, match="starts: 2025-03-02 is before the run begins"):
        esc.stress(content, duration=7, starts=["2025-03-02"], engine="agents")


def test_dates_that_end_before_they_start_are_said_as_dates() -> None:
    (problem,) = refused({"disruptions.flood.dates": [{"start": "2026-03-10", "end": "2026-03-01"}]})
    assert problem.endswith("it ends at 2026-03-01, not after its start at 2026-03-10")
    (problem,) = refused({"disruptions.flood.dates": [{"start": 10, "end": 3}]})
    assert problem.endswith("it ends at 3, not after its start at 10")


def test_starts_that_were_dates_are_said_as_dates() -> None:
    scenario = given_scenario(DAILY)
    for starts, told in (
        (["2026-12-31"], "2026-12-31 is not between 2026-01-19 (warm-up) and 2026-06-22"),
        ([360], "360 is not between 14 (warm-up) and 168"),
    ):
        with pytest.raises(esc.InputError, match=re.escape(f"--starts: {told}, so that the outage ends")):
            dates_of(starts, scenario, instance_of(scenario), durations_of(scenario, 14), [])


@pytest.mark.parametrize("duration", [0, "0 days"])
def test_an_outage_lasts_more_than_no_time(duration: float | str) -> None:
    with pytest.raises(esc.InputError, match="--duration 0: an outage lasts more than 0 periods"):
        esc.stress(DAILY, duration=duration, what=["nodes"])
