"""Recovery from an edge list alone: roles, loads and trade from it, a budget by count, the plan in a run."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.cli.commands.recover import NAMES
from esc_sim.errors import InputError
from esc_sim.network.imported import imported_scenario
from esc_sim.network.imports import read_network
from esc_sim.plans.files import read_plan
from esc_sim.recovery.problem import RecoveryProblem
from esc_sim.recovery.run import _worse_than_nothing, recover
from esc_sim.recovery.search import strategy_names
from esc_sim.simulation import simulate
from tests.helpers.command import ESC_SIM
from tests.helpers.extension import INSTALLED, run
from tests.helpers.runs import SCENARIOS

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
    found = recover(edges, 60.0, remove=2, how="load", strategy="none")
    network = found.cascade.network
    assert {network.id_of(k): load for k, load in enumerate(found.cascade.loads)} == LOADS
    assert {network.id_of(int(k)) for k in found.chosen.removed} == {"shop", "mine"}
    assert "suppliers: 2, manufacturers: 2, retailers: 3" in found.scenario.data.note


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
    result = json.loads((folder / "summary.json").read_text())
    assert "was made for" not in capsys.readouterr().out  # the very scenario that was searched
    promises = {name: entry["mean"] for name, entry in result["promises"].items()}
    seen = {name.removesuffix("_on_other_seeds"): promises.pop(name) for name in list(promises) if "other" in name}
    assert promises == {"rn": summary["rn"], "rn_without": summary["rn_without_recovery"]}
    nothing = next(row for row in summary["strategies"] if row["strategy"] == "none")
    assert seen == {"rn": summary["rn_on_other_seeds"], "rn_without": nothing["out_of_seed_mean"]}
    entry = result["promises"]["rn_on_other_seeds"]
    assert (entry["promised_at_least"], entry["verdict"]) == (summary["rn_on_other_seeds"], "kept")
    assert "RN of the cascade model, mean over cascade seeds 2 to 21" in entry["label"]
    assert "to which a set that was searched is fitted" in entry["note"]
    assert promises["rn"] > promises["rn_without"]
    assert result["kpis"]["disrupted"]["fill_rate"]["mean"] < result["kpis"]["undisrupted"]["fill_rate"]["mean"] == 1


def test_who_competes_may_be_said_in_a_table(edges: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By default nobody competes with the mine but the quarry; here the works do, and take the mill over."""
    table, out = edges.parent / "competitors.csv", edges.parent / "out"
    table.write_text("node,competitor\nmine,works\n")
    changes = {"cascade.link_probability": 1.0, "cascade.alpha": 2.0, "cascade.beta": 0.5}
    usual, given = (
        recover(edges, 0.0, removed=["mine"], strategy="none", competitors=file, overrides=changes)
        for file in (None, table)
    )
    links = [
        {tuple(found.cascade.network.id_of(k) for k in link) for link in found.without.links.tolist()}
        for found in (usual, given)
    ]
    assert ("works", "mill") in links[1] - links[0]
    words = ["recover", str(edges), "--count", "1", "--remove", "2", "--competitors", str(table), "--out", str(out)]
    assert main(words) == 0
    advised = next(line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  esc-sim run"))
    assert advised[3:5] == ["--competitors", str(table)]
    assert main([*advised[1:], "--replications", "1", "--engine", "agents"]) == 0
    assert "was made for" not in capsys.readouterr().out
    table.write_text("node,competitor\nmine,nobody\n")
    with pytest.raises(InputError, match=r"competitors\.csv:2: there is no node 'nobody' in the network"):
        recover(edges, 0.0, removed=["mine"], competitors=table)
    with pytest.raises(InputError, match="--competitors go with a network of another program"):
        recover(SCENARIOS / "cascade_37", 0.0, competitors=table)


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
    found = recover(edges, removed=["mine", "works", "kiosk"], restore=own, overrides={"cascade.beta": 0.5})
    assert [result.strategy for result in found.results] == ["given", "none"]
    assert (found.chosen.strategy, found.chosen.budget, found.plan.restore) == ("given", 35.0, ["works"])
    assert found.chosen.rn == found.cascade.run(found.chosen.removed, found.chosen.restored).rn


def test_where_nothing_was_searched_that_is_said(edges: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = edges.parent / "own.txt"
    own.write_text("works\n")
    words = ["recover", str(edges), "--remove", "7", "--count", "1"]
    for more, searched in (["--restore", str(own)], False), (["--strategy", "load-asc"], False), ([], True):
        assert main([*words, *more]) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert ("Nothing was searched. " in printed) is not searched
        assert ("Searched on cascade seed 1" in printed) is searched


def test_a_set_that_is_worse_than_nothing_is_noted(edges: Path) -> None:
    found = recover(edges, removed=["mine"], restore=["mine"])
    assert not [notice for notice in found.notices if "worse than" in notice]
    worse = replace(found.chosen, out_of_seed=found.chosen.out_of_seed - 9)
    assert "worse than restoring nothing" in _worse_than_nothing(replace(found, chosen=worse))


def near_the_customer(problem: RecoveryProblem) -> list[str]:
    """Retailers, as many as the budget allows."""
    network = problem.cascade.network
    retailers = [int(node) for node in problem.nodes if network.role_names[network.role[node]] == "retailer"]
    return [network.id_of(node) for node in retailers[: int(problem.budget)]]


def test_a_policy_of_ones_own_stands_beside_the_others(edges: Path) -> None:
    found = recover(edges, count=2, removed=["mine", "works", "kiosk", "shop"], strategy=near_the_customer)
    assert (found.chosen.strategy, sorted(found.plan.restore)) == ("near_the_customer", ["kiosk", "shop"])
    assert "near_the_customer" in found.tables_by_name()["strategies"].index
    with pytest.raises(InputError, match="its nodes take 12 of a budget of 1"):
        recover(edges, 1.0, removed=["kiosk", "shop"], strategy=lambda problem: ["kiosk"])


@pytest.mark.parametrize("given", [None, 5, "kiosk", [5], np.array([0])])
def test_a_policy_gives_ids_and_nothing_else(edges: Path, given: object) -> None:
    def mine(problem: RecoveryProblem) -> Any:
        return given

    with pytest.raises(InputError, match="mine: the policy must give ids"):
        recover(edges, count=1, removed=["kiosk"], strategy=mine)


def test_units_behind_columns_are_no_part_of_their_names_and_columns_not_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("Supplier,Customer,Volume (t),lead time\nmine,mill,30\nmill,shop,12,3\n")
    assert read_network(path).volumes == (30, 12)
    assert imported_scenario(path).notices == ("edges.csv: the column 'lead time' is not read",)
    path.write_text("supplier,customer,Volume (t),volume\nmine,mill,30,2\n")
    with pytest.raises(InputError, match=r"'Volume \(t\)' and 'volume' both say volumes"):
        read_network(path)


def test_volumes_that_cannot_be_traded_in_one_unit_are_one_problem_of_the_column(tmp_path: Path) -> None:
    path = tmp_path / "tiny.csv"
    path.write_text("supplier,customer,volume\na,b,0.00001\nb,c,0.00001\nq,b,100000000\n")
    with pytest.raises(InputError) as caught:
        recover(path, count=1, remove=1, strategy="none")
    assert len(caught.value.problems) == 1
    assert "tiny.csv: column 'volume': volumes from 1e-05 to 1e+08" in caught.value.problems[0]


def test_one_bar_has_room_for_title_and_legend(edges: Path, tmp_path: Path) -> None:
    found = recover(edges, count=1, removed=["kiosk"], strategy="none")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found.figures_by_name()["strategies"]().savefig(tmp_path / "strategies.png")


def test_a_policy_of_an_installed_package_is_a_strategy(edges: Path) -> None:
    words = [*ESC_SIM, "recover", str(edges), "--budget", "40", "--remove", "4", "--how", "load"]
    found = run([*words, "--strategy", "hubs-that-fit"], env=INSTALLED)
    assert found.returncode == 0, found.stderr
    assert "Restored by hubs-that-fit: works." in found.stdout  # three partners; the mine, with two, no longer fits


def test_the_command_names_all_strategies() -> None:
    assert set(NAMES) == {*strategy_names(), "compare"}
