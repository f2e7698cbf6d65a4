"""The least outage that breaks a limit: against brute force, replayed, and refused where it means nothing."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.results.summary import build_summary
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.more_disruptions import patch_of
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from esc_sim.stress.limits import limit_of
from esc_sim.stress.reverse import Breaking, least_outage
from esc_sim.stress.run import stress
from esc_sim.stress.trial import Trial
from experiments.bench.bench_stress import base_stock_network
from tests.helpers.runs import SCENARIOS
from tests.stress.line import line

PLAYED = {"replications": 1, "seed": 1}
ALL = ("ship", "receive", "produce", "retail", "order")
NETWORK = base_stock_network(3, 10, 3, 24, 1)
START = 10


def least(text: str, starts: tuple[int, ...] = (START,), **options: Any) -> Breaking:
    trial = Trial(NETWORK, instance_of(NETWORK).network, limit_of(text), starts, 8.0, 0.0, ALL, PLAYED)
    return least_outage(trial, range(30), **options)


def figure(scenario: Scenario, name: str, sites: tuple[str, ...]) -> float:
    """A key figure while some sites are out, as ``run`` writes it."""
    out = {"name": "x", "nodes": list(sites), "stops": list(ALL), "dates": [{"start": START, "duration": 8}]}
    struck = scenario.model_copy(update={"disruptions": [Disruption.model_validate(out)]})
    kpis = build_summary(simulate(struck, replications=1, seed=1))["kpis"]["disrupted"]
    return float(kpis[name]["mean"])


def test_smallest_set_of_thirty_sites_is_that_of_brute_force() -> None:
    names = [node.id for node in NETWORK.nodes]
    singles = {(name,): figure(NETWORK, "fill_rate", (name,)) for name in names}
    pairs = {pair: figure(NETWORK, "fill_rate", pair) for pair in combinations(names, 2)}
    bound = (min(singles.values()) + min(pairs.values())) / 2.0
    found = least(f"fill_rate<{bound!r}")
    assert found.sites == min(pairs, key=lambda pair: pairs[pair])
    assert found.value == pairs[found.sites]
    assert found.proved
    assert found.tried == 30 + 435
    alone = least(f"fill_rate<{min(singles.values()) + 1e-6!r}")
    assert alone.sites == min(singles, key=lambda one: singles[one])
    assert alone.tried == 30


def test_the_change_takes_no_name_that_is_there() -> None:
    sites = [node.id for node in NETWORK.nodes]
    case = {"name": "all", "probability": 1.0, "health": {sites[0]: 0.5}}
    dated = {"nodes": [sites[1]], "dates": [{"start": 1, "duration": 1}]}
    content = NETWORK.model_dump(by_alias=True) | {
        "disruptions": [dated | {"name": "stress"}], "joint_disruptions": [{"name": "stress_", "cases": [case]}]
    }  # fmt: skip
    change = patch_of(Scenario.model_validate(content), dated | {"name": "stress"})
    assert [entry["name"] for entry in json.loads(change.partition("=")[2])] == ["stress", "stress__"]


def test_the_change_replayed_breaks_the_limit() -> None:
    options: dict[str, Any] = {"replications": 2, "overrides": ["run.periods=80"], "knowledge": ()}
    options |= {"duration": 10, "starts": 2, "what": ("nodes",)}
    test = stress(SCENARIOS / "quickstart", reverse="fill_rate<0.9", **options)
    found = test.breaking
    assert found is not None
    assert found.sites
    assert found.start in test.plan.starts
    run = simulate(SCENARIOS / "quickstart", replications=2, overrides=["run.periods=80", found.change])
    replayed = build_summary(run)["kpis"]["disrupted"]["fill_rate"]["mean"]
    assert replayed == found.value < 0.9 <= found.undisturbed


def test_weights_decide_and_the_start_dates_are_all_tried() -> None:
    light = least("fill_rate<0.999", weights={"n0_3": 0.1})
    assert light.sites == ("n0_3",)
    assert light.weight == 0.1
    assert light.proved
    late = least("fill_rate<0.999", starts=(START, 12), weights={"n0_3": 0.1})
    assert late.start in (START, 12)


def test_nothing_found_is_said_to_be_no_proof() -> None:
    found = least("fill_rate<-1", most=1)
    assert found.sites == ()
    assert found.tried == 30
    assert not found.proved
    assert str(found) == (
        "fill_rate<-1: no outage of up to 1 site gets there (all 30 sets tried; larger ones were not)"
    )


def test_nothing_found_among_all_sets_is_proved() -> None:
    trial = Trial(line(), instance_of(line()).network, limit_of("fill_rate<-1"), (START,), 3.0, 0.0, ALL, PLAYED)
    found = least_outage(trial, range(3), most=5)
    assert found.proved
    assert str(found) == "fill_rate<-1: no outage of up to 3 sites gets there (all 7 sets tried)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fill_rate", "write a key figure and a limit, such as 'fill_rate<0.9'"),
        ("fill_rate<much", "write a key figure and a limit"),
        ("fil_rate<0.9", "there is no key figure 'fil_rate'; did you mean 'fill_rate'?"),
        ("fill_rate<1.5", "--reverse fill_rate<1.5: is broken without any outage"),
    ],
)
def test_refusals(text: str, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        least(text)
    assert expected in str(refused.value)
    with pytest.raises(InputError, match="'mars': 1 is no weight above 0 of a node"):
        least("fill_rate<0.5", weights={"mars": 1.0})
