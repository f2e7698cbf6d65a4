"""Order policies that users write, from Python and named in a scenario."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esc_sim import load_scenario, simulate
from esc_sim.errors import InputError
from esc_sim.instance.plugins import PolicyView
from esc_sim.results.run import column
from esc_sim.scenario.schema import Scenario
from tests.inventory.helpers import serial


class UpTo:
    """Ten lines of a user's: order up to a level, and count the calls."""

    def __init__(self, level: float) -> None:
        self.level = level
        self.calls = 0

    def order(self, view: PolicyView) -> float:
        self.calls += 1
        return self.level - view.position


def shop(order_up_to: float = 20.0) -> Scenario:
    stage = {
        "initial_stock": 20.0,
        "holding_cost": 1.0,
        "demand": {"law": {"law": "poisson", "mean": 6.0}, "shortage_cost": 4.0},
        "order": {"policy": "base_stock", "order_up_to": order_up_to},
    }
    return serial([stage], [2], periods=60, replications=3, seed=5)


def test_a_policy_from_python_gives_the_numbers_of_the_rule_it_repeats() -> None:
    policy = UpTo(20.0)
    mine, usual = simulate(shop(order_up_to=1.0), policies={"stage_1": policy}), simulate(shop())
    np.testing.assert_array_equal(mine.values, usual.values)
    assert mine.engine == "agents"
    assert mine.notices == ["run by the agent engine: orders of stage_1 are decided by a Python class"]
    assert policy.calls == 0, "each replication works on a copy"


YAML = """version: 1
name: shop
run: {{periods: 20, replications: 2}}
rules: {{unmet: backorder}}
nodes:
  - id: shop
    initial_stock: 20
    demand: {{mean: 6}}
    order: {{policy: code, code: "{code}", parameters: {{level: 20}}}}
  - {{id: source, initial_stock: 1000}}
arcs:
  - {{buyer: shop, supplier: source}}
"""
GOOD = "class Mine:\n    def __init__(self, level):\n        self.level = level\n\n    def order(self, view):\n"


def written(folder: Path, body: str, code: str = "mine.py:Mine") -> Path:
    (folder / "scenario.yaml").write_text(YAML.format(code=code))
    (folder / "mine.py").write_text(GOOD + f"        {body}\n")
    return folder


def test_code_named_in_a_scenario_needs_leave(tmp_path: Path) -> None:
    folder = written(tmp_path, "return self.level - view.position")
    with pytest.raises(InputError, match=r"order of .shop.: the scenario names Python code .* --allow-code"):
        simulate(folder)
    result = simulate(folder, allow_code=True)
    assert result.engine == "agents"
    assert column(result.values, "ordered")[0].tolist() == [6.0] * 20


def test_checking_a_scenario_never_runs_its_code(tmp_path: Path) -> None:
    folder = written(tmp_path, "return 0")
    (folder / "mine.py").write_text("raise SystemExit('it was run')\n")
    assert load_scenario(folder).nodes[0].id == "shop"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return 1 / 0", r"mine\.py:6: Mine: ZeroDivisionError"),
        ("return view.stock", r"mine\.py:6: Mine: AttributeError"),
        ("return 'much'", r"mine\.py:5: Mine returned 'much' for 'shop', not a quantity"),
        ("return float('nan')", r"mine\.py:5: Mine returned nan"),
        ("return (", r"mine\.py:6: mine\.py: SyntaxError"),
    ],
)
def test_mistakes_name_the_file_and_line(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate(written(tmp_path, body), allow_code=True)


def test_a_missing_class_or_a_way_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mine\.py: there is no class or function 'Yours' in it"):
        simulate(written(tmp_path, "return 0", "mine.py:Yours"), allow_code=True)
    with pytest.raises(InputError, match="leads out of the scenario's folder"):
        simulate(written(tmp_path, "return 0", "../mine.py:Mine"), allow_code=True)
    with pytest.raises(InputError, match=r"write FILE\.py:CLASS"):
        load_scenario(written(tmp_path, "return 0", "mine.py"))
    with pytest.raises(InputError, match="policies: there is no node or stock line 'nobody'"):
        simulate(shop(), policies={"nobody": UpTo(1.0)})
