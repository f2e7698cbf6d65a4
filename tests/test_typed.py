"""The types of the public names reach a user: py.typed is in the wheel, and mypy --strict reads a script by them."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import esc_sim
from tests import typed_user

ROOT = Path(__file__).resolve().parent.parent

WRONG = """
import esc_sim

esc_sim.simulat("scenarios/quickstart")
esc_sim.simulate("scenarios/quickstart", replications="4")
esc_sim.sweep("scenarios/quickstart", {"run.warm_up": [0, 5]}).tables
esc_sim.design("scenarios/electrolyte", gap=0.1)
name: int = esc_sim.load_scenario("scenarios/quickstart").name
esc_sim.simulate("scenarios/quickstart", engine="fast")
esc_sim.simulate("scenarios/quickstart", sed=7)
esc_sim.Node(id="shop", initial_stok=5)
esc_sim.Scenario(name="mine").add(3)
esc_sim.Disruption(name="strike", helth=0.1)
"""


def test_the_wheel_says_that_it_is_typed() -> None:
    assert "esc_sim/py.typed" in {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}


def test_the_script_names_all_that_is_public() -> None:
    text = Path(typed_user.__file__).read_text(encoding="utf-8")
    assert [name for name in esc_sim.__all__ if not name.startswith("_") and name not in text] == []


def test_defaults_of_parts_are_named() -> None:
    unnamed = []
    for path in [*ROOT.glob("esc_sim/**/*.py"), *ROOT.glob("tests/extension/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)] if "Field(" in text else []
        unnamed += [f"{path.name}:{n.lineno}" for n in calls if ast.unparse(n.func) == "Field" and n.args]
    assert unnamed == []


@pytest.mark.slow
def test_mypy_is_strict_with_users(tmp_path: Path) -> None:
    # Outside the checkout nothing names pydantic's plugin, as with most users; a cache of its own saves time.
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "typed_user.py").write_text(Path(typed_user.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-error-summary"]
    done = subprocess.run(
        [*command, f"--cache-dir={ROOT / '.mypy_cache' / 'user'}", "typed_user.py", "wrong.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    found = [line for line in done.stdout.splitlines() if " error: " in line]
    assert not [line for line in found if "typed_user" in line]
    assert [re.sub(r".*wrong\.py:(\d+): error: .*\[([\w-]+)\]$", r"\1 \2", line) for line in found] == [
        "4 attr-defined",
        "5 arg-type",
        "6 attr-defined",
        "7 call-arg",
        "8 assignment",
        "9 arg-type",
        "10 call-arg",
        "11 call-arg",
        "12 arg-type",
        "13 call-arg",
    ], done.stdout + done.stderr


def test_the_script_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = typed_user.read(ROOT / "scenarios" / "quickstart")
    assert scenario is not None
    assert typed_user.stock_by_hand(scenario, 5) > 0.0
    cost, title = typed_user.risk(ROOT / "scenarios" / "quickstart")
    assert cost > 0.0
    assert title
    bakery = typed_user.bakery()
    bakery.check()
    assert esc_sim.simulate(bakery, engine="agents").replications == 2
    assert typed_user.read(tmp_path / "nowhere") is None
    assert "nowhere" in capsys.readouterr().out
