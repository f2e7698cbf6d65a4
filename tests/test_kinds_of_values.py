"""Values of a wrong kind, from Python: one message, before anything is run."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.errors import InputError
from esc_sim.scenario.kinds import flag, function, number, seed_number, whole
from tests.helpers.runs import SCENARIOS

QUICK = SCENARIOS / "quickstart"


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    (problem,) = caught.value.problems
    return problem


def test_what_is_of_the_kind_becomes_python_s_own() -> None:
    assert [type(whole("n", np.int64(3))), type(number("x", np.float32(0.5))), type(flag("y", np.True_))] == [
        int, float, bool
    ]  # fmt: skip
    assert (seed_number("seed", 2**64 - 1), number("x", 3), function("f", len)) == (2**64 - 1, 3.0, len)
    assert refused(whole, "n", 2, 3) == "n: give at least 3, not 2"
    assert refused(number, "x", True) == "x: a number belongs here, not true"
    assert refused(flag, "y", 1) == "y: True or False belongs here, not 1"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seed": -1}, "seed: -1 is not between 0 and 2^64 - 1"),
        ({"seed": "x"}, "seed: a whole number belongs here, not 'x'"),
        ({"seed": 1.5}, "seed: a whole number belongs here, not 1.5"),
        ({"replication": -1}, "replication: give at least 0, not -1"),
        ({"replication": "a"}, "replication: a whole number belongs here, not 'a'"),
        ({"stratified": "no"}, "stratified: True or False belongs here, not 'no'"),
        ({"allow_code": "yes"}, "allow_code: True or False belongs here, not 'yes'"),
        ({"lots": 1}, "lots: True or False belongs here, not 1"),
    ],
)
def test_models(values: dict[str, Any], message: str) -> None:
    assert refused(esc.SupplyChainModel, QUICK, **values) == message


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ("a", "periods: a whole number belongs here, not 'a'"),
        (2.5, "periods: a whole number belongs here, not 2.5"),
        (-3, "periods: give at least 0, not -3"),
    ],
)
def test_periods_of_a_model(periods: Any, message: str) -> None:
    model = esc.SupplyChainModel(QUICK)
    assert refused(model.run, periods) == message
    model.run(0)
    assert model.period == 0
    model.run(np.int64(2))  # type: ignore[arg-type]
    assert model.period == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed: -1 is not between 0 and 2^64 - 1"),
        ({"stratified": "no"}, "stratified: True or False belongs here, not 'no'"),
        ({"allow_code": "yes"}, "allow_code: True or False belongs here, not 'yes'"),
        ({"progress": 5}, "progress: a function belongs here, not 5"),
        ({"workers": 1.5}, "workers: a whole number belongs here, not 1.5"),
    ],
)
def test_options(options: dict[str, Any], message: str) -> None:
    assert refused(esc.simulate, QUICK, **options) == f"simulate: {message}"
    assert refused(esc.sweep, QUICK, {"run.periods": [5, 9]}, **options) == f"sweep: {message}"
    assert refused(esc.compare, {"a": QUICK, "b": QUICK}, **options) == f"compare: {message}"
    if "stratified" not in options:
        assert refused(esc.optimize, QUICK, **options) == f"optimize: {message}"
        assert refused(esc.stress, QUICK, duration=7, **options) == f"stress: {message}"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tolerance": math.nan}, "tolerance: nan is no part of what the twin serves: give a share from 0 to 1"),
        ({"tolerance": -0.1}, "tolerance: -0.1 is no part of what the twin serves: give a share from 0 to 1"),
        ({"duration": "x"}, "duration: a number belongs here, not 'x'"),
        ({"starts": "x"}, "starts: a whole number belongs here, not 'x'"),
        ({"starts": 2.5}, "starts: a whole number belongs here, not 2.5"),
        ({"starts": [1.5]}, "starts: a whole number belongs here, not 1.5"),
        ({"health": "x"}, "health: a number belongs here, not 'x'"),
        ({"replications": "x"}, "replications: a whole number belongs here, not 'x'"),
        ({"worst": "x"}, "worst: a whole number belongs here, not 'x'"),
        ({"whole": "no"}, "whole: True or False belongs here, not 'no'"),
        ({"what": 5}, "what: give a list of names, not 5"),
        ({"levers": 5}, "--levers: give True, False or the path of a file, not 5"),
        ({"reverse": 5}, "--reverse: write a key figure and a limit, such as 'fill_rate<0.9', not 5"),
        ({"reverse": "fill_rate<0.9", "weights": 5}, "--weights: give a dict of numbers by name, or a text, not 5"),
    ],
)
def test_stress_tests(values: dict[str, Any], message: str) -> None:
    assert refused(esc.stress, QUICK, **{"duration": 7, "starts": 2, "replications": 2, **values}) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"of": 5}, "OwnMeasure: of: 5 is no function of a run's columns: write def worst(periods), which returns"),
        ({"of": len, "better": "up"}, "OwnMeasure: better: there is no 'up'; take larger or smaller, or leave it out"),
    ],
)
def test_own_measures(values: dict[str, Any], message: str) -> None:
    assert refused(esc.OwnMeasure, **values).startswith(message)
