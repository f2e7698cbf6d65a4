"""Changes that a command does not read are said; those that it reads are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from esc_sim.cli import main
from esc_sim.design.reads import design_reads
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.optimize.reads import search_reads
from esc_sim.optimize.search import search_scenario
from esc_sim.plans.reads import run_reads
from esc_sim.recovery.reads import recovery_reads
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.unread import Reads, overruled, scenario_read_by
from esc_sim.simulation import simulate
from tests.helpers.networks import chain_content
from tests.helpers.runs import SCENARIOS, SHIPPED

OIL_GAS, ELECTROLYTE = SCENARIOS / "oil_gas", SCENARIOS / "electrolyte"


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "cascade_1000"])
def test_a_scenario_read_twice_has_one_fingerprint(name: str) -> None:
    one, two = load_scenario(SCENARIOS / name), load_scenario(SCENARIOS / name)
    assert run_reads()(one) == run_reads()(two)
    assert recovery_reads(one) == recovery_reads(two)


def test_a_fingerprint_sees_every_number() -> None:
    instance = instance_of(load_scenario(OIL_GAS))
    mine = fingerprint(instance)
    assert fingerprint(instance_of(load_scenario(OIL_GAS))) == mine
    for change in ("nodes.retailer_1.holding_cost=7", "arcs.retailer_1/terminal_1.cap=3", "rules.unmet=backorder"):
        assert fingerprint(instance_of(load_scenario(OIL_GAS, [change]))) != mine, change
    assert fingerprint(np.array([1, 2])) != fingerprint(np.array([1.0, 2.0]))
    assert fingerprint([1, [2]]) != fingerprint([[1], 2])
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint(lambda: 1) != fingerprint(lambda: 1)  # cannot be looked into


@pytest.mark.parametrize(
    ("command", "folder", "change", "reads", "expected"),
    [
        ("run", ELECTROLYTE, "design.sourcing.theta=0.2", run_reads(), "the section 'design' is for `esc-sim design`"),
        ("run", OIL_GAS, "optimize.objectives.0=cost", run_reads(), "the section 'optimize' is for"),
        ("run", OIL_GAS, "arcs.retailer_1/terminal_1.priority=3", run_reads(), "the scenario's rules"),
        ("run", OIL_GAS, "run.seed=3", run_reads(given=["seed"]), "where it has an option --seed"),
        ("run", OIL_GAS, "run.seed=3", run_reads(), None),
        ("run", OIL_GAS, "run.periods=365", run_reads(), None),  # the value that it has
        ("run", OIL_GAS, "title=Mine", run_reads(), None),  # shown
        ("run", OIL_GAS, "risk.level=0.9", run_reads(), None),
        ("run", OIL_GAS, "rules.partial=false", run_reads(), None),
        ("run", SCENARIOS / "bakery", "variant=linear", run_reads(), None),
        ("run", SCENARIOS / "bakery", "variant=circular", run_reads(), None),  # as the switches stand anyway
        ("run", SCENARIOS / "bakery", "variants.linear.reuse=true", run_reads(), "changes nothing that `run` reads"),
        ("optimize", OIL_GAS, "run.replications=7", search_reads(), "where it has an option --replications"),
        ("optimize", OIL_GAS, "optimize.objectives.0=cost", search_reads(), None),
        ("design", ELECTROLYTE, "run.periods=9", design_reads(), "changes nothing that `design` reads"),
        ("design", ELECTROLYTE, "design.sourcing.theta=0.2", design_reads(), None),
        (
            "recover",
            SCENARIOS / "cascade_37",
            "nodes.0.initial_stock=3",
            recovery_reads,
            "nothing that `recover` reads",
        ),
        ("recover", SCENARIOS / "cascade_37", "cascade.seed=4", recovery_reads, None),
    ],
)
def test_what_a_command_does_not_read_is_said(
    command: str, folder: Path, change: str, reads: Reads, expected: str | None
) -> None:
    path, _, value = change.partition("=")
    for overrides in ([change], {path: yaml.safe_load(value)}):
        notices = scenario_read_by(command, folder, overrides, reads).notices
        if expected is None:
            assert notices == ()
        else:
            (notice,) = notices
            assert path in notice
            assert expected in notice


def test_a_change_without_which_nothing_can_be_read_counts_as_read(tmp_path: Path) -> None:
    content: dict[str, Any] = {"version": 1, "name": "chain"} | chain_content()
    content["rules"] = {"allocation": "proportional", "partial": False}
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(InputError):
        load_scenario(tmp_path)
    assert scenario_read_by("run", tmp_path, ["rules.partial=true"], run_reads()).notices == ()


def test_a_part_that_a_switch_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strike = {"name": "strike", "nodes": ["middle"], "probability": 0.1, "stops": ["ship"], "when": "strikes"}
    content = {"version": 1, "name": "chain"} | chain_content(switches={"strikes": False}, disruptions=[strike])
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(content))
    change = "disruptions.strike.probability=0.9"
    (notice,) = scenario_read_by("run", tmp_path, [change], run_reads()).notices
    assert "its part is left out by `when`" in notice
    assert scenario_read_by("run", tmp_path, [change, "switches.strikes=true"], run_reads()).notices == ()
    assert main(["check", str(tmp_path), "--set", change]) == 0
    assert "left out by `when`" in capsys.readouterr().out


def test_a_search_says_what_it_decides_itself() -> None:
    mean = "nodes.retailer_1.order.mean=101"
    assert search_scenario(OIL_GAS, [mean]).notices == ()  # relative bounds move with it
    bounds = "optimize.variables=[{kind: order, absolute: [90, 115]}]"
    (notice,) = search_scenario(OIL_GAS, [mean, bounds]).notices
    assert "is the scenario's own plan only: the search decides this value" in notice


def test_a_seed_is_read_where_the_search_is_handed_none() -> None:
    change = "run.seed=12345"
    assert search_scenario(OIL_GAS, [change]).notices == ()
    (notice,) = search_scenario(OIL_GAS, [change], seed=7).notices
    assert f"{change}: `optimize` does not read it" in notice


def test_a_run_tells_it_at_once_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", str(OIL_GAS), "--replications", "1", "--set", "run.periods=10", "--set", "run.replications=5"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert captured.err.count("--set run.replications=5: `run` does not read it") == 1
    assert "does not read it" not in captured.out
    notices = json.loads((tmp_path / "out" / "manifest.json").read_text())["notices"]
    assert [notice for notice in notices if "--set run.replications=5" in notice]


def test_overrides_from_python() -> None:
    result = simulate(OIL_GAS, replications=1, overrides={"run.periods": 10, "optimize.objectives": ["cost", "cvar"]})
    assert [notice for notice in result.notices if "override 'optimize.objectives'" in notice]


def test_a_change_that_a_plan_overrules_is_told() -> None:
    later = ["switches.east=false", "run.periods=30"]
    said = {"--set switches.east=true: ": "--set switches.east=true: the plan overrules it: switches.east=false"}
    assert overruled(["switches.east=true", "run.periods=30", "run.seed=2"], later) == said
    assert overruled({"switches.east": False, "run.periods": 30.0}, later) == {}
    assert list(overruled({"switches.east": True}, later)) == ["override 'switches.east': "]
    assert overruled(["switches.east=true"], ()) == {}
