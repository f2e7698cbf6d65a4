"""Recovery from an edge list alone: roles, loads and trade from it, a budget by count, the plan in a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.network.imported import imported_scenario
from esc_sim.network.imports import read_network
from esc_sim.plans.files import read_plan
from esc_sim.recovery.problem import RecoveryProblem
from esc_sim.recovery.run import recover
from esc_sim.simulation import simulate

EDGES = """supplier,customer,volume
mine,mill,30
mine,works,10
quarry,works,20
quarry,works,5
mill,shop,18
mill,kiosk,12
works,shop,35
works,store,0
"""
LOADS = {"mine": 40, "mill": 30, "works": 35, "quarry": 25, "shop": 53, "kiosk": 12, "store": 0}


@pytest.fixture
def edges(tmp_path: Path) -> Path:
    path = tmp_path / "edges.csv"
    path.write_text(EDGES)
    return path


def test_roles_are_those_of_the_direction_of_flow_and_lines_of_one_pair_are_added(edges: Path) -> None:
    network = read_network(edges)
    roles = dict(zip(network.ids, network.roles, strict=True))
    assert {name for name, role in roles.items() if role == "supplier"} == {"mine", "quarry"}
    assert {name for name, role in roles.items() if role == "manufacturer"} == {"mill", "works"}
    assert {name for name, role in roles.items() if role == "retailer"} == {"shop", "kiosk", "store"}
    assert network.roles_by_flow
    assert len(network.arcs) == 7
    assert network.volumes[network.arcs.index(("quarry", "works"))] == 25


def test_the_load_of_a_node_is_what_passes_it(edges: Path) -> None:
    run = recover(edges, 60.0, remove=2, how="load", strategy="none")
    network = run.cascade.network
    assert {network.id_of(k): load for k, load in enumerate(run.cascade.loads)} == LOADS
    assert {network.id_of(int(k)) for k in run.chosen.removed} == {"shop", "mine"}
    assert "suppliers: 2, manufacturers: 2, retailers: 3" in run.scenario.data.note


def test_every_arc_carries_its_volume_while_nothing_fails(edges: Path) -> None:
    result = simulate(imported_scenario(edges, trading=True), engine="agents", replications=1)
    assert result.kpis["mean"]["fill_rate"] == 1.0
    shipped = result.arcs["shipped"].droplevel(["run", "product"])
    for (supplier, buyer), volume in zip(read_network(edges).arcs, read_network(edges).volumes, strict=True):
        assert shipped[buyer, supplier] == pytest.approx(volume, rel=0.05)


def test_a_plan_found_on_an_edge_list_is_run_on_it(edges: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed, out = edges.parent / "failed.txt", edges.parent / "out"
    failed.write_text("mine\nworks\nkiosk\n")
    words = ["recover", str(edges), "--count", "1", "--removed", str(failed), "--set", "cascade.beta=0.5"]
    assert main([*words, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    advised = next(line.split() for line in printed.splitlines() if line.startswith("  esc-sim run"))
    plan, summary = read_plan(out / "plan.yaml"), json.loads((out / "summary.json").read_text())
    assert sorted(plan.failed) == ["kiosk", "mine", "works"]  # type: ignore[attr-defined]
    assert len(plan.restore) == 1  # type: ignore[attr-defined]
    assert summary["plan_can_be_run"]
    folder = edges.parent / "run"
    assert main([*advised[1:], "--replications", "2", "--engine", "agents", "--out", str(folder)]) == 0
    run = json.loads((folder / "summary.json").read_text())
    assert "was made for" not in capsys.readouterr().out  # the very scenario that was searched
    promises = {name: entry["mean"] for name, entry in run["promises"].items()}
    assert promises == {"rn": summary["rn"], "rn_without": summary["rn_without_recovery"]}
    assert promises["rn"] > promises["rn_without"]
    assert run["kpis"]["disrupted"]["fill_rate"]["mean"] < run["kpis"]["undisrupted"]["fill_rate"]["mean"] == 1


def test_a_budget_by_count_is_one_of_nodes(edges: Path) -> None:
    one = recover(edges, count=1, removed=["mine", "works", "kiosk"], overrides={"cascade.beta": 0.5})
    assert (one.chosen.by_count, one.budget_words) == (True, "1 node")
    assert len(one.chosen.restored) == 1
    assert one.chosen.load_used == LOADS[one.plan.restore[0]]
    all_of_them = recover(edges, count=3, removed=["mine", "works", "kiosk"], strategy="load-desc")
    assert len(all_of_them.chosen.restored) == 3
    assert all_of_them.chosen.rn == 7


def test_a_set_of_ones_own_is_scored_and_becomes_the_plan(edges: Path) -> None:
    own = edges.parent / "own.csv"
    own.write_text("id\nworks\n")
    run = recover(edges, removed=["mine", "works", "kiosk"], restore=own, overrides={"cascade.beta": 0.5})
    assert [result.strategy for result in run.results] == ["given", "none"]
    assert (run.chosen.strategy, run.chosen.budget, run.plan.restore) == ("given", 35.0, ["works"])
    assert run.chosen.rn == run.cascade.run(run.chosen.removed, run.chosen.restored).rn


def near_the_customer(problem: RecoveryProblem) -> list[str]:
    """Retailers, as many as the budget allows."""
    network = problem.cascade.network
    retailers = [int(node) for node in problem.nodes if network.role_names[network.role[node]] == "retailer"]
    return [network.id_of(node) for node in retailers[: int(problem.budget)]]


def test_a_policy_of_ones_own_stands_beside_the_others(edges: Path) -> None:
    run = recover(edges, count=2, removed=["mine", "works", "kiosk", "shop"], strategy=near_the_customer)
    assert (run.chosen.strategy, sorted(run.plan.restore)) == ("near_the_customer", ["kiosk", "shop"])
    assert "near_the_customer" in run.tables_by_name()["strategies"].index
    with pytest.raises(InputError, match="its nodes take 12 of a budget of 1"):
        recover(edges, 1.0, removed=["kiosk", "shop"], strategy=lambda problem: ["kiosk"])
