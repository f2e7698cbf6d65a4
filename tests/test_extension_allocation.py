"""A rule of allocation that an installed package adds runs in both engines and at any time (tests/extension)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import ENVIRONMENT, ROOT
from tests.helpers.extension import run
from tests.helpers.ready import Ready

Content = dict[str, Any]
WANTED = {"clinic": 30.0, "corner": 4.0, "market": 60.0, "mall": 60.0}
"""What four buyers order. The clinic is of class 1, the others of class 2; the mall bids most."""
PRICES = {"clinic": 1.0, "corner": 2.0, "market": 3.0, "mall": 9.0}


def shops(source: Content, order: Content, rules: Content, periods: int) -> Content:
    """The four buyers, and a source that is short."""
    nodes = [{"id": name, "order": order | {"order_up_to": wanted}} for name, wanted in WANTED.items()]
    arcs = [
        {"buyer": name, "supplier": "source", "price": price, "priority": 1 if name == "clinic" else 2}
        for name, price in PRICES.items()
    ]
    return {
        "version": 1, "name": "shops", "nodes": [*nodes, {"id": "source"} | source], "arcs": arcs,
        "rules": {"allocation": "customer_class", "unmet_orders": "backorder"} | rules,
        "run": {"periods": periods, "replications": 2, "seed": 1},
    }  # fmt: skip


SCRIPT = """
import json, sys
import numpy as np
from esc_sim import simulate
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.scenario.schema import Scenario

content, engines = json.loads(sys.argv[1])
runs = [simulate(Scenario.model_validate(content), engine=engine, trace=True) for engine in engines]
for other in runs[1:]:
    np.testing.assert_array_equal(runs[0].values, other.values)
    np.testing.assert_array_equal(runs[0].traces.items, other.traces.items)
received = runs[0].traces.items[0, :, :4, ITEM_COLUMNS.index("received")]
print(json.dumps([[one.engine for one in runs], received.T.tolist()]))
"""

GENERATED = """
import json
from hypothesis import given, settings
from tests.helpers.networks import contents, scenario_of
from tests.helpers.runs import agents, compiled, differences, item

short = {"priority": 0, "proportional": 0}

@settings(max_examples=350, deadline=None, derandomize=True, database=None)
@given(contents(True, trading=True))
def bit_for_bit(content):
    content["rules"] |= {"allocation": "customer_class", "partial": True}
    runs = [run(scenario_of(content), range(2)) for run in (agents, compiled)]
    assert differences(*runs) == []
    for other in ("priority", "proportional"):
        content["rules"] |= {"allocation": other}
        short[other] += bool(differences(runs[0], agents(scenario_of(content), range(2))))

bit_for_bit()
print(json.dumps(short))
"""


def received(installed: Ready, content: Content, *engines: str) -> list[list[float]]:
    """By buyer and period, the same in all engines."""
    done = installed.run(["-c", SCRIPT, json.dumps([content, engines])])
    assert done.returncode == 0, done.stderr
    ran, rows = json.loads(done.stdout)
    assert ran == list(engines)
    return rows  # type: ignore[no-any-return]


ONCE = {"policy": "periodic", "every": 99}


@pytest.mark.slow
def test_bids_of_a_round_go_by_class_and_evenly_within_it(installed: Ready) -> None:
    """60 units: 30 for the clinic. Of the others each could have 10; the corner asks for 4 only, which leaves 13."""
    rows = received(installed, shops({"initial_stock": 60.0}, ONCE, {"unmet_orders": "lost"}, 2), "agents", "compiled")
    assert [row[1] for row in rows] == [30.0, 4.0, 13.0, 13.0]


@pytest.mark.slow
def test_what_is_owed_goes_by_class_too(installed: Ready) -> None:
    """22 units a period: the clinic gets 22 and 8; 14 are left for 4, 5 and 5; then 11 each."""
    source = {"target_stock": 100.0, "production": {"mean": 22.0}}
    rows = received(installed, shops(source, ONCE, {}, 5), "agents", "compiled")
    assert [row[1:] for row in rows] == [[22, 8, 0, 0], [0, 4, 0, 0], [0, 5, 11, 11], [0, 5, 11, 11]]


@pytest.mark.slow
def test_goods_that_come_at_any_time_go_by_class(installed: Ready) -> None:
    """The source has nothing, orders all 154 units, and gets 60 of them half a period later."""
    content = shops({"order": {"policy": "base_stock", "order_up_to": 0.0, "review": "continuous"}},
                    {"policy": "base_stock", "review": "continuous"}, {}, 3)  # fmt: skip
    content["nodes"].append({"id": "maker", "initial_stock": 60.0})
    content["arcs"].append({"buyer": "source", "supplier": "maker", "lead_time": 0.5})
    rows = received(installed, content, "agents")
    assert [sum(row) for row in rows] == [30.0, 4.0, 13.0, 13.0]
    rows = received(installed, content | {"rules": content["rules"] | {"allocation": "highest_bid"}}, "agents")
    assert [sum(row) for row in rows] == [0.0, 0.0, 0.0, 60.0]


@pytest.mark.slow
def test_engines_agree_on_generated_networks(installed: Ready) -> None:
    done = installed.run(["-c", GENERATED])
    assert done.returncode == 0, done.stderr
    assert all(count >= 20 for count in json.loads(done.stdout).values()), done.stdout


def test_a_rule_of_a_package_that_is_not_installed_is_unknown(tmp_path: Path, ready: Ready, installed: Ready) -> None:
    content = shops({"initial_stock": 60.0}, ONCE, {}, 2)
    (tmp_path / "scenario.yaml").write_text(json.dumps(content), encoding="utf-8")
    words = ["check", str(tmp_path)]
    assert installed.run(words).returncode == 0
    without = ready.run(words)
    assert without.returncode == 2
    assert "'customer_class'" in without.stderr
    assert "highest_bid" in without.stderr


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    info = tmp_path / "twice-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twice\nVersion: 1.0\n", encoding="utf-8")
    points = "[esc_sim.allocations]\nx = esc_sim.allocations.priority\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    done = run([sys.executable, "-c", "import esc_sim.allocations.registry"], env=environment)
    assert "rule of allocation 'priority' of esc_sim.allocations.priority: the name is taken" in done.stderr
