"""The least deviation that breaks a limit: against brute force, replayed, and refused where it means nothing."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.asked import asked_of
from esc_sim.stress.deviations import Factor, factors_of, scales_from
from esc_sim.stress.least_deviation import least_deviation
from esc_sim.stress.limits import limit_of
from esc_sim.stress.parts import Parts
from esc_sim.stress.run import StressTest, active_nodes, stress
from esc_sim.stress.trial import Trial
from tests.helpers.command import check_refused
from tests.helpers.runs import SCENARIOS
from tests.stress.line import line

ALL = ("ship", "receive", "produce", "retail", "order")
SHORT = line(run={"periods": 60, "replications": 1, "seed": 1, "warm_up": 20})
QUICKSTART = SCENARIOS / "quickstart"


def trial_of(text: str, starts: tuple[int, ...] = (30,), engine: str = "compiled") -> Trial:
    options = {"replications": 1, "seed": 1, "engine": engine}
    return Trial(SHORT, instance_of(SHORT).network, limit_of(text), starts, 6.0, 0.0, ALL, options)


def factors(scales: str, scenario: Scenario = SHORT) -> list[Factor]:
    instance = instance_of(scenario)
    return factors_of(instance, active_nodes(instance), scales_from(scales))


def value_at(trial: Trial, *moved: tuple[Factor, int]) -> float:
    entries = [factor.entry(step, 30, 6.0, ALL) for factor, step in moved if step]
    return float(trial.interval(entries).mean)


def test_a_single_factor_is_moved_as_little_as_can_be() -> None:
    trial = trial_of("fill_rate<0.98")
    (demand,) = factors("demand=0.1")
    found = least_deviation(trial, [demand], evaluations=40)
    least = next(step for step in range(30, demand.high) if trial.limit.is_broken_by(value_at(trial, (demand, step))))
    assert found.moved == {"demand": demand.value(least)} == found.alone
    assert found.distance == pytest.approx(least / 10)
    assert found.value == value_at(trial, (demand, least)) < 0.98 <= value_at(trial, (demand, least - 1))
    assert math.isnan(found.distance_low)  # one replication has no interval


def test_two_factors_together_come_as_near_as_brute_force_and_engines_and_workers_agree() -> None:
    text, scales = "procurement_per_period>58", "demand=0.01, price=0.01"
    trial = trial_of(text)
    demand, price = factors(scales)
    found = least_deviation(trial, [demand, price], evaluations=80, parts=Parts(1))
    assert found.undisturbed < 58 < found.value
    reach = round(found.distance)
    nearer = [
        (a, b) for a, b in product(range(-reach, reach + 1), repeat=2) if 0.0 < math.hypot(a, b) < found.distance - 1e-9
    ]
    assert len(nearer) > 20
    assert not any(trial.limit.is_broken_by(value_at(trial, (demand, a), (price, b))) for a, b in nearer)
    assert found.distance < min(abs(factor - 1.0) for factor in found.alone.values()) / 0.01
    assert least_deviation(trial, [demand, price], evaluations=80, parts=Parts(3)).change == found.change
    agents = least_deviation(trial_of(text, engine="agents"), factors(scales), evaluations=40)
    few = least_deviation(trial, [demand, price], evaluations=40)
    assert (agents.front, agents.change) == (few.front, few.change)


def test_the_worst_start_date_counts() -> None:
    both = least_deviation(trial_of("fill_rate<0.98", (30, 50)), factors("demand"), evaluations=40)
    late = least_deviation(trial_of("fill_rate<0.98", (50,)), factors("demand"), evaluations=40)
    early = least_deviation(trial_of("fill_rate<0.98"), factors("demand"), evaluations=40)
    assert both.distance == min(early.distance, late.distance)
    assert both.start == (30 if early.distance <= late.distance else 50)


def test_nothing_found_is_said_to_be_no_proof() -> None:
    found = least_deviation(trial_of("fill_rate<-1"), factors("capacity=0.5"), evaluations=40)
    assert found.moved == {}
    assert found.change == ""
    assert math.isnan(found.alone["capacity"])
    assert str(found) == f"fill_rate<-1: no deviation found gets there ({found.tried} tried; not proved)"


def test_profit_lost_of_a_run_without_disruptions_is_against_itself() -> None:
    found = least_deviation(trial_of("profit_lost>1"), factors("demand=0.1"), evaluations=40)
    assert found.undisturbed == 0.0
    assert found.value > 1.0


@cache
def quickstart() -> StressTest:
    return stress(
        QUICKSTART, duration=10, starts=2, replications=3, what=("nodes",), only=["warehouse"], knowledge=(),
        overrides=["run.periods=80"], reverse="fill_rate<0.95", deviations={"demand": 0.2, "capacity/role": 0.1},
    )  # fmt: skip


def test_the_change_replayed_by_the_command_breaks_the_limit(tmp_path: Path) -> None:
    found = quickstart().deviation
    assert found is not None
    assert found.moved
    assert found.start in quickstart().plan.starts
    words = ["run", str(QUICKSTART), "--replications", "3", "--set", "run.periods=80", "--set", found.change]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    replayed = json.loads((tmp_path / "out" / "summary.json").read_text())["kpis"]["disrupted"]["fill_rate"]
    assert replayed["mean"] == found.value < 0.95 <= found.undisturbed
    assert (replayed["ci_low"], replayed["ci_high"]) == (found.value_low, found.value_high)


def test_what_is_told_of_the_least_deviation() -> None:
    found = quickstart().deviation
    assert found is not None
    assert found.distance_low <= found.distance <= found.distance_high
    assert list(found.scales.values()) == [0.2, 0.1, 0.1, 0.1]
    squares = [((factor - 1.0) / found.scales[name]) ** 2 for name, factor in found.moved.items()]
    assert found.distance == pytest.approx(math.sqrt(sum(squares)))
    assert found.terms["duration"] == 10
    assert found.terms["starts"] == list(quickstart().plan.starts)
    assert found.terms["statistic"] == "mean over 3 replications, at the start date that is worst"
    assert f"broken at a distance of {found.distance:.3g} (95 % interval " in str(found)


def test_the_front_goes_out_and_down_and_holds_the_least_deviation() -> None:
    found = quickstart().deviation
    assert found is not None
    assert found.front[0].distance == 0.0
    assert all(a.distance < b.distance and a.value > b.value for a, b in pairwise(found.front))
    assert [point.breaks for point in found.front] == [point.value < 0.95 for point in found.front]
    first = next(point for point in found.front if point.breaks)
    assert (first.distance, first.value) == (found.distance, found.value)


def test_what_is_written(tmp_path: Path) -> None:
    test = stress(
        SHORT, duration=6, starts=[30], what=("nodes",), knowledge=(), reverse="fill_rate<0.98",
        deviations="demand=0.1", out=tmp_path / "out",
    )  # fmt: skip
    assert test.deviation is not None
    rows = list(csv.DictReader((tmp_path / "out" / "deviations.csv").read_text().splitlines()))
    assert [float(row["demand"]) for row in rows] == [point.factors[0] for point in test.deviation.front]
    assert (tmp_path / "out" / "reverse.png").stat().st_size > 0
    told = json.loads((tmp_path / "out" / "summary.json").read_text())["deviation"]
    assert told["words"] == str(test.deviation)
    assert (told["scales"], told["proved"], told["distance_low"]) == ({"demand": 0.1}, False, None)


def mixed() -> Scenario:
    content = SHORT.model_dump(by_alias=True)
    content["products"] = [{"id": "tea"}, {"id": "salt"}]
    for arc in content["arcs"]:
        arc["product"] = "tea"
    salt = {"product": "salt", "demand": {"mean": 1, "price": 5}}
    content["stocks"] = [{"node": "shop", **salt}]
    content["arcs"].append({"buyer": "shop", "supplier": "factory", "product": "salt", "price": 1})
    for node, region in zip(content["nodes"], ("north", "north", "south"), strict=True):
        node["region"] = region
    return Scenario.model_validate(content)


def test_groups_hit_whom_they_name() -> None:
    found = {factor.name: factor.hit for factor in factors("lead_time/product, price/region, demand", mixed())}
    north, factory = ("shop", "depot"), ("depot", "factory")
    tea = [{"buyer": b, "supplier": s, "product": "tea"} for b, s in (north, factory)]
    assert found == {
        "lead_time/product=tea": {"arcs": tea},
        "lead_time/product=salt": {"arcs": [{"buyer": "shop", "supplier": "factory", "product": "salt"}]},
        "price/region=north": {"nodes": ["depot"]},
        "price/region=south": {"nodes": ["factory"]},
        "demand": {"nodes": ["shop"]},
    }
    with pytest.raises(InputError, match="demand/product: 'shop' has final demand for tea and salt"):
        factors("demand/product", mixed())
    with pytest.raises(InputError, match="price/product: 'factory' sells tea and salt"):
        factors("price/product", mixed())


@pytest.mark.parametrize(
    ("reverse", "deviations", "expected"),
    [
        ("fill_rate<0.9", "colour", "--deviations colour: there is no kind 'colour'; kinds: demand, lead_time"),
        ("fill_rate<0.9", "demnd", "there is no kind 'demnd'; did you mean 'demand'?"),
        ("fill_rate<0.9", "demand/town", "there are no groups by 'town'; take role, region, product"),
        ("fill_rate<0.9", "demand/", "there are no groups by ''; take role, region, product"),
        ("fill_rate<0.9", "demand=0", "--deviations demand: a scale of 0 measures no distance"),
        ("fill_rate<0.9", "demand=-1", "a scale of -1 measures no distance"),
        ("fill_rate<0.9", "demand=nan", "a scale of nan measures no distance"),
        ("fill_rate<0.9", "demand=far", "--deviations demand=far: 'far' is no number"),
        ("fill_rate<0.9", "demand, demand=2", "'demand' is named twice"),
        ("fill_rate<1.5", "demand", "--reverse fill_rate<1.5: is broken without any outage"),
        ("fil_rate<0.9", "demand", "did you mean 'fill_rate'?"),
        (None, "demand", "--deviations: say with --reverse which limit is to be broken"),
    ],
)
def test_refusals(
    reverse: str | None, deviations: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    words = ["stress", str(QUICKSTART), "--duration", "10", "--set", "run.periods=40", "--replications", "1"]
    words += [] if reverse is None else ["--reverse", reverse]
    check_refused([*words, "--deviations", deviations, "--out", "out"], expected, tmp_path, capsys)


def test_no_deviations_and_groups_of_nobody_are_refused() -> None:
    with pytest.raises(InputError, match="--deviations demand/region: no node that has final demand has a region"):
        factors("demand/region")
    empty: dict[str, Any] = {}
    with pytest.raises(InputError, match="--deviations: name kinds: demand, lead_time, capacity, price"):
        asked_of(trial_of("fill_rate<0.9"), instance_of(SHORT), {0}, None, empty)
