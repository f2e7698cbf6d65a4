"""Changes of several entries at once, relative changes, and names that need quotes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esc_sim.comparing import compare
from esc_sim.comparison import variant_of
from esc_sim.errors import InputError
from esc_sim.fitting.flows import mean_demands
from esc_sim.results.asked import asked_of, change_words
from esc_sim.scenario.dotted import quoted, split_outside, steps_of
from esc_sim.scenario.given import given_scenario
from esc_sim.scenario.kept_back import kept_back_notices
from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.sweep.parameters import parameter_of
from tests.scenario.helpers import folder_of, problems_of

CHAIN = """\
version: 1
name: chain
units: {period: day}
run: {periods: 20, replications: 2}
products: [{id: milk}, {id: curd}]
series: {weekly: [4, 6]}
nodes:
  - {id: shop_1, product: milk, initial_stock: 9, demand: {mean: 10}, order: {policy: base_stock, order_up_to: 30}}
  - {id: shop_2, product: milk, demand: {series: weekly, then: repeat}, order: {mean: 5}}
  - {id: "Müller, Söhne", product: milk, initial_stock: 40, order: {policy: base_stock, order_up_to: 60}}
  - {id: dairy, product: milk, initial_stock: 50, production: {mean: 16}}
stocks:
  - {node: shop_1, product: curd, safety_stock: 2, demand: {mean: 3}, order: {policy: base_stock, order_up_to: 9}}
  - {node: dairy, product: curd, initial_stock: 8, production: {mean: 4}}
arcs:
  - {buyer: shop_1, supplier: "Müller, Söhne", product: milk, price: 3, lead_time: 1}
  - {buyer: shop_2, supplier: "Müller, Söhne", product: milk, price: 3, lead_time: {law: uniform, low: 1, high: 3}}
  - {buyer: "Müller, Söhne", supplier: dairy, product: milk, price: 2, lead_time: {law: gamma, mean: 4, sd: 1},
     max_lead_time: 9}
  - {buyer: shop_1, supplier: dairy, product: curd, price: 5}
disruptions:
  - {name: outage, nodes: [dairy], probability: 0.1}
"""


def chain(path: Path, *changes: str) -> Scenario:
    return load_scenario(folder_of(path, CHAIN), changes)


def stocks_of(scenario: Scenario, key: str) -> list[float]:
    return [getattr(item, key) for item in (*scenario.nodes, *scenario.stocks)]


def test_mean_demand_is_passed_up_to_the_sources(tmp_path: Path) -> None:
    assert mean_demands(chain(tmp_path)) == {
        ("shop_1", "milk"): 10.0, ("shop_2", "milk"): 5.0, ("Müller, Söhne", "milk"): 15.0, ("dairy", "milk"): 15.0,
        ("shop_1", "curd"): 3.0, ("dairy", "curd"): 3.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "key", "values"),
    [
        ("nodes.*.safety_stock=+5d", "safety_stock", [50, 25, 75, 75, 2, 0]),
        ("stocks.*.safety_stock=+5d", "safety_stock", [0, 0, 0, 0, 17, 15]),
        ("stocks.*/curd.safety_stock=5d", "safety_stock", [0, 0, 0, 0, 15, 15]),
        ("stocks.shop_*/*.safety_stock=*3", "safety_stock", [0, 0, 0, 0, 6, 0]),
        ("nodes.shop_*.initial_stock=+10", "initial_stock", [19, 10, 40, 50, 0, 8]),
        ("nodes.shop_1.initial_stock=+-4", "initial_stock", [5, 0, 40, 50, 0, 8]),
        ("nodes.shop_1.initial_stock=+20%", "initial_stock", [10.8, 0, 40, 50, 0, 8]),
        ("nodes.shop_1.initial_stock=-20%", "initial_stock", [7.2, 0, 40, 50, 0, 8]),
        ('nodes."Müller, Söhne".initial_stock=-1d', "initial_stock", [9, 0, 25, 50, 0, 8]),
        ('nodes."Müller*".initial_stock=7', "initial_stock", [9, 0, 7, 50, 0, 8]),
    ],
)
def test_stocks_change_by_what_a_day_asks_of_them(tmp_path: Path, change: str, key: str, values: list[float]) -> None:
    assert stocks_of(chain(tmp_path, change), key) == values


def test_a_wildcard_changes_what_can_be_changed_and_says_how_much(tmp_path: Path) -> None:
    text = "nodes.*.order.order_up_to=+5d"
    scenario = chain(tmp_path, text)  # of the four, two have base stocks, one a mean order, one none
    levels = [getattr(node.order, "order_up_to", None) for node in scenario.nodes]
    assert levels == [80.0, None, 135.0, None]
    assert scenario.entries_changed == {text: 2}
    assert asked_of(scenario)["entries_changed"] == {text: 2}
    assert "entries_changed" not in asked_of(chain(tmp_path, "nodes.shop_1.initial_stock=+5"))


def test_laws_are_moved_or_stretched(tmp_path: Path) -> None:
    moved = [arc.lead_time for arc in chain(tmp_path, "arcs.*.lead_time=+2").arcs]
    assert [moved[0], moved[3]] == [3.0, 2.0]
    assert (moved[1].low, moved[1].high, moved[2].mean, moved[2].sd) == (3, 5, 6, 1)  # type: ignore[union-attr]
    longer = [arc.lead_time for arc in chain(tmp_path, "arcs.*/*/milk.lead_time=*1.5").arcs]
    assert [longer[0], longer[3]] == [1.5, 0.0]
    assert (longer[1].low, longer[1].high, longer[2].mean, longer[2].sd) == (1.5, 4.5, 6, 1.5)  # type: ignore[union-attr]


def test_routes_of_a_mode_are_named_together(tmp_path: Path) -> None:
    routes = CHAIN.replace("supplier: dairy, product: curd, price: 5}", "supplier: dairy, product: curd, mode: sea}")
    routes = routes.replace(
        "disruptions:", "  - {buyer: shop_1, supplier: dairy, product: curd, mode: air}\ndisruptions:"
    )
    scenario = load_scenario(folder_of(tmp_path, routes), ["arcs.*/*/sea.lead_time=+4", "arcs.shop_1/*/*/air.price=7"])
    assert [arc.lead_time for arc in scenario.arcs if arc.mode] == [4.0, 0.0]
    assert [arc.price for arc in scenario.arcs if arc.mode] == [0.0, 7.0]


def test_days_of_time_are_periods_of_the_calendar(tmp_path: Path) -> None:
    arcs = chain(tmp_path, "units.period=week", "arcs.shop_1/*.lead_time=14d").arcs
    assert [arcs[0].lead_time, arcs[3].lead_time] == [2.0, 2.0]
    hours = chain(tmp_path, "run.step=12 hours", "arcs.shop_1/dairy.lead_time=+2d", "nodes.shop_1.initial_stock=1d")
    assert (hours.arcs[3].lead_time, hours.nodes[0].initial_stock) == (4.0, 20.0)


def test_days_are_counted_with_all_other_changes_made(tmp_path: Path) -> None:
    scenario = chain(tmp_path, "nodes.shop_1.safety_stock=5d", "nodes.*.demand.mean=*2", "series.*=+10%")
    assert scenario.nodes[0].safety_stock == 100.0
    assert scenario.series == {"weekly": [4.4, 6.6]}
    assert scenario.entries_changed == {"nodes.*.demand.mean=*2": 1, "series.*=+10%": 1}


def test_python_says_the_same_in_texts(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, CHAIN)
    changes = {"stocks.*.safety_stock": "+5d", "nodes.shop_1.initial_stock": "-4", "nodes.dairy.x": -4}
    scenario = load_scenario(folder, changes)
    assert stocks_of(scenario, "safety_stock")[-2:] == [17, 15]
    assert (scenario.nodes[0].initial_stock, scenario.nodes[3].x) == (5, -4)
    assert load_scenario(folder, list(scenario.changes)) == scenario
    again = given_scenario(scenario, {"stocks.*.safety_stock": "+1d"})
    assert stocks_of(again, "safety_stock")[-2:] == [20, 18]
    assert list(again.entries_changed.values()) == [2, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "nodes.depot*.x=1",
            "'nodes' has no entry that matches 'depot*'; entries: shop_1, shop_2, Müller, Söhne, dairy",
        ),
        ("recipes.*.cost=+1", "'recipes' has no entries, so none named '*'"),
        (
            "nodes.*.order.order_upto=5",
            "'*' names 4 entries of 'nodes', none of which this can change: 'nodes.0.order' has no key 'order_upto'; "
            "did you mean 'order_up_to'?",
        ),
        (
            "nodes.shop_1.capacity=+5",
            "'nodes.0.capacity' is not given, so there is nothing to change: set it to a number",
        ),
        ("nodes.shop_1.holding_cost=+5d", "days and periods are for times, and for initial_stock, safety_stock, "
         "target_stock, room, order_up_to, reorder_point, order_quantity and buffer of a stock"),
        ("nodes.shop_2.demand.mean=+20%",
         "'nodes.1.demand' has no mean, but series: change 'series.weekly', such as +20%"),
        ("nodes.dairy.production.law=*2",
         "'nodes.3.production' has no law, but mean: change 'production.mean', such as +20%"),
        ("nodes.dairy.role=*1.2",
         "text stands here, which '*1.2' cannot change: to write just that, put it in double quotes"),
        ("nodes.dairy.initial_stock=+5 days", "'+5 days' is no change that can be read: write +5d"),
        ("nodes.dairy.initial_stock=/2", "'/2' is no change that can be read: write *0.5"),
        ("nodes.shop_*.initial_stock=+-5", "nodes.shop_2.initial_stock: must be at least 0, not -5"),
        ("nodes.shop_1.initial_stock=-5", "must be at least 0, not -5"),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_is_told_once(tmp_path: Path, change: str, message: str) -> None:
    assert problems_of(folder_of(tmp_path, CHAIN), change) == [f"--set {change}: {message}"]


def test_a_mean_is_left_alone_where_a_series_or_law_takes_its_place(tmp_path: Path) -> None:
    scenario = chain(tmp_path, "nodes.*.demand.mean=*0")
    assert [node.demand.mean for node in scenario.nodes if node.demand] == [0.0, None]
    assert chain(tmp_path, 'title="+5"').title == "+5"
    law = CHAIN.replace("demand: {mean: 10}", "demand: {law: {law: poisson, mean: 10}}")
    with pytest.raises(InputError, match=r"none of which this can change: 'nodes\.0.demand' has no mean, but law"):
        load_scenario(folder_of(tmp_path, law), ["nodes.*.demand.mean=+20%"])


def test_safety_stocks_that_leave_too_little_to_sell_are_warned_of(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, CHAIN)
    assert not [text for text in read_scenario(folder).warnings if "kept back" in text]
    (warning,) = [text for text in read_scenario(folder, ["nodes.*.safety_stock=+2d"]).warnings if "kept back" in text]
    assert 'at 2 stocks (nodes.shop_1, nodes."Müller, Söhne")' in warning
    assert warning.endswith("to hold more stock for sale, raise order.order_up_to")
    assert kept_back_notices(chain(tmp_path)) == []


def test_a_change_of_a_variant_is_named_with_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^--variant b: nodes\.xx\*\.x=3: 'nodes' has no entry that matches 'xx\*'"):
        compare(folder_of(tmp_path, CHAIN), {"a": [], "b": ["nodes.xx*.x=3"]})


def test_days_of_a_scenario_with_mistakes_are_none(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, CHAIN.replace("series: weekly,", "series: monthly,"))
    change = "nodes.shop_1.safety_stock=+5d"
    assert f"--set {change}: the scenario has mistakes, so that nobody knows its mean demands" in problems_of(
        folder, change
    )


def test_days_need_a_calendar_time(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, CHAIN.replace("period: day", "period: shift"))
    assert problems_of(folder, "nodes.*.safety_stock=+5d")[0].endswith(
        "nobody knows how many days 'shift' is (units.period, run.step): give periods, such as +5p"
    )
    assert load_scenario(folder, ["nodes.shop_1.safety_stock=+5p"]).nodes[0].safety_stock == 50.0


def test_names_with_marks_stand_in_quotes(tmp_path: Path) -> None:
    odd = 'St. "Gallen", =1; x: 2'
    assert steps_of(f"nodes.{quoted(odd)}.x") == ["nodes", odd, "x"]
    assert split_outside('a,"b, c",d', ",") == ["a", '"b, c"', "d"]
    text = CHAIN.replace("shop_1", json.dumps(odd, ensure_ascii=False))
    arc, line = quoted(f"{odd}/Müller, Söhne"), f"{quoted(odd)}/curd"
    changes = [f"nodes.{quoted(odd)}.x=3", f"arcs.{arc}.price=9", f"stocks.{line}.room=4"]
    scenario = load_scenario(folder_of(tmp_path, text), changes)
    assert (scenario.nodes[0].x, scenario.arcs[0].price, scenario.stocks[0].room) == (3, 9, 4)


def test_variants_and_varied_values_may_be_quoted_and_labelled() -> None:
    name, changes = variant_of('"more: all": nodes."a; b".x=1; title="one; two"')
    assert (name, changes) == ("more: all", ['nodes."a; b".x=1', 'title="one; two"'])
    found = parameter_of('nodes."Müller, Söhne".initial_stock=as it is: +0, "a lot, more": +5d')
    assert found.path == 'nodes."Müller, Söhne".initial_stock'
    assert (found.values, found.labels, found.is_number) == (("+0", "+5d"), ("as it is", "a lot, more"), False)
    assert found.shown("+5d") == "a lot, more"
    assert parameter_of('title="a, b",c').values == ("a, b", "c")
    assert parameter_of("nodes.a.x=*1:*2:3").values == ("*1", "*1.5", "*2")
    assert parameter_of("nodes.a.x=-20%:+20%:3").values == ("-20%", "+0%", "+20%")
    with pytest.raises(Exception, match="a range of changes needs a number of levels"):
        parameter_of("nodes.a.x=+1d:+5d")
    with pytest.raises(Exception, match="the ends of a range are changes of one kind"):
        parameter_of("nodes.a.x=*1:+5:3")
    with pytest.raises(Exception, match="give a label to every value, or to none"):
        parameter_of("nodes.a.x=low: 1, 2")
    with pytest.raises(Exception, match="a label is given twice"):
        parameter_of("nodes.a.x=low: 1, low: 2")


def test_changes_in_words() -> None:
    assert change_words("stocks.*.safety_stock=+5d") == "safety stock of all stocks +5d"
    assert change_words('nodes."Müller, Söhne".initial_stock="+-4"') == "initial stock of Müller, Söhne -4"
    assert change_words("nodes.shop.initial_stock=5d") == "initial stock of shop = 5d"
    assert change_words("nodes.dairy.x=-4") == "x of dairy = -4"


MODES = """\
version: 1
name: ways
nodes: [{id: shop, initial_stock: 5, order: {mean: 1}}, {id: depot, initial_stock: 9}]
arcs: [{buyer: shop, supplier: depot, mode: air}, {buyer: shop, supplier: depot, mode: sea}]
distances: {speed: 500, modes: {air: {speed: 9000}, sea: {speed: 700, cost: 1}}}
"""


@pytest.mark.parametrize(
    ("change", "speeds"),
    [
        ("distances.modes.air.speed=4000", {"air": 4000, "sea": 700}),
        ("distances.modes.air.speed=+10%", {"air": 9900, "sea": 700}),
        ("distances.modes.*.speed=*2", {"air": 18_000, "sea": 1400}),
        ("distances.modes.rail.speed=600", {"air": 9000, "sea": 700, "rail": 600}),
    ],
)
def test_a_key_of_one_mode_is_set(tmp_path: Path, change: str, speeds: dict[str, float]) -> None:
    distances = load_scenario(folder_of(tmp_path, MODES), [change]).distances
    assert distances is not None
    assert {mode: travel.speed for mode, travel in distances.modes.items()} == speeds
    assert distances.modes["sea"].cost == 1


def test_a_mode_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, MODES)
    assert problems_of(folder, "distances.modes.r*.speed=4") == [
        "--set distances.modes.r*.speed=4: 'distances.modes' has no key 'r*'; keys here: air, sea"
    ]


@pytest.mark.parametrize("path", ["shop/depot/sea", "shop/depot/goods/sea", "*/*/sea", "*/*/goods/s*"])
def test_the_route_of_one_mode_by_all_its_names(tmp_path: Path, path: str) -> None:
    arcs = load_scenario(folder_of(tmp_path, MODES), [f"arcs.{path}.cap=7"]).arcs
    assert [arc.cap for arc in arcs] == [None, 7]


def test_a_wildcard_that_is_a_part_short(tmp_path: Path) -> None:
    assert problems_of(folder_of(tmp_path, MODES), "arcs.*/sea.cap=7") == [
        "--set arcs.*/sea.cap=7: 'arcs' has no entry that matches '*/sea'; did you mean '*/*/sea'?"
    ]
