"""A kind of design that an installed package adds (tests/extension/esc_sim_newsvendor)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.helpers.command import ENVIRONMENT, ROOT
from tests.helpers.extension import run
from tests.helpers.ready import Ready

SHOP = """
version: 1
name: shop
run: {periods: 1000, warm_up: 20, replications: 10, seed: 3}
rules: {holding_cost_timing: end, unmet: backorder, unmet_orders: backorder}
nodes:
  - id: shop
    initial_stock: 60
    holding_cost: 1
    demand: {mean: 10, sd: 2, price: 20, shortage_cost: 9}
    order: {policy: base_stock, order_up_to: 80}
  - {id: maker, initial_stock: 1000000}
arcs: [{buyer: shop, supplier: maker, price: 12, lead_time: 4}]
design:
  base_stock: {nodes: [NODE]}
"""
EXPECTED = 40 + 1.2815515655446004 * 4
"""Demand of four periods and the 0.9-quantile of the standard normal law times its standard deviation."""


def shop(folder: Path, node: str = "shop") -> Path:
    folder.mkdir()
    (folder / "scenario.yaml").write_text(SHOP.replace("NODE", node), encoding="utf-8")
    return folder


def cost_at(installed: Ready, folder: Path, out: Path, *more: str) -> float:
    """Holding and shortage cost a period."""
    done = installed.run(["run", str(folder), "--engine", "agents", *more, "--out", str(out)])
    assert done.returncode == 0, done.stderr
    (kpis,) = json.loads((out / "summary.json").read_text(encoding="utf-8"))["kpis"].values()
    return float(kpis["storage_per_period"]["mean"] + kpis["shortage_cost_per_period"]["mean"])


def test_a_design_of_a_package_is_made_reported_and_carried_out(tmp_path: Path, installed: Ready) -> None:
    folder, out = shop(tmp_path / "shop"), tmp_path / "design"
    done = installed.run(["design", str(folder), "--out", str(out)])
    assert done.returncode == 0, done.stderr
    assert "order up to 45.13" in done.stdout
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["order_up_to"] == {
        "shop": pytest.approx(EXPECTED, rel=1e-12)
    }
    assert installed.run(["report", str(out)]).returncode == 0
    assert "order up to" in (out / "report.html").read_text(encoding="utf-8")
    chosen = cost_at(installed, folder, tmp_path / "chosen", "--plan", str(out / "plan.yaml"))
    for number, level in enumerate((EXPECTED - 3, EXPECTED + 3)):
        change = f"nodes.shop.order.order_up_to={level}"
        assert chosen < cost_at(installed, folder, tmp_path / f"other_{number}", "--set", change)


def test_it_says_what_is_wrong(tmp_path: Path, ready: Ready, installed: Ready) -> None:
    unknown = installed.run(["design", str(shop(tmp_path / "unknown", "kiosk"))])
    assert unknown.returncode == 2
    assert "design.base_stock.nodes: there is no node 'kiosk'" in unknown.stderr
    folder = str(shop(tmp_path / "shop"))
    option = installed.run(["design", folder, "--eps", "0.1"])
    assert option.returncode == 2
    assert "--eps: no option of a base_stock design; it has none" in option.stderr
    without = ready.run(["check", folder])
    assert without.returncode == 2
    assert "design.base_stock: unknown key" in without.stderr


@pytest.mark.parametrize(
    ("group", "module", "expected"),
    [
        ("scenario.design", "scenario.design", "section of designs 'retail' of nowhere: the name is taken"),
        ("design", "design.kinds", "design kind 'retail' of nowhere: the name is taken"),
    ],
)
def test_names_that_are_taken_are_refused(tmp_path: Path, group: str, module: str, expected: str) -> None:
    info = tmp_path / "twice-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twice\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[esc_sim.{group}]\nretail = nowhere\n", encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    done = run([sys.executable, "-c", f"import esc_sim.{module}"], env=environment)
    assert expected in done.stderr
