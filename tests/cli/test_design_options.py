"""Every option of `esc-sim design`, and every choice that a design's section offers, on every shipped case."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from pydantic import BaseModel

from esc_sim.cli import main
from esc_sim.design.dispatch import command as dispatch
from esc_sim.design.retail import command as retail
from esc_sim.design.safety_stock import command as safety_stock
from esc_sim.design.sourcing import command as sourcing
from esc_sim.scenario.design_retail import RetailSection
from esc_sim.scenario.design_safety_stock import SafetyStockSection
from esc_sim.scenario.design_sourcing import SourcingSection
from tests.helpers.runs import SCENARIOS

QUICK: Final = ["--gap", "0.2", "--time-limit", "60"]
SOURCING: Final = {
    "model": sourcing.MODELS,
    "reading": sourcing.READINGS,
    "front": [None],
    "switches": [None],
    "gap": ["0.1"],
    "time_limit": ["30"],
}
SAFETY_STOCK: Final = {"gap": ["0.1"], "time_limit": ["30"]}
RETAIL: Final = [
    ["--model", "stochastic", "--front", "--switches"],
    ["--model", "box-ball", "--reading", "own", "--eps", "0.1"],
    ["--model", "budget", "--reading", "joint", "--coverage", "1,1,1"],
]
"""Together, since each takes a while."""
WITH: Final = {
    "form=full": ["--model", "deterministic"],  # the paper's own program is large with uncertain demand
    "sole_sourcing=true": ["--set", "design.sourcing.epsilon=1"],
}
"""What a choice needs beside it."""
METHODS: Final = ("whole", "benders", "benders-paper")
PAIRED: Final = [
    ["--reading", "joint", "--set", f"design.sourcing.method={method}", *more]
    for method in METHODS
    for more in ([], ["--model", "cvar"], ["--set", "design.sourcing.spot_open=false"], ["--front"])
    if not (method == "benders-paper" and "cvar" in more)  # it has none, and says so
]
"""The joint reading is the hardest for a decomposition: its demands are the largest."""


def given(options: dict[str, Any]) -> Iterator[list[str]]:
    """Each value of each option of the command."""
    for name, values in options.items():
        for value in values:
            yield [f"--{name.replace('_', '-')}", *([] if value is None else [value])]


def choices(kind: str, section: type[BaseModel]) -> Iterator[list[str]]:
    """Each of them as a change of the scenario."""
    for name, value in choices_of(section):
        yield ["--set", f"design.{kind}.{name}={value}", *WITH.get(f"{name}={value}", [])]


def choices_of(section: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Each value of each key with a few choices."""
    for name, field in section.model_fields.items():
        if field.annotation is bool:
            yield from ((name, value) for value in ("true", "false"))
        else:
            yield from ((name, value) for value in get_args(field.annotation) if isinstance(value, str))


CASES: Final = {
    "electrolyte": [*given(SOURCING), *choices("sourcing", SourcingSection), *PAIRED],
    "retail_wuhan": RETAIL,
    "agro_food": [["--kind", "dispatch"]],
    "bulldozer": [*given(SAFETY_STOCK), *choices("safety_stock", SafetyStockSection)],
}


@pytest.mark.parametrize(
    ("case", "arguments"), [(case, arguments) for case, lists in CASES.items() for arguments in lists], ids=str
)
def test_it_designs(case: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    quick = [] if case == "agro_food" else QUICK
    assert main(["design", str(SCENARIOS / case), *quick, *arguments]) == 0, capsys.readouterr().err
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--model", "cvar"], ["--set", "design.sourcing.cvar_limit=30e6"]], ids=str)
def test_the_full_form_refuses_cvar(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    full = ["--set", "design.sourcing.form=full"]
    assert main(["design", str(SCENARIOS / "electrolyte"), *full, *arguments]) == 2
    said = capsys.readouterr().err
    assert "design.sourcing.form: 'full'" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("method", METHODS)
def test_no_plan_names_the_limits_whatever_the_method(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", f"design.sourcing.method={method}", "--set", "design.sourcing.sole_sourcing=true"]
    assert main(["design", str(SCENARIOS / "electrolyte"), *changes]) == 2
    said = capsys.readouterr().err
    assert "budget (second-stage budget C0" in said
    assert "risk (probability of exceeding the budget)" in said


def test_a_decomposition_whose_time_is_up_says_its_gap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Backup prices that move leave the scenarios without a common recourse, so that there are cuts to find."""
    moving = tmp_path / "moving"
    shutil.copytree(SCENARIOS / "electrolyte", moving)
    table = moving / "disruption_scenarios.csv"
    head, *rows = table.read_text().splitlines()
    factors = [f"{row},{1.0 + 0.05 * row.split(',')[3:9].count('1'):g}" for row in rows]
    table.write_text("\n".join([f"{head},backup_price_factor", *factors]) + "\n")
    joint = ["--reading", "joint", "--gap", "1e-9", "--force", "--out", str(tmp_path / "out")]
    short = ["--set", "design.sourcing.method=benders", "--time-limit", "0.5"]  # of some seconds that it takes
    ended = main(["design", str(moving), *joint, *short])
    found = capsys.readouterr()
    assert ("its time was up" in found.out) if ended == 0 else ("no plan found in time" in found.err)
    assert main(["design", str(moving), *joint, "--set", "design.sourcing.method=benders-paper"]) == 0
    cut = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert main(["design", str(moving), *joint]) == 0
    whole = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert cut["cost"] == pytest.approx(whole["cost"], rel=2e-6)


def test_no_option_is_left_out() -> None:
    assert set(SOURCING) == sourcing.OPTIONS
    words = {word for run in [*RETAIL, QUICK] for word in run}
    assert {f"--{name.replace('_', '-')}" for name in retail.OPTIONS} <= words
    assert {value for _, value in choices_of(RetailSection)} <= words
    assert set(SAFETY_STOCK) == safety_stock.OPTIONS
    assert not dispatch.OPTIONS
    shipped = {path.parent.name for path in SCENARIOS.glob("*/scenario.yaml") if _designs(path.read_text())}
    assert set(CASES) == shipped


def _designs(text: str) -> bool:
    return any(line.startswith(("design:", "power:")) for line in text.splitlines())
