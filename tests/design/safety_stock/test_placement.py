"""Placement of safety stock: against enumeration of all service times, and the published chain."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from esc_sim.design.safety_stock.command import run_design
from esc_sim.design.safety_stock.read import UNLIMITED, chain_of
from esc_sim.design.safety_stock.solve import by_program, on_tree
from esc_sim.design.safety_stock.stages import Placement, Stages
from esc_sim.scenario.design_safety_stock import SafetyStockSection
from esc_sim.scenario.reader import load_scenario

BULLDOZER = Path(__file__).resolve().parents[3] / "scenarios" / "bulldozer"


def drawn(seed: int, tree: bool) -> Stages:
    """A small network: five stages, times up to 3, some with limits, a way or an outside delay."""
    draw = np.random.default_rng(seed)
    links = set()
    for stage in range(1, 5):
        for other in draw.choice(stage, 1 if tree else min(stage, int(draw.integers(1, 3))), replace=False):
            links.add((int(other), stage))
    return Stages(
        names=[f"s{k}" for k in range(5)],
        links=[(a, b, int(draw.integers(0, 2))) for a, b in sorted(links)],
        processing=draw.integers(0, 3, 5),
        entry=draw.integers(0, 2, 5),
        longest=np.array([*(UNLIMITED if draw.random() < 0.7 else draw.integers(0, 3) for _ in range(4)), 0], np.int64),
        mean=draw.uniform(1, 9, 5),
        sd=draw.uniform(0, 3, 5),
        holding=draw.uniform(0, 5, 5),
        factor=1.645,
    )


def assembly(seed: int) -> Stages:
    """As :func:`drawn`, with one stage that is supplied by two, one of which supplies another, too."""
    stages = drawn(seed, tree=True)
    return Stages(**{**vars(stages), "links": [(0, 2, 1), (1, 2, 0), (1, 3, 1), (3, 4, 0)], "names": stages.names})


def enumerated(stages: Stages) -> float:
    """The least cost over all service times, tried one after the other."""
    latest, best = stages.latest, np.inf
    spans = [range(stages.quotable(stage, latest) + 1) for stage in range(stages.count)]
    for quoted in product(*spans):
        inbound = stages.entry.copy()
        for supplier, buyer, way in stages.links:
            inbound[buyer] = max(inbound[buyer], quoted[supplier] + way)
        covered = inbound + stages.processing - np.array(quoted)
        if covered.min() >= 0:
            best = min(best, float((stages.holding * stages.factor * stages.sd * np.sqrt(covered)).sum()))
    return best


def check(found: Placement) -> None:
    """What every placement keeps."""
    stages = found.stages
    assert (found.covered >= 0).all()
    assert (found.quoted <= stages.longest).all()
    assert (found.inbound >= stages.entry).all()
    assert all(found.inbound[buyer] >= found.quoted[supplier] + way for supplier, buyer, way in stages.links)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("make", [lambda seed: drawn(seed, tree=True), assembly], ids=["tree", "assembly"])
def test_a_tree_is_as_good_as_the_best_of_all_service_times(make, seed: int) -> None:  # type: ignore[no-untyped-def]
    stages = make(seed)
    assert stages.is_forest
    found = on_tree(stages)
    check(found)
    assert found.cost.sum() == pytest.approx(enumerated(stages), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_program_is_exact_on_networks_that_are_no_trees(seed: int) -> None:
    stages = drawn(seed + 100, tree=False)
    found = by_program(stages)
    check(found)
    assert found.cost.sum() == pytest.approx(enumerated(stages), rel=1e-9)


def test_some_of_those_networks_are_no_trees() -> None:
    assert sum(not drawn(seed + 100, tree=False).is_forest for seed in range(8)) >= 4


def test_the_published_chain_holds_stock_at_the_published_stages() -> None:
    """Graves and Willems (2000): six stages, 632,775 a year by an exact program on the printed data."""
    scenario = load_scenario(BULLDOZER)
    found = run_design(scenario, {}, lambda text: None, None)  # type: ignore[arg-type]
    header, rows = found.tables["stages"].header, found.tables["stages"].rows
    cost = {str(row[0]): 365 * float(row[header.index("cost")]) for row in rows}
    assert sum(cost.values()) == pytest.approx(632_775, rel=1e-4)
    with (BULLDOZER / "stages.csv").open(encoding="utf-8") as stream:
        printed = {
            row["stage"].lower().replace("&", "_and_"): float(row["published_safety_stock_cost"])
            for row in csv.DictReader(stream)
        }
    assert {name for name, value in cost.items() if value > 0} == {n for n, value in printed.items() if value > 0}
    assert all(cost[name] == pytest.approx(value, rel=1e-3) for name, value in printed.items())


def test_the_program_gives_the_published_chain_the_same_cost() -> None:
    chain = chain_of(load_scenario(BULLDOZER), SafetyStockSection(safety_factor=1.645))
    assert by_program(chain.stages).cost.sum() == pytest.approx(on_tree(chain.stages).cost.sum(), rel=1e-9)


def test_the_scenario_comes_with_the_levels_of_the_optimum() -> None:
    """So that it can be run and stress-tested as it is."""
    scenario = load_scenario(BULLDOZER)
    plan = run_design(scenario, {}, lambda text: None, None).plan  # type: ignore[arg-type]
    stated = {node.id: node.initial_stock for node in scenario.nodes}
    assert {one.node: one.value for one in plan.stocks} == pytest.approx(  # type: ignore[union-attr]
        {name: stock for name, stock in stated.items() if name != "supplies"}, rel=1e-12
    )
    levels = {(node.id, node.product): node.order for node in scenario.nodes}
    levels |= {(line.node, line.product): line.order for line in scenario.stocks}
    assert {(one.node, one.product): one.value for one in plan.orders} == pytest.approx(  # type: ignore[union-attr]
        {item: order.order_up_to for item, order in levels.items() if order is not None}, rel=1e-12
    )
