"""What the page says of a run: key figures, states, book, map, charts, log; without a browser."""

from __future__ import annotations

import json
import math
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import solara
from ipyvue import VueTemplate

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.risk.measures import conditional_value_at_risk
from esc_sim.scenario.reader import load_scenario
from esc_sim.views.page.book import book_of
from esc_sim.views.page.content import (
    book_content,
    bullwhip_content,
    group_content,
    legend_content,
    log_content,
    node_rows,
    strip_content,
)
from esc_sim.views.page.key_figures import KeyFigure, key_figures
from esc_sim.views.page.label_sides import sides
from esc_sim.views.page.map_card import _tools
from esc_sim.views.page.map_chart import LARGE, map_option
from esc_sim.views.page.map_plan import BOX, MapPlan, Places, possible_places
from esc_sim.views.page.members_chart import members_option
from esc_sim.views.page.show import Show
from esc_sim.views.page.state import PageState
from esc_sim.views.page.states import STATES, node_states
from esc_sim.views.page.time_charts import MOST_POINTS, PANELS, charts_option, folded
from esc_sim.views.page.what_if import WhatIf
from tests.helpers.networks import scenario_of
from tests.page.conftest import ROOT
from tests.page.networks import write_layered
from tests.page.shows import show_of_scenario

BASE, TWIN = "Scenario as written", "Without disruptions"


def show_of(name: str, periods: int = 0, **changed: Any) -> Show:
    show = show_of_scenario(load_scenario(ROOT / "scenarios" / name, changed))
    show.step(periods)
    return show


def column(show: Show, name: str, run: int = 0) -> np.ndarray:
    return show.runs[run].periods[:, PERIOD_COLUMNS.index(name)]


@pytest.fixture(scope="module")
def oil_gas() -> Show:
    return show_of("oil_gas", 60)


def option_of(show: Show, places: Places | None = None, **choices: Any) -> dict[str, Any]:
    run = show.runs[0]
    plan = MapPlan.of(run, places or possible_places(run.model.instance.network)[0])
    return map_option(run, plan, goods="unit", period="day", **choices)


def test_stepping_is_one_long_run_and_stops_at_the_horizon() -> None:
    show = show_of("quickstart", 17)
    show.step(30)
    show.step(10_000)
    assert show.finished
    assert show.day == show.horizon == 180
    model = SupplyChainModel(load_scenario(ROOT / "scenarios" / "quickstart"))
    model.run()
    assert np.array_equal(show.runs[0].periods, model.recorder.periods)


def test_two_runs_share_their_random_numbers() -> None:
    show = show_of("oil_gas")
    show.reset(WhatIf(BASE), WhatIf(TWIN), 7, 3)
    show.step(80)
    assert np.array_equal(column(show, "demand", 0), column(show, "demand", 1))
    assert column(show, "penalty", 0).sum() > 0
    assert column(show, "penalty", 1).sum() == 0
    show.reset(WhatIf(BASE), None, 7, 4)
    show.step(80)
    assert len(show.runs) == 1
    assert column(show, "demand")[-1] != 0


def test_key_figures_are_those_of_the_periods(oil_gas: Show) -> None:
    figures = {figure.label: figure.value for figure in key_figures(oil_gas.runs[0], oil_gas.scenario)}
    cost = column(oil_gas, "cost")
    assert figures == {
        "Profit so far": pytest.approx(column(oil_gas, "profit").sum()),
        "Profit": pytest.approx(column(oil_gas, "profit").mean()),
        "Cost": pytest.approx(cost.mean()),
        "CVaR 95 % of cost": conditional_value_at_risk(cost, 0.95),
        "Fill rate": pytest.approx(column(oil_gas, "served").sum() / column(oil_gas, "demand").sum()),
        "Demand late or lost": pytest.approx((column(oil_gas, "demand") - column(oil_gas, "served")).sum()),
        "Contracts kept": pytest.approx(column(oil_gas, "shipped").sum() / column(oil_gas, "contracted").sum()),
    }


def test_figures_before_the_first_step_have_no_value() -> None:
    show = show_of("oil_gas")
    assert all(math.isnan(figure.value) for figure in key_figures(show.runs[0], show.scenario))
    assert {figure["text"] for figure in strip_content(show)} == {"\N{EN DASH}"}


def test_differences_are_second_less_first() -> None:
    assert KeyFigure("x", 10.0, "EUR").difference(KeyFigure("x", 12.5, "EUR")) == "+2.5"
    assert (
        KeyFigure("x", 0.9, "", share=True).difference(KeyFigure("x", 0.85, "", share=True)) == "\N{MINUS SIGN}5 points"
    )
    assert KeyFigure("x", math.nan, "").difference(KeyFigure("x", 1.0, "")) == ""


def states_by_day(show: Show, node: str, days: int) -> list[str]:
    place, found = show.runs[0].model.instance.network.node_index[node], []
    for _ in range(days):
        show.step()
        found.append(node_states(show.runs[0].model)[place].name)
    return found


def test_states_over_a_dated_disruption_with_recovery() -> None:
    strike = {"name": "strike", "nodes": ["factory_near"], "recovery": {"duration": 4}}
    show = show_of("quickstart", disruptions=[strike | {"dates": [{"start": 2, "duration": 3}], "health": 0.1}])
    states = states_by_day(show, "factory_near", 12)
    assert states == ["normal"] * 2 + ["disrupted"] * 3 + ["recovering"] * 4 + ["normal"] * 3
    show = show_of("quickstart", disruptions=[strike | {"dates": [{"start": 1, "duration": 2}]}])
    states = states_by_day(show, "factory_near", 8)
    # Linear recovery begins at the disruption's end with what was left, which is nothing.
    assert states[:3] == ["normal", "failed", "failed"]
    assert set(states[3:7]) == {"recovering"}
    assert states[7] == "normal"


def test_nodes_that_fail_in_a_cascade_are_told_from_those_that_were_hit() -> None:
    show = show_of("cascade_37", disruptions=[FAILURE])
    show.step(4)
    network = show.runs[0].model.instance.network
    names = {node: state.name for node, state in zip(network.node_ids, node_states(show.runs[0].model), strict=True)}
    fell = {text.split(":")[0] for text in (entry["text"] for entry in log_content(show)) if "failed in the" in text}
    assert {node for node, name in names.items() if name == "failed in a cascade"} == fell != set()
    assert {names[node] for node in FAILURE["nodes"]} == {"failed"}  # type: ignore[union-attr]
    assert "failed in a cascade" in {state["name"] for state in legend(show)["states"]}
    assert "failed in a cascade" not in {state["name"] for state in legend(show_of("quickstart"))["states"]}
    show.step(8)
    assert {state.name for state in node_states(show.runs[0].model)} == {"normal"}


FAILURE = {
    "name": "failure", "nodes": ["0", "6", "7", "9", "15", "24", "30"], "dates": [{"start": 1, "duration": 6}],
    "cascade": True,
}  # fmt: skip


def legend(show: Show) -> dict[str, Any]:
    return legend_content(show.runs[0], show.scenario.units, "flow")


def test_states_by_hand_show_at_once() -> None:
    show = show_of("quickstart", 3)
    warehouse = show.runs[0].model.instance.network.node_index["warehouse"]
    for health, state in ((0.0, "failed"), (0.5, "disrupted"), (0.0, "failed")):
        show.disrupt("warehouse", health)
        assert node_states(show.runs[0].model)[warehouse].name == state
        show.step()
        assert node_states(show.runs[0].model)[warehouse].name == state
    show.restore("warehouse")
    assert {state.name for state in node_states(show.runs[0].model)} == {"normal"}


def test_states_differ_in_colour_and_in_marker() -> None:
    for feature in ("name", "colour", "symbol", "path"):
        assert len({getattr(state, feature) for state in STATES}) == len(STATES)


def test_the_book_balances(oil_gas: Show) -> None:
    for agent in oil_gas.runs[0].model.members:
        book = book_of(oil_gas.runs[0], agent.node_id, "unit", "EUR")
        money = {line.label: line.value for line in book.money}
        assert money["profit"] == pytest.approx(sum(value for name, value in money.items() if name != "profit"))
        orders = {line.label: line.value for line in book.orders}
        assert sum(bid.accepted for bid in book.bids_made) == orders.get("contracted from suppliers", 0.0)
        assert sum(bid.accepted for bid in book.bids_received) == orders.get("sold by contract", 0.0)
        assert sum(bid.shipped for bid in book.bids_received) == orders.get("shipped", 0.0)
        assert next(line.value for line in book.stock if line.label == "on hand") == agent.on_hand
        assert {bid.answer for bid in book.bids_made} <= {"accepted", "in part", "refused"}


def test_the_book_shows_what_orders_and_disposal_cost() -> None:
    perishing = {"nodes.depot.shelf_life": 3, "nodes.depot.disposal_cost": 2}
    show = show_of("stock_levels", **perishing)
    seen: set[str] = set()
    for _ in range(20):
        show.step()
        run = show.runs[0]
        members = run.model.instance.network.node_ids
        for node in members:
            money = {line.label: line.value for line in book_of(run, node, "unit", "EUR").money}
            total = sum(value for name, value in money.items() if name != "profit")
            assert money["profit"] == pytest.approx(total)
            seen.update(money)
        books = [book_of(run, node, "unit", "EUR").money[-1].value for node in members]
        assert sum(books) == pytest.approx(show.runs[0].periods[-1, PERIOD_COLUMNS.index("profit")])
    assert {"fixed cost of orders", "disposal"} <= seen


def test_the_stock_in_the_book_is_that_of_the_node_s_items(oil_gas: Show) -> None:
    run = oil_gas.runs[0]
    books = run.model.books
    for node, name in enumerate(run.model.instance.network.node_ids):
        (item,) = run.model.items_of_node[node]
        expected = {"on hand": books.items[item].stock, "kept back (safety stock)": books.items[item].safety_stock}
        if books.items[item].target_stock < math.inf:
            expected["target"] = books.items[item].target_stock
        if item in books.of_arcs("buyer"):  # who buys from nobody has nothing under way
            expected["under way to here"] = books.items[item].in_transit
        assert {line.label: line.value for line in book_of(run, name, "unit", "EUR").stock} == expected


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({}, "retailer:"),
        ({"name": "shop_north"}, "retailer:"),
        ({"name": "Our shop"}, "Our shop, retailer:"),
        ({"name": "Our shop", "region": "north"}, "Our shop, retailer, north:"),
    ],
)
def test_the_book_says_what_its_node_is(changes: dict[str, str], about: str) -> None:
    given = {"name": "", "region": None} | changes | {"role": "retailer"}
    scenario = load_scenario(ROOT / "scenarios" / "quickstart")
    place = [node.id for node in scenario.nodes].index("shop_north")
    node = scenario.nodes[place].model_copy(update=given)
    nodes = [*scenario.nodes[:place], node, *scenario.nodes[place + 1 :]]
    content = book_content(show_of_scenario(scenario.model_copy(update={"nodes": nodes})), "shop_north")
    assert content is not None
    assert (content["name"], content["about"]) == ("shop_north", about)


def test_the_book_of_two_runs_has_two_columns() -> None:
    show = show_of("oil_gas")
    show.reset(WhatIf(BASE), WhatIf(TWIN), 1, 0)
    show.step(30)
    content = book_content(show, "refinery_3")
    assert content["letters"] == ["Mine", "Baseline"]
    assert all(len(row["values"]) == 2 for table in content["tables"] for row in table["rows"])
    assert {table["name"].partition(", ")[2] for table in content["bids"]} == {"Mine", "Baseline"}


def test_a_broken_contract_shows_in_the_answers() -> None:
    show = show_of("oil_gas", 5)
    show.disrupt("refinery_3", 0.0)
    show.step()
    content = book_content(show, "refinery_3")
    received = next(table for table in content["bids"] if table["name"] == "Bids received, Mine")
    assert any(bid["answer"] == "accepted, 0 shipped" for bid in received["rows"])
    assert content["by_hand"]


def test_the_map_shows_every_member_and_the_period_s_flows(oil_gas: Show) -> None:
    model = oil_gas.runs[0].model
    graph = option_of(oil_gas)["series"][0]
    assert [datum["name"] for datum in graph["data"]] == list(model.instance.network.node_ids)
    assert sum(link["value"] for link in graph["links"]) == pytest.approx(sum(model.books.of_items("shipped")), abs=1.0)
    fullest = max(range(len(model.members)), key=oil_gas.runs[0].members.stock_share)
    assert max(graph["data"], key=lambda datum: datum["symbolSize"])["node"] == fullest
    wide = max(graph["links"], key=lambda link: link["lineStyle"]["width"])
    assert wide["value"] == max(link["value"] for link in graph["links"])
    json.dumps(option_of(oil_gas), allow_nan=False)


def test_the_map_marks_failed_nodes_new_links_and_links_that_are_out() -> None:
    road = {"name": "road", "arcs": [{"buyer": "retailer_1", "supplier": "terminal_1"}], "probability": 1.0}
    show = show_of("oil_gas", 10, disruptions=[road])
    show.disrupt("refinery_3", 0.0)
    show.step(12)
    graph = option_of(show)["series"][0]
    names = [datum["name"] for datum in graph["data"]]
    kinds = {(names[link["source"]], names[link["target"]]): link["kind"] for link in graph["links"]}
    assert kinds["terminal_1", "retailer_1"] == "out"
    assert "new" in kinds.values()
    looks = {link["kind"]: link["lineStyle"].get("type", "solid") for link in graph["links"]}
    assert looks["new"] == "dashed"
    assert looks["out"] == "dotted"
    failed = next(datum for datum in graph["data"] if datum["name"] == "refinery_3")
    assert failed["state"] == "failed"


def test_width_may_show_what_is_on_the_road() -> None:
    show = show_of("quickstart", 30)
    links = option_of(show, width="on the road")["series"][0]["links"]
    assert sum(link["value"] for link in links) == pytest.approx(sum(show.runs[0].model.watch.on_road), abs=0.1)  # type: ignore[union-attr]
    flows = option_of(show)["series"][0]["links"]
    assert [link["value"] for link in links] != [link["value"] for link in flows]


def test_layouts_fill_the_box_and_keep_proportions(oil_gas: Show) -> None:
    network = oil_gas.runs[0].model.instance.network
    assert possible_places(network) == ["coordinates", "layers"]
    run = oil_gas.runs[0]
    by_place, by_layer = MapPlan.of(run, "coordinates"), MapPlan.of(run, "layers")
    for plan in (by_place, by_layer):
        assert (plan.points >= -1e-9).all()
        assert (plan.points <= np.array(BOX) + 1e-9).all()
    spread = np.ptp(by_place.points, axis=0)
    assert spread[0] / spread[1] == pytest.approx(np.ptp(network.x) / np.ptp(network.y))
    assert np.ptp(by_layer.points[:, 0]) == pytest.approx(BOX[0])
    assert [words for _, words in by_layer.heads()] == [
        "producer (2)", "storage (2)", "refinery (3)", "terminal (3)", "retailer (3)",
    ]  # fmt: skip


def test_near_shows_partners_only(oil_gas: Show) -> None:
    data = option_of(oil_gas, "layers", selected="refinery_3", near=1)["series"][0]["data"]
    assert {datum["name"].rsplit("_", 1)[0] for datum in data} == {"storage", "refinery", "terminal"}
    assert len(data) == 6
    assert len(option_of(oil_gas, selected="refinery_3", near=2)["series"][0]["data"]) == 13


def test_a_large_network_is_drawn_in_bundles(tmp_path: Path) -> None:
    scenario = load_scenario(write_layered(tmp_path / "network", LARGE + 40))
    show = show_of_scenario(scenario)
    show.step(5)
    option = option_of(show)
    graph, *others = option["series"]
    assert graph["links"] == []
    bundles = [series for series in others if series["type"] == "lines"]
    drawn = sum(len(series["data"]) // 5 for series in bundles)
    assert drawn == len(MapPlan.of(show.runs[0], "layers").ends)
    assert json.loads(json.dumps(option, allow_nan=False))["series"][0]["data"][0]["name"].startswith("shop")


def six_digits(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def test_charts_show_each_run_and_shade_disruptions() -> None:
    show = show_of("oil_gas")
    show.reset(WhatIf(BASE), WhatIf(TWIN), 1, 0)
    show.step(60)
    option = charts_option(show.runs, show.scenario.units)
    assert len(option["series"]) == 2 * (len(PANELS) - len(folded(show.runs)))
    first, second = option["series"][:2]
    assert [point[1] for point in first["data"]] == six_digits(column(show, "profit", 0))
    assert [point[1] for point in second["data"]] == six_digits(column(show, "profit", 1))
    assert (first["lineStyle"]["type"], second["lineStyle"]["type"]) == ("solid", "dashed")
    shaded = sum(end["xAxis"] - start["xAxis"] for start, end in first["markArea"]["data"])
    assert shaded == sum(show.runs[0].active) > 0
    assert "markArea" not in second


def test_charts_of_long_runs_show_the_latest_periods() -> None:
    show = show_of("quickstart", **{"run.periods": 1000})
    show.step(MOST_POINTS + 100)
    line = charts_option(show.runs, show.scenario.units)["series"][0]["data"]
    assert [line[0][0], line[-1][0]] == [100, MOST_POINTS + 99]
    stock = members_option(show.runs, ["warehouse"], show.scenario.units)[0]["series"][1]["data"]
    assert len(stock) == MOST_POINTS


def test_the_log_is_newest_first_and_tells_shared_events_once() -> None:
    show = show_of("oil_gas")
    show.reset(WhatIf(BASE), WhatIf(TWIN), 1, 0)
    show.step(40)
    show.disrupt("retailer_3", 0.25)
    events = log_content(show)
    assert events[0] == {"day": "day 40", "text": "retailer_3: disrupted by hand to 25 %", "letter": "Mine"}
    days = [float(event["day"].split()[1]) for event in events]
    assert days == sorted(days, reverse=True)
    assert {event["letter"] for event in events[1:]} == {"Mine"}


def test_the_log_keeps_the_latest_lines_and_tells_whole_what_befalls_all_activities_of_a_node() -> None:
    names = [f"shop_{k:02}" for k in range(70)]
    closed = {"name": "closed", "nodes": names, "stops": list(ACTIVITIES), "dates": [{"start": 1, "duration": 4}]}
    content = {
        "nodes": [*({"id": name} for name in names), {"id": "source"}],
        "arcs": [{"buyer": name, "supplier": "source"} for name in names],
        "disruptions": [closed],
        "run": {"periods": 6},
    }
    show = show_of_scenario(scenario_of(content))
    show.disrupt("source", 0.0)
    show.step(3)
    latest = [f"{name}: disrupted" for name in names[:9:-1]]
    early = ["earlier lines are left out, but for what was done by hand:", "source: disrupted by hand"]
    assert [entry["text"] for entry in log_content(show)] == latest + early


def test_groups_and_rows_are_complete(oil_gas: Show) -> None:
    groups = group_content(oil_gas.setting.parameters)
    assert [group["name"] for group in groups if group["open"]] == ["Disruption refinery_3_outage"]
    assert sum(len(group["parameters"]) for group in groups) == len(oil_gas.setting.parameters)
    rows = node_rows(oil_gas.runs[0])
    assert [row["name"] for row in rows] == list(oil_gas.runs[0].model.instance.network.node_ids)


@pytest.mark.parametrize(
    "folder", sorted(p.parent for p in (ROOT / "scenarios").glob("*/scenario.yaml")), ids=lambda path: path.name
)
def test_every_shipped_scenario_can_be_shown(folder: Path) -> None:
    scenario = load_scenario(folder)
    show = show_of_scenario(scenario)
    show.reset(WhatIf(BASE), WhatIf(TWIN), 1, 0)
    show.step(4)
    show.disrupt(scenario.nodes[0].id, 0.0)
    show.step()
    assert show.day == min(5, show.horizon)
    assert [place["label"] for place in strip_content(show)]
    for places in possible_places(show.runs[0].model.instance.network):
        json.dumps(option_of(show, places), allow_nan=False)
    json.dumps(
        [
            group_content(show.setting.parameters), book_content(show, scenario.nodes[0].id),
            node_rows(show.runs[0]), log_content(show),
            charts_option(show.runs, scenario.units), bullwhip_content(show),
            members_option(show.runs, [node.id for node in scenario.nodes[:3]], scenario.units),
        ],
        allow_nan=False,
    )  # fmt: skip
    keys = [parameter.key for parameter in show.setting.parameters]
    assert len(set(keys)) == len(keys)


def test_a_narrow_region_is_stretched_over_the_map() -> None:
    changes = {f"nodes.{number}.x": number / 50.0 for number in range(5)}
    show = show_of("quickstart", **changes)
    run = show.runs[0]
    assert possible_places(run.model.instance.network)[:2] == ["coordinates, stretched", "coordinates"]
    stretched, true = MapPlan.of(run, "coordinates, stretched"), MapPlan.of(run, "coordinates")
    assert np.ptp(stretched.points, axis=0).tolist() == pytest.approx(list(BOX))
    assert np.ptp(true.points[:, 0]) < 0.1 * BOX[0]


@pytest.mark.parametrize(
    ("width", "height", "first"),
    [
        (0.39 * BOX[0], BOX[1], "coordinates, stretched"),
        (0.4 * BOX[0], BOX[1], "coordinates"),
        (BOX[0], 0.39 * BOX[1], "coordinates, stretched"),
        (BOX[0], 0.41 * BOX[1], "coordinates"),
        (0.0, BOX[1], "coordinates"),  # a line stays one
    ],
)
def test_a_region_is_narrow_below_a_share_of_the_box(width: float, height: float, first: str) -> None:
    network = show_of("quickstart").runs[0].model.instance.network
    spread = np.linspace(0.0, 1.0, network.node_count)
    moved = replace(network, x=width * spread, y=height * spread[::-1])
    assert possible_places(moved)[0] == first


def test_links_between_nodes_that_trade_both_ways_lie_apart(oil_gas: Show) -> None:
    run = oil_gas.runs[0]
    plan = MapPlan.of(run, "layers")
    assert not plan.both_ways.any()
    for seed in range(3):
        supplier, buyer = np.random.default_rng(seed).integers(0, plan.network.node_count, (2, 40))
        dense = replace(plan, arc_supplier=supplier, arc_buyer=buyer)
        pairs = [tuple(ends) for ends in dense.ends.tolist()]
        assert set(pairs) == set(zip(supplier.tolist(), buyer.tolist(), strict=True))
        assert [pairs[p] for p in dense.pair_of_arc] == list(zip(supplier.tolist(), buyer.tolist(), strict=True))
        assert dense.both_ways.tolist() == [(buyer, supplier) in pairs for supplier, buyer in pairs]


def test_columns_of_the_map_have_their_names_above_them(oil_gas: Show) -> None:
    plan = MapPlan.of(oil_gas.runs[0], "layers")
    graph, heads = option_of(oil_gas, "layers")["series"]
    assert [datum["label"]["formatter"] for datum in heads["data"]] == [words for _, words in plan.heads()]
    of_column = {datum["value"][0] for datum in graph["data"]}
    assert {datum["value"][0] for datum in heads["data"]} == of_column
    assert {datum["value"][1] for datum in heads["data"]} == {BOX[1]}
    assert (heads["label"]["show"], heads["label"]["position"]) == (True, "top")
    assert heads["silent"], "a name answers to no mouse"
    assert heads["symbolSize"] < 1.0, "only the name is seen, no marker"
    assert len(option_of(oil_gas, "coordinates")["series"]) == 1
    assert len(option_of(oil_gas, "layers", selected="refinery_3", near=1)["series"]) == 1


def test_what_the_map_shows_is_chosen_above_it() -> None:
    state = PageState(show_of("oil_gas").setting)

    @solara.component
    def Tools() -> Any:  # noqa: N802
        return _tools(state)

    _, drawn = solara.render(Tools(), handle_error=False)

    def tools() -> dict[str, Any]:
        return {widget.test: widget for widget in drawn.find(VueTemplate).widgets if hasattr(widget, "test")}

    steps = {"everything": 0, "the chosen member's partners": 1, "two steps around it": 2}
    assert tools()["near"].items == list(steps)
    for words, count in steps.items():
        tools()["near"].vue_change(words)
        assert (state.near.value, tools()["near"].value) == (count, words)
    assert tools()["places"].items == ["coordinates", "layers"]
    for name, value, chosen in (("places", "layers", state.places), ("width", "on the road", state.width)):
        tools()[name].vue_change(value)
        assert chosen.value == tools()[name].value == value
    assert tools()["group-by"].items == ["none", "tier", "community"]
    tools()["group-by"].vue_change("tier")
    assert list(tools()) == ["view", "group-by", "group", "width"]
    tools()["group"].vue_change("refinery")
    assert state.opened.value == {"refinery"}
    assert "close refinery" in tools()["group"].items
    tools()["group"].vue_change("close refinery")
    assert state.opened.value == frozenset()
    tools()["group-by"].vue_change("none")
    tools()["view"].vue_change("table")
    assert state.as_table.value
    assert list(tools()) == ["view"]
    tools()["view"].vue_change("map")
    assert list(tools()) == ["view", "group-by", "places", "width", "near"]
    drawn.close()


def test_a_player_who_is_late_plays_nothing_of_what_began_since() -> None:
    show = show_of("quickstart")
    resets = show.resets
    show.step(2, resets)
    assert show.day == 2
    show.reset(WhatIf(BASE), None, 1, 0)
    show.step(2, resets)
    assert show.day == 0
    show.step(2, show.resets)
    assert show.day == 2


def test_step_is_offered_when_the_period_at_hand_has_been_played() -> None:
    state = PageState(show_of("quickstart").setting)
    held, go_on = threading.Event(), threading.Event()
    play = state.show.step

    def held_up(*arguments: Any) -> None:
        held.set()
        go_on.wait()
        play(*arguments)

    state.show.step = held_up  # type: ignore[method-assign]
    state.toggle()
    cancel = threading.Event()
    player = threading.Thread(target=state.play, args=(cancel,))
    player.start()
    held.wait()
    state.toggle()
    cancel.set()
    assert state.busy
    state.show.step = play  # type: ignore[method-assign]
    state.step()
    assert state.show.day == 0
    go_on.set()
    player.join()
    played = state.show.day
    assert played > 0
    assert not state.busy
    state.step()
    assert state.show.day == played + 1


def test_names_at_the_edges_of_the_map_stand_inside() -> None:
    label = {"formatter": "spot market of the north"}
    ends = [{"value": [x, 280.0], "symbolSize": 20.0, "label": label} for x in (0.0, 1000.0)]
    assert sides(ends) == ["right", "left"]
