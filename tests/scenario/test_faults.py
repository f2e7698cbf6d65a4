"""A part of the campaign of faults (`python -m experiments.faults check`): success or a located message."""

from __future__ import annotations

import argparse

import pytest

from experiments.faults.check import Case, Outcome, add_arguments, case_of, main, told, tried
from experiments.faults.shipped import SCENARIOS, shipped

COUNT = 500
SEED = 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_a_scenario_with_mistakes_is_checked_or_refused(part: int) -> None:
    failed = []
    for number in range(part, COUNT, 5):
        case = case_of(SEED, number)
        outcome = tried(case, run=number % 20 == part)
        if outcome.kind == "failed":
            failed.append(f"--seed {SEED} --case {number}: {case.what}: {outcome.text}")
    assert not failed, "\n".join(failed)


def test_a_case_is_the_same_whichever_others_are_tried() -> None:
    assert case_of(SEED, 7) == case_of(SEED, 7)
    assert case_of(SEED, 7).files != case_of(SEED + 1, 7).files


def test_all_scenarios_that_are_shipped_take_part() -> None:
    names = {one.name.removesuffix(" (workbook)") for one in shipped()}
    assert names == {path.parent.name for path in SCENARIOS.glob("*/scenario.yaml")}


def test_the_campaign_counts_and_fails_with_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert main(parser.parse_args(["--count", "6", "--seed", "3"])) == 0
    assert capsys.readouterr().out.startswith("6 tried: ")
    case = Case(4, {}, "bakery: cell in stocks.csv")
    ways = [
        Outcome("success", "OK"),
        Outcome("failed", "Traceback\nKeyError: 'shop'"),
        Outcome("message", "a.csv:1: x"),
    ]
    assert told(3, [(case, outcome) for outcome in ways]) == 1
    assert capsys.readouterr().out == (
        "case 4 (--seed 3 --case 4), bakery: cell in stocks.csv: KeyError: 'shop'\n"
        "3 tried: 1 succeeded, 1 with a located message, 1 failed\n"
    )


def test_a_message_that_names_no_file_is_a_failure() -> None:
    assert tried(Case(0, {}, "no file")).kind == "failed"
    assert tried(Case(0, {"scenario.yaml": b"name: x"}, "no version")).kind == "message"
