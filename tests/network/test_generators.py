"""Made-up networks: structure, numbers that let goods flow, and the shipped network of 1,000 nodes."""

from __future__ import annotations

from pathlib import Path

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim.errors import InputError
from esc_sim.network.generators.structure import layered_structure, scale_free_structure
from esc_sim.network.generators.trade import layered_scenario, scale_free_scenario
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from experiments import make_network_1000
from tests.helpers.networks import scenarios
from tests.helpers.runs import SCENARIOS, agents, compiled, differences, period

COUNTS = {"supplier": 12, "manufacturer": 5, "wholesaler": 4, "retailer": 30}


def assert_goods_flow(scenario: Scenario) -> None:
    """Undisrupted, customers get nearly all they want, and buyers all they order."""
    twin = compiled(scenario, range(2), disrupted=False, trace=False)
    demand, served = (period(twin, name).sum() for name in ("demand", "served"))
    assert served > 0.98 * demand
    assert period(twin, "contracted").sum() > 0.99 * period(twin, "ordered").sum()
    stock = period(twin, "stock")[0]
    assert 0.5 < stock[-1] / stock[0] < 1.5


def test_layers_all_linked_or_to_the_nearest() -> None:
    whole = layered_structure((3, 3, 2))
    assert whole.ids[:4] == ("retailer_1", "retailer_2", "retailer_3", "distributor_1")
    assert len(whole.arcs) == 3 * 3 + 3 * 2
    assert (whole.tier[whole.arcs[:, 0]] == whole.tier[whole.arcs[:, 1]] + 1).all()
    near = layered_structure((4, 2, 2), links=1)
    # Two shops in the south, two in the north: each to the distributor of its half.
    assert near.arcs.tolist() == [[4, 0], [4, 1], [5, 2], [5, 3], [6, 4], [7, 5]]


def test_every_role_of_a_scale_free_network_buys_upwards() -> None:
    structure = scale_free_structure(COUNTS, m=3, seed=4)
    assert [structure.roles.count(role) for role in COUNTS] == list(COUNTS.values())
    supplier, buyer = structure.arcs.T
    assert (structure.tier[supplier] > structure.tier[buyer]).all()
    graph = networkx.DiGraph(structure.arcs.tolist())
    assert networkx.is_weakly_connected(graph)
    assert networkx.is_directed_acyclic_graph(graph)
    assert len(graph) == 51
    assert max(dict(graph.degree()).values()) > 3 * np.mean(list(dict(graph.degree()).values()))
    assert len(set(zip(structure.x.tolist(), structure.y.tolist(), strict=True))) == 51


@pytest.mark.parametrize(
    ("sizes", "links", "message"),
    [
        ((3,), None, "sizes: 1 layers; there can be 2 to 6"),
        ((3, 0), None, "sizes.1: a layer of 0 nodes"),
        ((3, 2), 0, "links: 0 is not a number of suppliers"),
    ],
)
def test_impossible_layers(sizes: tuple[int, ...], links: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        layered_structure(sizes, links)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=6), st.sampled_from([None, 1, 2, 3]), st.integers(0, 99))
def test_layered_scenarios_run(sizes: list[int], links: int | None, seed: int) -> None:
    scenario = layered_scenario(sizes, links, seed=seed, periods=60)
    assert check_scenario(scenario) == []
    assert len(scenario.nodes) == sum(sizes)
    assert_goods_flow(scenario)


@settings(max_examples=8)
@given(st.integers(1, 4), st.integers(0, 99))
def test_scale_free_scenarios_run(m: int, seed: int) -> None:
    scenario = scale_free_scenario(COUNTS, m, seed=seed, periods=60)
    assert check_scenario(scenario) == []
    assert_goods_flow(scenario)


def test_generators_are_seeded() -> None:
    assert scale_free_scenario(COUNTS, seed=5) == scale_free_scenario(COUNTS, seed=5)
    assert scale_free_scenario(COUNTS, seed=5) != scale_free_scenario(COUNTS, seed=6)
    assert layered_scenario(seed=5) == layered_scenario(seed=5)
    assert layered_scenario(seed=5) != layered_scenario(seed=6)


def test_engines_agree_on_them() -> None:
    for scenario in (layered_scenario((6, 4, 3), 2, periods=40), scale_free_scenario(COUNTS, periods=40)):
        assert differences(agents(scenario, [0]), compiled(scenario, [0])) == []


def test_a_written_scenario_reads_as_it_was(tmp_path: Path) -> None:
    scenario = scale_free_scenario(COUNTS)
    files = write_scenario(scenario, tmp_path / "new", "Made for a test.\nSecond line.")
    assert sorted(path.name for path in files) == ["arcs.csv", "nodes.csv", "scenario.yaml"]
    assert files[-1].read_text(encoding="utf-8").startswith("# Made for a test.\n# Second line.\nversion: 1\n")
    read = read_scenario(tmp_path / "new")
    assert read.scenario == scenario
    assert read.warnings == []


@given(scenarios())
def test_any_scenario_survives_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, scenario: Scenario
) -> None:
    """Laws, lists, orders, stocks, disruptions and all."""
    folder = tmp_path_factory.mktemp("written")
    write_scenario(scenario, folder)
    assert load_scenario(folder) == scenario


def test_a_table_left_over_is_not_mixed_with_another_scenario(tmp_path: Path) -> None:
    (tmp_path / "stocks.csv").write_text("node,product\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"stocks.csv: would be read with this scenario, which has no such table"):
        write_scenario(layered_scenario(), tmp_path)


def test_the_script_makes_the_shipped_network_again(tmp_path: Path) -> None:
    shipped = SCENARIOS / "network_1000"
    for path in write_scenario(make_network_1000.scenario(), tmp_path, make_network_1000.COMMENT):
        assert path.read_bytes() == (shipped / path.name).read_bytes(), "run python -m experiments.make_network_1000"
    assert sum(path.stat().st_size for path in shipped.iterdir()) < 250_000


def test_the_shipped_network_runs_alike_in_both_engines() -> None:
    scenario = load_scenario(SCENARIOS / "network_1000", {"run.periods": 25})
    assert (len(scenario.nodes), len(scenario.arcs)) == (1000, 2994)
    assert scenario.data.status == "synthetic"
    runs = [run(scenario, [0]) for run in (agents, compiled)]
    assert differences(*runs) == []
    assert_goods_flow(scenario)
