"""A package that is installed beside esc_sim adds to its registries by entry points (tests/extension)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.helpers.command import ENVIRONMENT, ESC_SIM, ROOT
from tests.helpers.extension import INSTALLED, run

SCENARIO = """
version: 1
name: capped
run: {periods: 120, warm_up: 10, replications: 4, seed: 3}
rules: {storage_timing: end, unmet: backorder, unmet_orders: backorder}
nodes:
  - {id: shop, start_stock: 60, storage_cost: 1, demand: {mean: 10, sd: 4, price: 20, shortage_cost: 5}, order: ORDER}
  - {id: depot, start_stock: 80, storage_cost: 0.5, order: {policy: base_stock, up_to: 70}}
  - {id: maker, start_stock: 1000000}
arcs:
  - {buyer: shop, supplier: depot, price: 12, lead_time: 2}
  - {buyer: depot, supplier: maker, price: 8, lead_time: 2}
optimize:
  variables:
    - {kind: order, parameter: up_to, nodes: [shop], absolute: [30, 90]}
    - {kind: order, parameter: most, absolute: [10, 30]}
  objectives: [fill_rate, cvar_net]
"""
BASE = "{policy: base_stock, up_to: 60}"
LOOSE = "{policy: capped_base_stock, up_to: 60, most: 100000}"
TIGHT = "{policy: capped_base_stock, up_to: 60, most: 12.5}"

SCRIPT = """
import json, sys
import numpy as np
from esc_sim import load_scenario, simulate
from esc_sim.results.columns import ITEM_COLUMNS

found = {}
for name, folder in json.loads(sys.argv[1]).items():
    runs = [simulate(load_scenario(folder), engine=engine, trace=True) for engine in ("agents", "compiled")]
    ordered = runs[0].traces.items[:, :, 0, ITEM_COLUMNS.index("ordered")]
    found[name] = {
        "engines": [run.engine for run in runs],
        "same": bool(np.array_equal(runs[0].values, runs[1].values)),
        "values": runs[0].values.tolist(),
        "most": float(ordered.max()),
    }
print(json.dumps(found))
"""


def scenario_folder(folder: Path, order: str) -> Path:
    folder.mkdir()
    text = SCENARIO.replace("ORDER", order)
    if "most" not in order:
        text = text.partition("optimize:")[0]  # a cap is decided only where there is one
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_policy_of_a_package_runs_in_both_engines(tmp_path: Path) -> None:
    folders = {
        name: str(scenario_folder(tmp_path / name, order))
        for name, order in (("base", BASE), ("loose", LOOSE), ("tight", TIGHT))
    }
    done = run([sys.executable, "-c", SCRIPT, json.dumps(folders)], env=INSTALLED)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert all(entry["engines"] == ["agents", "compiled"] and entry["same"] for entry in found.values())
    assert found["loose"]["values"] == found["base"]["values"]
    assert found["tight"]["most"] == 12.5 < found["base"]["most"]


@pytest.mark.slow
def test_its_parameters_can_be_searched(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "tight", TIGHT)
    out = tmp_path / "levels"
    words = ["optimize", str(folder), "--population", "8", "--generations", "2", "--replications", "2"]
    done = run([*ESC_SIM, *words, "--seed", "1", "--out", str(out)], env=INSTALLED)
    assert done.returncode == 0, done.stderr
    header = (out / "front.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "order.most/shop" in header


def test_a_policy_of_a_package_that_is_not_installed_is_unknown(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "tight", TIGHT)
    words = [*ESC_SIM, "check", str(folder)]
    assert run(words, env=INSTALLED).returncode == 0
    without = run(words, env=ENVIRONMENT)
    assert without.returncode == 2
    assert "unknown policy 'capped_base_stock'" in without.stderr


def test_two_policies_of_one_name_are_refused(tmp_path: Path) -> None:
    info = tmp_path / "twice-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twice\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[esc_sim.policies]\nx = esc_sim.policies.base_stock\n", encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    done = run([sys.executable, "-c", "import esc_sim.policies.registry"], env=environment)
    assert "order policy 'base_stock' of esc_sim.policies.base_stock: the name is taken" in done.stderr
