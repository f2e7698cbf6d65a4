"""A network put together in Python, from tables or from a graph is the one of the files: same hash, same numbers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import yaml

import esc_sim as esc
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.tables import TABLES
from esc_sim.scenario.writing import write_scenario

pl = pytest.importorskip("polars")

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ["quickstart", "oil_gas"]


def values_beside(scenario: esc.Scenario) -> dict[str, Any]:
    """All that is no table, as objects."""
    return {name: getattr(scenario, name) for name in scenario.model_fields_set if name not in TABLES}


def in_code(scenario: esc.Scenario) -> esc.Scenario:
    """The same scenario, part by part."""
    arcs = list(scenario.arcs)
    for number, arc in scenario.options:
        arcs.insert(number, arc)
    empty = esc.Scenario(**values_beside(scenario))
    return empty.add(*scenario.products, *scenario.nodes, *arcs)


def frames_of(scenario: esc.Scenario, folder: Path, read: Callable[[Path], Any]) -> dict[str, Any]:
    write_scenario(scenario, folder)
    return {path.stem: read(path) for path in folder.glob("*.csv")}


def from_pandas(scenario: esc.Scenario, folder: Path) -> esc.Scenario:
    frames = frames_of(scenario, folder, pd.read_csv)
    frames["nodes"] = frames["nodes"].set_index("id")
    return esc.Scenario.from_tables(products=pd.DataFrame({"id": [p.id for p in scenario.products]}), **frames,
                                    **values_beside(scenario))  # fmt: skip


def from_polars(scenario: esc.Scenario, folder: Path) -> esc.Scenario:
    frames = frames_of(scenario, folder, lambda path: pl.read_csv(path, infer_schema_length=None))
    return esc.Scenario.from_tables(
        products=pl.DataFrame({"id": [p.id for p in scenario.products]}), **frames, **values_beside(scenario)
    )


def from_texts(scenario: esc.Scenario, folder: Path) -> esc.Scenario:
    frames = frames_of(
        scenario, folder, lambda path: pd.DataFrame(list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())))
    )
    return esc.Scenario.from_tables(products=pd.DataFrame({"id": [p.id for p in scenario.products]}), **frames,
                                    **values_beside(scenario))  # fmt: skip


def from_graph(scenario: esc.Scenario, folder: Path) -> esc.Scenario:
    graph: nx.DiGraph[str] = nx.DiGraph()
    rows = frames_of(scenario, folder, lambda path: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())))
    texts = {"id", "name", "role", "market", "buyer", "supplier", "product", "law", "policy", "region"}

    def fields(row: dict[str, str]) -> dict[str, Any]:
        found = {}
        for key, cell in row.items():
            if cell and key not in ("id", "buyer", "supplier"):
                text = key.rpartition(".")[2] in texts
                whole = key == "layer"
                found[key] = cell if text else cell == "true" if cell in ("true", "false") else (
                    int(cell) if whole else float(cell)
                )  # fmt: skip
        return found

    for row in rows["nodes"]:
        graph.add_node(row["id"], **fields(row))
    for row in rows["arcs"]:
        graph.add_edge(row["supplier"], row["buyer"], **fields(row))
    return esc.Scenario.from_networkx(graph, products=scenario.products, **{
        key: value for key, value in values_beside(scenario).items() if key != "products"
    })  # fmt: skip


WAYS: dict[str, Callable[[esc.Scenario, Path], esc.Scenario]] = {
    "code": lambda scenario, folder: in_code(scenario),
    "pandas": from_pandas,
    "polars": from_polars,
    "texts": from_texts,
    "graph": from_graph,
    "dict": lambda scenario, folder: esc.Scenario(**yaml.safe_load(scenario.to_yaml())),
}


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_scenario_of_the_files(tmp_path: Path, name: str, way: str) -> None:
    read = esc.load_scenario(ROOT / "scenarios" / name)
    made = WAYS[way](read, tmp_path / "tables")
    made.check()
    # A graph lists the arcs supplier by supplier.
    order = (lambda arc: (arc.supplier, arc.buyer)) if way == "graph" else lambda arc: 0
    same = [one.model_copy(update={"arcs": sorted(one.arcs, key=order)}) for one in (made, read)]
    assert scenario_hash(same[0]) == scenario_hash(same[1])
    assert len(made.options) == len(read.options)
    runs = [esc.simulate(one, replications=1, seed=3, engine="agents", overrides={"run.periods": 20}) for one in same]
    assert np.array_equal(runs[0].values, runs[1].values)


@pytest.mark.parametrize("name", SHIPPED)
def test_yaml_is_read_back_as_it_was(tmp_path: Path, name: str) -> None:
    read = esc.load_scenario(ROOT / "scenarios" / name)
    file = tmp_path / "made" / "scenario.yaml"
    assert read.to_yaml(file) == file.read_text(encoding="utf-8")
    again = esc.load_scenario(file)
    assert scenario_hash(again) == scenario_hash(read)
    assert again.options == read.options
    with pytest.raises(esc.InputError, match=r"name one, such as scenario\.yaml"):
        read.to_yaml(tmp_path / "made" / "scenario.csv")
    (tmp_path / "made" / "nodes.csv").write_text("id\n")
    with pytest.raises(esc.InputError, match=r"nodes.csv: would be read with this scenario"):
        read.to_yaml(file)


SHOP = esc.Node(id="shop", initial_stock=20, demand=esc.Demand(mean=10, sd=2, price=50), order=esc.MeanOrder(mean=10))
FACTORY = esc.Node(id="factory", initial_stock=30, target_stock=30, production=esc.Production(mean=11))
ARC = esc.Arc(buyer="shop", supplier="factory", price=30, lead_time=1)


def two(**changes: Any) -> esc.Scenario:
    return esc.Scenario(**{"name": "two", "nodes": [SHOP, FACTORY], "arcs": [ARC]} | changes)


def problem_of(action: Callable[[], object]) -> str:
    with pytest.raises(esc.InputError) as caught:
        action()
    (problem,) = caught.value.problems
    return problem


def typed_arcs(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"buyer": ["shop"], "supplier": ["factory"], **columns})


NODES = pd.DataFrame({"id": ["shop", "factory"]})
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "mistyped supplier": (
        lambda: two(arcs=[esc.Arc(buyer="shop", supplier="factry")]).check(),
        "arc factry -> shop: supplier: there is no node 'factry'; did you mean 'factory'?",
    ),
    "mistyped supplier, run": (
        lambda: esc.simulate(two(arcs=[esc.Arc(buyer="shop", supplier="factry")])),
        "arc factry -> shop: supplier: there is no node 'factry'; did you mean 'factory'?",
    ),
    "mistyped supplier, dict": (
        lambda: esc.simulate({"name": "a", "nodes": [{"id": "s"}], "arcs": [{"buyer": "s", "supplier": "f"}]}),
        "arc f -> s: supplier: there is no node 'f'",
    ),
    "mistyped supplier, frame": (
        lambda: esc.Scenario.from_tables(nodes=NODES, arcs=typed_arcs(supplier=["factry"])),
        "arc factry -> shop: supplier: there is no node 'factry'; did you mean 'factory'?",
    ),
    "mistyped supplier, graph": (
        lambda: esc.Scenario.from_networkx(nx.DiGraph([("factory", "shop", {"lead_tim": 2})])),
        "arc factory -> shop: lead_tim: unknown key; did you mean 'lead_time'?",
    ),
    "law without an end": (
        lambda: two(arcs=[esc.Arc(buyer="shop", supplier="factory", lead_time=esc.Gamma(mean=2, sd=1))]).check(),
        "arc factory -> shop: lead_time: this law has no longest lead time: add max_lead_time to the arc",
    ),
    "no column": (
        lambda: esc.Scenario.from_tables(nodes=NODES, arcs=typed_arcs().drop(columns="supplier")),
        "table arcs: column 'supplier' is missing",
    ),
    "unknown column": (
        lambda: esc.Scenario.from_tables(nodes=NODES, arcs=pl.DataFrame(typed_arcs(leadtime=[2]))),
        "table arcs: column 'leadtime': unknown column; did you mean 'lead_time'?",
    ),
    "cell": (
        lambda: esc.Scenario.from_tables(nodes=NODES, arcs=typed_arcs(price=["dear"])),
        "arc factory -> shop: price: a number belongs here, not 'dear'",
    ),
    "empty cell": (
        lambda: esc.Scenario.from_tables(nodes=pd.DataFrame({"id": ["shop", None], "role": ["a", "b"]})),
        "nodes.1: 'id' is missing",
    ),
    "no frame": (
        lambda: esc.Scenario.from_tables(nodes=["shop"]),
        "nodes: a data frame belongs here (pandas, polars, Arrow), not list",
    ),
    "misspelt table": (
        lambda: esc.Scenario.from_tables(nodes=NODES, disruption=[]),
        "disruption: unknown key; did you mean 'disruptions'?",
    ),
    "undirected": (
        lambda: esc.Scenario.from_networkx(nx.Graph([("factory", "shop")])),  # type: ignore[arg-type]
        "from_networkx: edges lead from supplier to buyer, so give a DiGraph, not an undirected graph",
    ),
    "attribute": (
        lambda: esc.Scenario.from_networkx(nx.DiGraph([("f", "s", {"price": 3, "price.mean": 3})])),
        "f -> s: 'price.mean' is given in two ways; keep one",
    ),
    "field": (
        lambda: esc.Node(id="shop", initial_stok=3),
        "node shop: initial_stok: unknown key; did you mean 'initial_stock'?",
    ),
    "value": (
        lambda: esc.Arc(buyer="shop", supplier="factory", lead_time="2"),
        "arc factory -> shop: lead_time: a number belongs here, not '2': leave the quotes out",
    ),
    "part": (
        lambda: two().add(esc.Run(periods=3)),
        "add: a scenario has no list of Run; its lists are of Product, Node, StockLine, Arc, Lane, Recipe, Taker, "
        "CropField, Amendment, Market, RollingPlan, Disruption, JointDisruption, Correlation, Competition",
    ),
    "nothing": (lambda: esc.Scenario(name="two").check(), "scenario two: no nodes: a network needs at least one"),
    "kind": (
        lambda: esc.simulate(NODES),  # type: ignore[arg-type]
        "scenario: the path of a scenario, a dict or a Scenario belongs here, not pandas.DataFrame; "
        "tables are for Scenario.from_tables, graphs for Scenario.from_networkx",
    ),
    "option": (
        lambda: esc.simulate(two(), sed=3),  # type: ignore[call-arg]
        "simulate: there is no option 'sed'; did you mean 'seed'?",
    ),
    "seed": (
        lambda: esc.sweep(two(), {"run.warm_up": [0, 5]}, seed="first"),  # type: ignore[arg-type]
        "sweep: seed: a whole number belongs here, not 'first'",
    ),
    "argument": (
        lambda: esc.sweep(two(), {"run.warm_up": [0, 5]}, replication=3),  # type: ignore[call-arg]
        "sweep: there is no option 'replication'; did you mean 'replications'?",
    ),
    "option of others": (
        lambda: esc.recover(two(), 3.0, engine="agents"),
        "recover: takes no option 'engine'; its options are seed, workers, dask, executor, progress, command",
    ),
    "tables of a dict": (
        lambda: esc.simulate({"name": "a", "tables": "book.xlsx"}),
        "tables: files stand beside a scenario.yaml: give its path, or frames to Scenario.from_tables",
    ),
    "switch": (
        lambda: esc.simulate(two(), overrides={"variant": "linear"}),
        "override 'variant': the scenario has been read, and what its switches left out is gone: "
        "give its path, or its dict",
    ),
    "replications": (
        lambda: esc.simulate(two(), replications=2.5),  # type: ignore[arg-type]
        "replications: a whole number belongs here, not 2.5",
    ),
    "path of a scenario": (lambda: esc.load_scenario(5), "scenario: a path belongs here, not int"),  # type: ignore[arg-type]
    "path of a plan": (
        lambda: esc.simulate(two(), plan=5),  # type: ignore[arg-type]
        "plan: a path belongs here, not int",
    ),
    "path of results": (
        lambda: esc.sweep(two(), {"run.periods": [5, 6]}, out=5),  # type: ignore[arg-type]
        "out: a path belongs here, not int",
    ),
    "variants": (
        lambda: esc.compare(two(), ["a", "b"]),  # type: ignore[arg-type]
        "variants: give them by name, as a dict, not list",
    ),
    "what is varied": (
        lambda: esc.sweep(two(), ["run.periods=5,6"]),  # type: ignore[list-item]
        "vary: give a dict such as {'run.periods': [30, 60]}, not a list",
    ),
    "far too many": (
        lambda: esc.simulate(two(), replications=10**12),
        "replications: at most 100,000,000 can be run, not 1,000,000,000,000",
    ),
    "first": (
        lambda: esc.simulate(two(), first=-1),
        "first: -1 is not the number of a replication; give 0 or more",
    ),
    "population": (
        lambda: esc.optimize("scenarios/oil_gas", population="many"),  # type: ignore[arg-type]
        "population: a whole number belongs here, not 'many'",
    ),
    "overrides": (
        lambda: esc.simulate(two(), overrides=5),  # type: ignore[arg-type]
        "overrides: 5 cannot be read as changes; give a dict such as {'run.periods': 100}",
    ),
    "variant": (
        lambda: esc.compare(two(), {"a": {}, "b": None}),  # type: ignore[dict-item]
        "overrides: nothing cannot be read as changes; give a dict such as {'run.periods': 100}",
    ),
    "number for a key": (
        lambda: esc.simulate({"name": "a", "nodes": [{"id": "a"}], 5: 6}),
        "5: keys should be strings (here: 5)",
    ),
    "column twice": (
        lambda: esc.Scenario.from_tables(nodes=pd.concat([NODES, NODES[["id"]]], axis=1)),
        "table nodes: column 'id': the column stands here twice",
    ),
    "column and index": (
        lambda: esc.Scenario.from_tables(nodes=NODES.set_index("id", drop=False)),
        "table nodes: column 'id': the column stands here twice",
    ),
    "nodes beside a graph": (
        lambda: esc.Scenario.from_networkx(nx.DiGraph([("factory", "shop")]), nodes=[]),
        "nodes: they come from the graph; leave them out",
    ),
    "health": (
        lambda: esc.SupplyChainModel(two()).disrupt("shop", -3),
        "disrupt shop: health: a share from 0 to 1 belongs here, not -3",
    ),
    "precision": (
        lambda: esc.simulate(two(), precision="fine"),  # type: ignore[arg-type]
        "precision: 'fine' is not a share between 0 and 1; give 0.01 for 1 %",
    ),
    "members": (
        lambda: esc.simulate(two(), members=esc.SupplyAgent),  # type: ignore[arg-type]
        "members: give them by name, as a dict, not type",
    ),
    "measures": (
        lambda: esc.simulate(two(), measures={5: max}),  # type: ignore[dict-item]
        "measures: give them by name, as a dict whose keys are names",
    ),
    "policies": (
        lambda: esc.simulate(two(), policies=5),  # type: ignore[arg-type]
        "policies: give them by name, as a dict, not int",
    ),
    "values": (
        lambda: esc.sweep(two(), {"run.warm_up": 5}),  # type: ignore[dict-item]
        "parameter 'run.warm_up': a list of values belongs here, not 5",
    ),
    "kpi": (
        lambda: esc.sweep(two(), {"run.warm_up": [0, 5]}, kpis="fil_rate"),
        "--kpi fil_rate: there is no such key figure; did you mean 'fill_rate'?",
    ),
    "stressor": (
        lambda: esc.stress(two(), duration=3, only="factry"),
        "--only factry: nothing of that name is put out; did you mean 'factory'?",
    ),
    "budget": (
        lambda: esc.recover("scenarios/cascade_37", None, remove=3),
        "budget: say how much load may be restored (--budget), or how many nodes (--count)",
    ),
    "seed of recover": (
        lambda: esc.recover("scenarios/cascade_37", 3.0, remove=3, seed=-4),
        "recover: seed: -4 is not between 0 and 2^64 - 1",
    ),
    "one": (
        lambda: esc.compare(two()),
        "compare needs at least two variants or scenarios, each with a name of its own",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_one_message_that_names_object_and_field(name: str) -> None:
    action, message = WRONG[name]
    if name == "mistyped supplier, dict":
        assert problem_of(action).startswith(message)
    else:
        assert problem_of(action) == message


def test_numbers_of_numpy_are_numbers_and_stand_in_manifests(tmp_path: Path) -> None:
    how = esc.Options(seed=np.int64(3))
    changes = {"run.periods": np.int64(9), "nodes.shop.initial_stock": np.float32(4.5)}
    assert esc.simulate(two(), replications=np.int64(2), overrides=changes, **how).values.shape[:2] == (2, 9)
    esc.compare(two(), {"a": {}, "b": changes}, replications=np.int64(2), out=tmp_path / "both", **how)
    esc.sweep(two(), {"run.warm_up": [0, 5]}, replications=np.int64(2), out=tmp_path / "sweep", **how)
    assert json.loads((tmp_path / "both/manifest.json").read_text())["seed"] == 3


def test_every_door_takes_a_path_a_dict_and_a_scenario(tmp_path: Path) -> None:
    made = two(run=esc.Run(periods=10, replications=2))
    file = tmp_path / "scenario.yaml"
    made.to_yaml(file)
    how = esc.Options(seed=7, workers=1, engine="agents")
    doors: list[Callable[[Any], Any]] = [
        lambda given: esc.simulate(given, **how).values.tolist(),
        lambda given: [row.value.mean for row in esc.compare(given, {"a": {}, "b": {"run.warm_up": 2}}, **how).rows],
        lambda given: esc.sweep(given, {"arcs.shop/factory.price": [20, 30]}, seed=7).table.to_numpy().tolist(),
        lambda given: esc.stress(given, duration=2.0, what=["nodes"], starts=1, **how).table["impact"].tolist(),
        lambda given: _stepped(esc.SupplyChainModel(given, seed=7)),
    ]
    for door in doors:
        found = [repr(door(given)) for given in (file, made, yaml.safe_load(made.to_yaml()))]
        assert found[0] == found[1] == found[2]


def _stepped(model: esc.SupplyChainModel) -> list[float]:
    model.run(5)
    return [float(value) for value in model.recorder.periods[-1]]


def test_values_of_numpy_and_tuples_are_read_as_plain_ones() -> None:
    demand = esc.Demand(mean=np.int64(3), season=(1, 2.0, np.float64(3)))  # type: ignore[arg-type]
    assert demand == esc.Demand(mean=3.0, season=[1.0, 2.0, 3.0])
    assert esc.Discrete(values=np.array([1, 7]), probabilities=(0.5, 0.5)).values == [1.0, 7.0]  # type: ignore[arg-type]


def test_switches_of_a_dict_hold() -> None:
    data = yaml.safe_load(two().to_yaml()) | {"switches": {"dear": True}}
    data["arcs"].append(data["arcs"][0] | {"price": 99.0, "when": "dear"})
    data["arcs"][0]["when"] = "not dear"
    runs = [esc.simulate(data, replications=1, overrides={"switches.dear": on}) for on in (True, False)]
    assert [run.scenario.arcs[0].price for run in runs] == [99.0, 30.0]


def test_series_come_from_frames_with_dates() -> None:
    days = pd.date_range("2026-03-01", periods=3)
    nodes = pd.DataFrame({"id": ["shop"], "demand.series": ["asked"], "demand.then": ["hold"]})
    series = pd.DataFrame({"asked": [1, 2, 3.5]}, index=days)
    made = esc.Scenario.from_tables(nodes=nodes, series=series)
    assert made.series == {"asked": [1.0, 2.0, 3.5]}
    assert (made.run.start, made.run.step) == ("2026-03-01", "1 day")


def test_a_scenario_read_can_be_added_to(tmp_path: Path) -> None:
    read = esc.load_scenario(ROOT / "scenarios" / "oil_gas")
    more = read.add(esc.Node(id="tank", role="storage"), esc.Product(id="gas"))
    assert more.folder == read.folder
    assert [product.id for product in more.products] == ["oil", "gas"]
    assert more.options == read.options
    assert (len(more.nodes), len(read.nodes)) == (14, 13)
    assert [product.id for product in two().add(esc.Product(id="juice")).products] == ["juice"]


def test_parts_do_not_change() -> None:
    scenario = two()
    for part, name in ((scenario, "name"), (scenario.nodes[0], "id"), (scenario, "nme")):
        said = f"{type(part).__name__}.{name}: parts do not change: use add or model_copy(update={{'{name}': ...}})"
        assert problem_of(lambda part=part, name=name: setattr(part, name, "q")).startswith(said)
        assert problem_of(lambda part=part, name=name: delattr(part, name)).startswith(said)


def test_completion_leaves_out_what_pydantic_has_given_up() -> None:
    offered = set(dir(two()))
    assert not offered & {"construct", "copy", "dict", "json", "from_orm", "parse_obj", "schema", "validate"}
    assert {"add", "check", "fields", "model_copy", "nodes", "to_yaml"} <= offered


def test_whole_numbers_are_asked_for_as_they_are_written() -> None:
    said = "run: periods: a whole number belongs here, not 1000000000.0: write 1000000000"
    assert problem_of(lambda: esc.Run(periods=1e9)) == said  # type: ignore[arg-type]


def test_endless_names_are_cut() -> None:
    endless = "x" * 100_000
    cut = 57 * "x" + "..."
    assert problem_of(lambda: esc.Node(id=endless)) == f"node {cut}: id: too long: at most 120 characters"
    said = problem_of(lambda: esc.simulate(two(), overrides={f"nodes.{endless}.capacity": 3}))
    assert said.startswith(f"override 'nodes.{cut[6:]}': 'nodes' has no entry '{cut}'; entries: ")
    assert problem_of(lambda: esc.load_scenario(endless)).startswith(f"{cut}: cannot be read: ")
    longest = "y" * 120
    assert f"'{longest}'" in problem_of(lambda: two().add(esc.Arc(buyer=longest, supplier="factory")).check())
