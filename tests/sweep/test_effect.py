"""Sweeps over values without effect: refused before they run, or said of their table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.sweep.effect import unmoved
from esc_sim.sweep.parameters import Parameter
from esc_sim.sweep.sweep import sweep
from tests.helpers.command import check_refused
from tests.helpers.networks import chain_content
from tests.helpers.runs import SCENARIOS

OIL_GAS, ELECTROLYTE = SCENARIOS / "oil_gas", SCENARIOS / "electrolyte"
CHANCE = "disruptions.refinery_3_outage.probability"
SHORT: dict[str, Any] = {"overrides": {"run.periods": 15}, "replications": 2, "seed": 3}


def written(folder: Path, **changes: Any) -> Path:
    """The chain of the tests as a file."""
    path = folder / "chain.yaml"
    content = {"version": 1, "name": "chain", "run": {"periods": 12, "replications": 2}} | chain_content(**changes)
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    ("scenario", "words", "expected"),
    [
        (ELECTROLYTE, ["--vary", "design.sourcing.theta=0.05,0.1"], "the section 'design' is for `esc-sim design`"),
        (OIL_GAS, ["--vary", "optimize.objectives.0=profit,cost"], "the section 'optimize' is for `esc-sim optimize`"),
        (OIL_GAS, ["--vary", "run.seed=1,2"], "where it has an option --seed"),
        (OIL_GAS, ["--vary", "run.replications=1,2", "--replications", "3"], "where it has an option --replications"),
        (OIL_GAS, ["--vary", "nodes.retailer_1.x=1,2"], "is only shown, and changes no number"),
        (OIL_GAS, ["--vary", "arcs.retailer_1/terminal_1.priority=1,2"], "changes nothing that `sweep` reads"),
        (OIL_GAS, ["--vary", f"{CHANCE}=0.1,0.2", "--set", f"{CHANCE}=0.3"], "is also set to one value"),
    ],
)
def test_values_without_effect_are_refused(
    scenario: Path, words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_refused(["sweep", str(scenario), *words, "--out", str(tmp_path / "out")], expected, tmp_path, capsys)


def test_a_plan_that_overrules_what_varies(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("kind: decisions\nversion: 1\nname: mine\norders:\n  - {node: retailer_1, mean: 95}\n")
    vary = {"nodes.retailer_1.order.mean": [90, 110]}
    with pytest.raises(InputError, match="another change or a plan overrule it"):
        sweep(OIL_GAS, vary, **SHORT, plan=plan)


def test_a_value_under_a_switch_has_an_effect_where_the_switch_is_on(tmp_path: Path) -> None:
    strike = {"name": "strike", "nodes": ["middle"], "probability": 0.1, "stops": ["ship"], "when": "strikes"}
    path = written(tmp_path, switches={"strikes": False}, disruptions=[strike])
    chance = {"disruptions.strike.probability": [0.1, 0.9]}
    with pytest.raises(InputError, match="left out by `when`"):
        sweep(path, chance)
    # The middle of the switch is "false": it is the points that show the effect.
    found = sweep(path, {"switches.strikes": [True, False], **chance})
    assert len(found.table) == 4
    assert not [notice for notice in found.notices if "no key figure changed" in notice]


def test_a_parameter_that_moved_nothing_is_named() -> None:
    idle = "nodes.retailer_1.penalty"  # nobody orders from a retailer
    found = sweep(OIL_GAS, {idle: [0.0, 9.0], CHANCE: [0.1, 0.9]}, **SHORT)
    (notice,) = [notice for notice in found.notices if "no key figure changed" in notice]
    assert idle in notice


def test_what_moved_is_looked_for_between_points_alike_in_the_others() -> None:
    table = pd.DataFrame({"a": [1, 1, 2, 2], "b": [1, 2, 1, 2], "k.mean": [5.0, 5.0, 6.0, 6.0]})
    parameters = [Parameter("a", (1, 2)), Parameter("b", (1, 2))]
    assert [notice.split()[5] for notice in unmoved(parameters, table, ["k"])] == ["b"]
    apart = pd.DataFrame({"a": [0.1, 0.2], "b": [0.3, 0.4], "k.mean": [5.0, 5.0]})  # no two points alike
    assert unmoved([Parameter("a", (1, 2)), Parameter("b", (1, 2))], apart, ["k"]) == []
    empty = table.assign(**{"k.mean": [float("nan")] * 4})
    assert len(unmoved(parameters, empty, ["k"])) == 2


def test_key_figures_that_cannot_be_estimated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = chain_content()
    del content["nodes"][0]["demand"]
    path = written(tmp_path, nodes=content["nodes"])
    words = ["sweep", str(path), "--vary", "nodes.shop.order.mean=5,10"]
    assert main([*words, "--kpi", "fill_rate", "--kpi", "depth"]) == 2
    told = capsys.readouterr().err
    assert "--kpi fill_rate: cannot be estimated: no node of this scenario has final demand" in told
    assert "--kpi depth: cannot be estimated: nothing goes wrong in this scenario" in told
    assert main(words) == 0
    assert "fill_rate is not shown, as it cannot be estimated" in capsys.readouterr().out
