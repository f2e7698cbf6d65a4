"""A competition network of one's own, loads that nodes state: in recover, in a run, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.recovery.run import recover
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.given import given_scenario
from esc_sim.scenario.tables import read_csv
from esc_sim.simulation import simulate

CASCADE = {"load": "stated", "beta": 0.5, "link_probability": 1.0, "alpha": 2.0}


def twins(**changes: Any) -> dict[str, Any]:
    """Two suppliers, each with a shop of its own: they share no partner, so nobody competes unless it is said."""
    nodes: list[dict[str, Any]] = [
        {"id": f"{role}_{k}", "role": role, "load": load, "initial_stock": 40, "target_stock": 40}
        for k in (1, 2)
        for role, load in (("supplier", 10), ("shop", 8))
    ]
    for node in nodes:
        node |= (
            {"production": {"mean": 8}} if node["role"] == "supplier" else {"order": {"mean": 8}, "demand": {"mean": 8}}
        )
    arcs = [{"buyer": f"shop_{k}", "supplier": f"supplier_{k}"} for k in (1, 2)]
    failure = {"name": "failure", "nodes": ["supplier_1"], "dates": [{"start": 3, "duration": 5}], "cascade": True}
    base = {"name": "twins", "nodes": nodes, "arcs": arcs, "cascade": CASCADE, "disruptions": [failure]}
    return base | {"run": {"periods": 10, "replications": 1}} | changes


PAIR = [{"node": "supplier_2", "competitor": "supplier_1"}]


def test_who_competes_is_said_by_the_scenario_and_it_changes_what_fails() -> None:
    alone, helped = (recover(twins(**more), 0.0, strategy="none") for more in ({}, {"competitors": PAIR}))
    assert (alone.chosen.rn, helped.chosen.rn) == (2, 3)  # supplier_2 takes the shop over that supplier_1 leaves
    assert [result.cascade.run([0]).new_links for result in (alone, helped)] == [0, 1]
    down = {
        name: int((simulate(content, engine="agents").item_health[:, 1] == 0).sum())
        for name, content in (("alone", twins()), ("helped", twins(competitors=PAIR)))
    }
    assert down == {"alone": 4, "helped": 0}  # shop_1 fails a round after its supplier, or not at all


def test_loads_are_those_that_nodes_state_and_what_is_unused_leaves_the_hash() -> None:
    run = recover(twins(), 10.0, strategy="load-asc")
    assert run.cascade.loads.tolist() == [10, 8, 10, 8]
    assert run.plan.restore == ["supplier_1"]
    plain = twins(cascade={"beta": 0.7})
    for node in plain["nodes"]:
        del node["load"]
    usual = scenario_hash(given_scenario(plain))
    unused = {"link_to": "best", "link_partners": True, "spare_once": False, "undirected_competition": False}
    assert scenario_hash(given_scenario(plain | {"cascade": {"beta": 0.7, **unused}, "competitors": []})) == usual
    assert scenario_hash(given_scenario(plain | {"cascade": {"beta": 0.7, "spare_once": True}})) != usual
    assert scenario_hash(given_scenario(plain | {"competitors": PAIR})) != usual


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"competitors": [{"node": "supplier_1", "competitor": "suplier_2"}]}, "did you mean 'supplier_2'?"),
        ({"competitors": [{"node": "supplier_1", "competitor": "supplier_1"}]}, "does not compete with itself"),
        ({"cascade": {"link_to": "some"}}, "link_to"),
    ],
)
def test_what_cannot_be_used_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refused:
        given_scenario(twins(**changes))
    assert message in str(refused.value)


def test_a_table_of_competitors_without_rows_is_refused() -> None:
    table = read_csv("node,competitor\n", "competitors", "competitors.csv")
    assert "competitors.csv: the table has no rows: where nobody competes, set cascade" in table.problems[0]
    assert not read_csv("id,role\n", "nodes", "nodes.csv").problems


def test_every_node_states_its_load_where_loads_are_stated() -> None:
    content = twins()
    del content["nodes"][1]["load"]
    with pytest.raises(InputError, match="this node states no load: give one to every node"):
        given_scenario(content)
