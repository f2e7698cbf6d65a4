"""A package that is installed beside esc_sim adds to its registries by entry points (tests/extension)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.command import ENVIRONMENT, ROOT
from tests.helpers.extension import run
from tests.helpers.ready import Ready

SCENARIO = """
version: 1
name: capped
run: {periods: 120, warm_up: 10, replications: 4, seed: 3}
rules: {holding_cost_timing: end, unmet: backorder, unmet_orders: backorder}
nodes:
  - {id: shop, initial_stock: 60, holding_cost: 1, demand: {mean: 10, sd: 4, price: 20, shortage_cost: 5}, order: ORDER}
  - {id: depot, initial_stock: 80, holding_cost: 0.5, order: {policy: base_stock, order_up_to: 70}}
  - {id: maker, initial_stock: 1000000}
arcs:
  - {buyer: shop, supplier: depot, price: 12, lead_time: 2}
  - {buyer: depot, supplier: maker, price: 8, lead_time: 2}
optimize:
  variables:
    - {kind: order, parameter: order_up_to, nodes: [shop], absolute: [30, 90]}
    - {kind: order, parameter: most, absolute: [10, 30]}
  objectives: [fill_rate, cvar_net]
"""
BASE = "{policy: base_stock, order_up_to: 60}"
LOOSE = "{policy: capped_base_stock, order_up_to: 60, most: 100000}"
TIGHT = "{policy: capped_base_stock, order_up_to: 60, most: 12.5}"

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
def test_a_policy_of_a_package_runs_in_both_engines(tmp_path: Path, installed: Ready) -> None:
    folders = {
        name: str(scenario_folder(tmp_path / name, order))
        for name, order in (("base", BASE), ("loose", LOOSE), ("tight", TIGHT))
    }
    done = installed.run(["-c", SCRIPT, json.dumps(folders)])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert all(entry["engines"] == ["agents", "compiled"] and entry["same"] for entry in found.values())
    assert found["loose"]["values"] == found["base"]["values"]
    assert found["tight"]["most"] == 12.5 < found["base"]["most"]


@pytest.mark.slow
def test_its_parameters_can_be_searched(tmp_path: Path, installed: Ready) -> None:
    folder = scenario_folder(tmp_path / "tight", TIGHT)
    out = tmp_path / "levels"
    words = ["optimize", str(folder), "--population", "8", "--generations", "2", "--replications", "2"]
    done = installed.run([*words, "--seed", "1", "--out", str(out)])
    assert done.returncode == 0, done.stderr
    header = (out / "front.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "order.most/shop" in header


def test_an_algorithm_of_a_package_searches(tmp_path: Path, ready: Ready, installed: Ready) -> None:
    found = {}
    start = ["optimize", str(ROOT / "scenarios" / "oil_gas"), "--set", "run.periods=30", "--population", "8"]
    start += ["--set", "optimize.objectives=[profit]", "--algorithm", "random", "--seed", "1", "--held-out", "4"]
    for budget, more in ((64, []), (128, []), (128, ["--resume"])):
        out = tmp_path / ("on" if budget == 64 or more else "through")
        words = [*start, "--budget", str(budget), "--out", str(out), *more]
        done = installed.run(words)
        assert done.returncode == 0, done.stderr
        found[out.name] = pd.read_csv(out / "progress.csv")
    pd.testing.assert_frame_equal(found["on"], found["through"])
    assert found["on"]["replications"].tolist() == [32, 64, 96, 128]
    assert found["on"]["best_profit"].is_monotonic_increasing
    without = ready.run(words)
    assert without.returncode == 2
    assert (
        "there is no 'random'; take one of warm-nsga2, nsga2, surrogate-nsga2, warm, ga, cma-es, mixed"
        in without.stderr
    )


def test_a_policy_of_a_package_that_is_not_installed_is_unknown(tmp_path: Path, ready: Ready, installed: Ready) -> None:
    folder = scenario_folder(tmp_path / "tight", TIGHT)
    words = ["check", str(folder)]
    assert installed.run(words).returncode == 0
    without = ready.run(words)
    assert without.returncode == 2
    assert "unknown policy 'capped_base_stock'" in without.stderr


SHOP = (
    SCENARIO.replace("ORDER", BASE)
    .replace("optimize:", "disruptions:\n  - {name: strike, nodes: [depot], probability: 0.05, duration: 3}\noptimize:")
    .replace("    - {kind: order, parameter: most, absolute: [10, 30]}\n", "")
    .replace("run:", "units: {period: day}\nrun:")
    .replace("initial_stock: 1000000", "initial_stock: 100, target_stock: 100, production: {mean: 50}")
)
STRIP = """
import json, sys
from esc_sim import load_scenario
from esc_sim.views.page.content import strip_content
from tests.page.shows import show_of_scenario
show = show_of_scenario(load_scenario(sys.argv[1]))
show.step(120)
print(json.dumps({figure["label"]: figure["text"] for figure in strip_content(show)}))
"""


def shop(folder: Path, objectives: str = "[fill_rate, cvar_net]") -> Path:
    folder.mkdir()
    text = SHOP.replace("[fill_rate, cvar_net]", objectives)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_measure_of_a_package_is_in_summary_table_report_and_page(
    tmp_path: Path, ready: Ready, installed: Ready
) -> None:
    folder, out = shop(tmp_path / "shop"), tmp_path / "run"
    done = installed.run(["run", str(folder), "--engine", "agents", "--out", str(out)])
    assert done.returncode == 0, done.stderr
    kpis = json.loads((out / "summary.json").read_text(encoding="utf-8"))["kpis"]
    entry = kpis["disrupted"]["periods_of_supply"]
    assert entry["unit"] == "day"
    assert 10.0 < entry["ci_low"] < entry["mean"] < entry["ci_high"]
    assert {"undisrupted", "difference"} == {run for run in kpis if "periods_of_supply" in kpis[run]} - {"disrupted"}
    (row,) = [line for line in done.stdout.splitlines() if "Periods of supply" in line]
    assert row.split()[-1] == "day"
    assert installed.run(["report", str(out)]).returncode == 0
    assert "Periods of supply" in (out / "report.html").read_text(encoding="utf-8")
    page = installed.run(["-c", STRIP, str(folder)])
    assert page.returncode == 0, page.stderr
    assert json.loads(page.stdout)["Periods of supply"][0].isdigit()
    # What was kept of the run can be shown without the package, too.
    assert ready.run(["report", str(out)]).returncode == 0
    assert "Periods of supply" not in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_measure_of_a_package_is_swept_compared_and_searched(tmp_path: Path, installed: Ready) -> None:
    folder = shop(tmp_path / "shop", "[fill_rate, periods_of_supply]")
    few = ["--replications", "2", "--seed", "1"]
    swept = installed.run(
        [
            "sweep",
            str(folder),
            "--vary",
            "nodes.shop.order.order_up_to=40,80",
            *few,
            "--out",
            str(tmp_path / "s"),
        ]
    )
    assert swept.returncode == 0, swept.stderr
    assert "Periods of supply [day]" in " ".join(swept.stdout.split())
    table = pd.read_csv(tmp_path / "s" / "sweep.csv")["periods_of_supply.mean"]
    assert table[0] < table[1]
    words = ["compare", str(folder), "--variant", "usual", "--variant", "more: nodes.shop.order.order_up_to=90"]
    compared = installed.run([*words, *few, "--out", str(tmp_path / "c")])
    assert compared.returncode == 0, compared.stderr
    kpis = pd.read_csv(tmp_path / "c" / "compare.csv").set_index(["kpi", "variant"])["difference"]
    assert kpis["periods_of_supply", "more"] > 0.0
    words = ["optimize", str(folder), "--population", "8", "--generations", "2", *few, "--out", str(tmp_path / "o")]
    found = installed.run(words)
    assert found.returncode == 0, found.stderr
    assert "periods_of_supply" in (tmp_path / "o" / "front.csv").read_text(encoding="utf-8").splitlines()[0]
    for name in "sco":
        assert installed.run(["report", str(tmp_path / name)]).returncode == 0
        told = (tmp_path / name / "report.html").read_text(encoding="utf-8")
        assert "periods of supply" in told.lower(), name


def test_a_measure_of_a_package_that_is_not_installed_is_unknown(
    tmp_path: Path, ready: Ready, installed: Ready
) -> None:
    folder = shop(tmp_path / "shop", "[fill_rate, periods_of_supply]")
    assert installed.run(["check", str(folder)]).returncode == 0
    without = ready.run(["check", str(folder)])
    assert without.returncode == 2
    assert "optimize.objectives.1" in without.stderr
    words = ["sweep", str(folder), "--set", "optimize=null", "--vary", "nodes.shop.order.order_up_to=40,80"]
    swept = ready.run([*words, "--kpi", "periods_of_supply"])
    assert "--kpi periods_of_supply: there is no such key figure" in swept.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from esc_sim.measures.money import MEASURES", "measure 'cost_per_period' of twice: the name is taken"),
        ("MEASURES = (3,)", "twice: MEASURES holds 3, which is no measure"),
    ],
)
def test_measures_that_do_not_fit_are_refused(tmp_path: Path, line: str, expected: str) -> None:
    info = tmp_path / "twice-1.0.dist-info"
    info.mkdir()
    (tmp_path / "twice.py").write_text(line, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twice\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[esc_sim.measures]\nx = twice\n", encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    done = run([sys.executable, "-c", "import esc_sim.measures.registry"], env=environment)
    assert expected in done.stderr


STORM = """
version: 1
name: storm
run: {periods: 60, replications: 3, seed: 3}
nodes:
  - {id: shop, initial_stock: 30, demand: {mean: 10, sd: 3, price: 20}, order: {mean: 10, sd: 2}}
  - {id: plant, initial_stock: 20, target_stock: 60, capacity: 15, production: {mean: 12, sd: 3}}
arcs: [{buyer: shop, supplier: plant, price: 8, lead_time: 1}]
disruptions: [{name: gale, nodes: [plant], probability: 0.2, duration: 2, EFFECT}]
"""
DISRUPTIONS = """
import json, sys
import numpy as np
from esc_sim import load_scenario, simulate

runs = [simulate(load_scenario(folder), engine=engine) for folder in sys.argv[1:] for engine in ("agents", "compiled")]
print(json.dumps([np.asarray(run.values).tolist() for run in runs]))
"""


def storm_folder(folder: Path, effect: str) -> str:
    folder.mkdir()
    (folder / "scenario.yaml").write_text(STORM.replace("EFFECT", effect), encoding="utf-8")
    return str(folder)


@pytest.mark.slow
def test_a_disruption_of_a_package_runs_in_both_engines(tmp_path: Path, installed: Ready) -> None:
    """Gusts of 35 m/s, half-way between 25 and 45, leave half of what a plant ships and makes."""
    windy = storm_folder(tmp_path / "windy", "wind: 35")
    plain = storm_folder(tmp_path / "plain", "health: 0.5, stops: [ship, produce]")
    calm = storm_folder(tmp_path / "calm", "wind: 20")
    done = installed.run(["-c", DISRUPTIONS, windy, plain, calm])
    assert done.returncode == 0, done.stderr
    windy_runs, plain_runs, calm_runs = (json.loads(done.stdout)[k : k + 2] for k in (0, 2, 4))
    assert windy_runs[0] == windy_runs[1] == plain_runs[0] == plain_runs[1]
    assert calm_runs[0] == calm_runs[1] != windy_runs[0]


def test_a_disruption_of_a_package_is_checked(tmp_path: Path, ready: Ready, installed: Ready) -> None:
    folder = storm_folder(tmp_path / "windy", "wind: 35, health: 0.5")
    done = installed.run(["check", folder])
    assert done.returncode == 2
    assert "'health' means nothing beside wind: leave it out" in done.stderr
    without = ready.run(["check", storm_folder(tmp_path / "other", "wind: 35")])
    assert without.returncode == 2
    assert "disruptions.0.wind: unknown key" in without.stderr


def test_two_disruptions_of_one_key_are_refused(tmp_path: Path) -> None:
    environment = with_entry_point(tmp_path, "disruptions", "demand")
    done = run([sys.executable, "-c", "import esc_sim.disruptions.registry"], env=environment)
    assert (
        "disruption kind 'final demand' of esc_sim.disruptions.demand: the key 'demand_factor' is taken" in done.stderr
    )


def with_entry_point(folder: Path, group: str, name: str) -> dict[str, str]:
    """The environment with a package that names a module of esc_sim as an extension of it."""
    info = folder / "twice-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twice\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[esc_sim.{group}]\nx = esc_sim.{group}.{name}\n", encoding="utf-8")
    return {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}


def test_two_policies_of_one_name_are_refused(tmp_path: Path) -> None:
    environment = with_entry_point(tmp_path, "policies", "base_stock")
    done = run([sys.executable, "-c", "import esc_sim.policies.registry"], env=environment)
    assert "order policy 'base_stock' of esc_sim.policies.base_stock: the name is taken" in done.stderr
