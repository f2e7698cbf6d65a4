"""What the page shows of by-products and of what features show of themselves; without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import simpy

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.build import instance_of
from esc_sim.results.observed import Observed
from esc_sim.scenario.reader import load_scenario
from esc_sim.views.page.book import Book, book_of
from esc_sim.views.page.content import book_content, legend_content, log_content
from esc_sim.views.page.map_chart import map_option
from esc_sim.views.page.map_plan import MapPlan, Places, possible_places
from esc_sim.views.page.show import Show, ShownRun
from esc_sim.views.page.state_charts import (
    LOOKS,
    choices_of,
    key_content,
    lines_of,
    shown_groups,
    states_option,
    thinned,
)
from esc_sim.views.page.variants import BASE, Variant
from esc_sim.views.page.what_if import WhatIf
from esc_sim.views.state_groups import MOST_LINES
from tests.helpers.farms import farm
from tests.helpers.microgrids import checked, one_bus
from tests.page.conftest import ROOT
from tests.page.networks import write_layered
from tests.page.shows import show_of_scenario

FIELDS = ("north", "south")
OBSERVED = (
    *(
        Observed(kind, field, unit, ("grain_farm",))
        for field in FIELDS
        for kind, unit in (("carbon", "t"), ("loss", "kg"))
    ),
    Observed("load", "town bus", "MWh", ("mill", "bakery")),
    Observed("deviation", "microgrids", "MWh"),
)


class Observing(SupplyChainModel):
    """Shows 100 x + period of the x-th number."""

    def _review(self, event: simpy.Event | None) -> None:
        self.books.observed = [100.0 * x + self.period for x in range(len(self.instance.observed))]
        super()._review(event)


def bakery(periods: int) -> Show:
    show = show_of_scenario(load_scenario(ROOT / "scenarios" / "bakery"))
    show.step(periods)
    return show


def observing(*observed: tuple[Observed, ...], periods: int = 30) -> Show:
    """The bakery with made-up numbers, one run for each tuple of them."""
    show = show_of_scenario(load_scenario(ROOT / "scenarios" / "bakery", {"run.periods": 2000}))
    instance = instance_of(show.scenario)
    show.runs = [
        ShownRun(
            WhatIf(f"run {place}"),
            Variant(f"run {place}"),
            show.scenario,
            Observing(replace(instance, observed=own), watch=True),
        )
        for place, own in enumerate(observed)
    ]
    show.step(periods)
    return show


def option_of(show: Show, places: Places | None = None, **choices: Any) -> dict[str, Any]:
    run = show.runs[0]
    plan = MapPlan.of(run, places or possible_places(run.model.instance.network)[0])
    return map_option(run, plan, goods="kg", period="day", **choices)


def ways(option: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Links that are no trade, by the names of their ends."""
    graph = option["series"][0]
    names = [datum["name"] for datum in graph["data"]]
    return {
        (names[link["source"]], names[link["target"]]): link
        for link in graph["links"]
        if link["kind"] in ("given", "not given")
    }


def test_the_map_draws_ways_of_by_products_by_what_was_given() -> None:
    show = bakery(20)
    books, takers = show.runs[0].model.books, show.scenario.takers
    found = ways(option_of(show))
    assert set(found) == {(taker.giver, taker.taker) for taker in takers}
    assert sum(link["value"] for link in found.values()) == pytest.approx(sum(books.of_items("given")), abs=0.05)
    assert sum(books.of_items("given")) > 0.0
    widths = [link["lineStyle"]["width"] for link in sorted(found.values(), key=lambda link: float(link["value"]))]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    assert {link["kind"] for link in found.values()} == {"given", "not given"}
    trades = [link for link in option_of(show)["series"][0]["links"] if link["kind"] == "flow"]
    for link in found.values():
        assert abs(link["lineStyle"]["curveness"]) > 0.2
        assert link["lineStyle"]["color"] not in {trade["lineStyle"]["color"] for trade in trades}
    assert "bran: " in found["mill", "pig_farm"]["tooltip"]["formatter"]


def test_only_networks_with_by_products_have_them_in_the_legend() -> None:
    words = {name: show_of_scenario(load_scenario(ROOT / "scenarios" / name)) for name in ("bakery", "quickstart")}
    found = {
        name: any(
            "by-products" in link["name"] for link in legend_content(s.runs[0], s.scenario.units, "flow")["links"]
        )
        for name, s in words.items()
    }
    assert found == {"bakery": True, "quickstart": False}


def test_partners_are_also_those_who_are_given_something() -> None:
    show = bakery(2)
    data = option_of(show, selected="pig_farm", near=1)["series"][0]["data"]
    assert {datum["name"] for datum in data} == {"pig_farm", *(t.giver for t in show.scenario.takers)}


def test_ways_of_a_large_network_are_a_series_of_their_own(tmp_path: Any) -> None:
    folder = write_layered(tmp_path / "network", 80)
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    text += "takers:\n- {giver: plant_1, taker: mine_1, product: goods}\n"
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    show = show_of_scenario(load_scenario(folder))
    show.step(3)
    series = [s for s in option_of(show)["series"] if s["type"] == "lines" and s["name"] == "given"]
    assert [len(s["data"]) for s in series] == [1]


def test_the_book_shows_recipes_and_what_went_without_an_order() -> None:
    show = bakery(20)
    run = show.runs[0]
    network, books = run.model.instance.network, run.model.books
    for node, name in enumerate(network.node_ids):
        book: Book = book_of(run, name, "kg", "EUR")
        for item in run.model.items_of_node[node]:
            product = network.products[network.item_product[item]]
            used = sum(line.value for line in book.recipes if line.label.endswith(f": uses {product}"))
            assert used == pytest.approx(books.items[item].consumed, abs=1e-4)
            gone = sum(line.value for line in book.given if line.label.startswith(f"{product} to "))
            assert gone == pytest.approx(books.items[item].given)
            come = sum(line.value for line in book.given if line.label.startswith(f"{product} from "))
            assert come == pytest.approx(books.items[item].taken)
        recipes = {recipe.id for recipe in show.scenario.recipes if recipe.node == name}
        assert {line.label.removesuffix(": runs") for line in book.recipes if line.label.endswith(": runs")} == recipes
    energy = [line.value for name in network.node_ids for line in book_of(run, name, "kg", "EUR").recipes
              if line.label.endswith(": energy")]  # fmt: skip
    assert sum(energy) == pytest.approx(books.sums.energy)


def test_the_book_shows_the_states_that_belong_to_the_node() -> None:
    show = observing(OBSERVED, periods=5)
    titles = {}
    for name in show.node_names:
        content = book_content(show, name)
        assert content is not None
        tables = {table["name"]: table["rows"] for table in content["tables"]}
        titles[name] = [row["label"] for row in tables.get("States after the last day", [])]
    assert titles["grain_farm"] == [f"{field}: {kind}" for field in FIELDS for kind in ("carbon", "loss")]
    assert titles["mill"] == titles["bakery"] == ["town bus: load"]
    assert titles["shop_market"] == []


def test_fields_and_what_they_are_given_are_shown() -> None:
    show = show_of_scenario(farm())
    show.step(2)  # the second period is the one in which fertiliser is applied
    model = show.runs[0].model
    found = ways(option_of(show))
    assert set(found) == {("composter", "farm")}
    assert found["composter", "farm"]["value"] == pytest.approx(sum(model.books.of_items("given")))
    assert found["composter", "farm"]["kind"] == "given"
    (group,) = shown_groups(show.runs)
    assert group.entities == ("north",)
    show.step(10)
    lines = lines_of(group, show.runs)
    soil = [value for line in lines["soil carbon"] for value in line.values[0]]  # type: ignore[union-attr]
    assert soil == [number for row in model.recorder.observed[:, [0]] for number in row]
    assert soil[0] == 50.0
    assert soil[-1] != soil[0]
    states = {line.label: line.value for line in book_of(show.runs[0], "farm", "t", "EUR").states}
    assert states["north: soil carbon"] == soil[-1]
    assert book_of(show.runs[0], "plant", "t", "EUR").states == []


def test_charts_of_states_have_a_panel_a_kind_and_a_line_an_entity() -> None:
    show = observing(OBSERVED)
    groups = shown_groups(show.runs)
    assert [(group.kinds, group.entities) for group in groups] == [
        ((("carbon", "t"), ("loss", "kg")), FIELDS),
        ((("load", "MWh"),), ("town bus",)),
        ((("deviation", "MWh"),), ("microgrids",)),
    ]
    lines = lines_of(groups[0], show.runs)
    option = states_option(groups[0], lines, show.runs)
    assert [title["text"] for title in option["title"]] == ["Carbon [t]", "Loss [kg]"]
    found = [(series["name"], series["xAxisIndex"], series["itemStyle"]["color"]) for series in option["series"]]
    assert found == [(name, panel, LOOKS[n].colour) for panel in (0, 1) for n, name in enumerate(FIELDS)]
    points = [point["value"] if isinstance(point, dict) else point for point in option["series"][0]["data"]]
    assert points == [[t, float(t)] for t in range(30)]
    symbols = [{p["symbol"] for p in series["data"] if isinstance(p, dict)} for series in option["series"][:2]]
    assert symbols == [{f"path://{look.path}"} for look in LOOKS[:2]]
    assert [entry["name"] for entry in key_content(groups[0], lines)] == list(FIELDS)
    json.dumps(option, allow_nan=False)


def test_two_runs_differ_in_dash_and_may_show_different_things() -> None:
    show = observing(OBSERVED, OBSERVED[:2])
    groups = shown_groups(show.runs)
    found = {}
    for group in groups:
        for series in states_option(group, lines_of(group, show.runs), show.runs)["series"]:
            found[series["name"], series["xAxisIndex"]] = series["lineStyle"]["type"]
    assert found["north, my changes", 0] == "solid"
    assert found["north, baseline", 0] == "dashed"
    assert ("south, my changes", 1) in found
    assert ("south, baseline", 1) not in found


def test_many_entities_are_summed_up_or_chosen() -> None:
    many = tuple(Observed("moisture", f"plot {n}", "share") for n in range(MOST_LINES + 1))
    show = observing(many, periods=4)
    (group,) = shown_groups(show.runs)
    lines = lines_of(group, show.runs)["moisture"]
    last = {line.name: line.values[0][-1] for line in lines if line.values[0] is not None}
    assert last == {"mean": 100.0 * MOST_LINES / 2 + 3, "highest": 100.0 * MOST_LINES + 3, "lowest": 3.0}
    assert choices_of(group)[1:] == group.entities
    assert [line.name for line in lines_of(group, show.runs, "plot 2")["moisture"]] == ["plot 2"]
    few = shown_groups(observing(many[:MOST_LINES], periods=1).runs)
    assert choices_of(few[0]) == ()


def test_long_lines_are_thinned_without_losing_a_peak() -> None:
    values = np.zeros(1000)
    values[123], values[877] = 9.0, -4.0
    points = thinned(values, 60)
    assert len(points) <= 60
    assert {(123, 9.0), (877, -4.0)} <= set(points)
    assert all(a[0] < b[0] for a, b in pairwise(points))
    show = observing(OBSERVED, periods=300)
    group = shown_groups(show.runs)[0]
    option = states_option(group, lines_of(group, show.runs), show.runs, most=4 * 100)
    assert all(len(series["data"]) <= 100 for series in option["series"])
    assert option["xAxis"][0]["min"] == 0


def test_looks_differ_in_colour_and_in_marker() -> None:
    assert len({look.colour for look in LOOKS}) == len({look.path for look in LOOKS}) == len(LOOKS) == MOST_LINES


def test_a_scenario_without_such_features_has_no_such_charts() -> None:
    show = bakery(2)
    assert show.runs[0].variant.name == BASE
    assert shown_groups(show.runs) == []


def test_buses_are_shown_and_their_outages_logged_and_switched() -> None:
    content = one_bus()
    name = content["power"]["buses"][0]["id"]
    content["disruptions"] = [{"name": "blackout", "buses": [name], "dates": [{"start": 2, "duration": 2}]}]
    scenario = checked(content)
    show = show_of_scenario(scenario)
    show.step(6)
    group = shown_groups(show.runs)[0]
    assert "load" in {kind for kind, _ in group.kinds}
    bus = scenario.power.buses[0]  # type: ignore[union-attr]
    assert group.entities == (bus.id,)
    book = {line.label for line in book_of(show.runs[0], bus.nodes[0], "t", "EUR").states}
    assert f"{bus.id}: load" in book
    told = [entry["text"] for entry in log_content(show)]
    assert f"{bus.id} (grid): disrupted" in told
    assert f"{bus.id} (grid): restored" in told
    keys = [p.key for p in show.setting.parameters if p.key.startswith("disruptions.")]
    assert keys == [f"disruptions.blackout.{what}" for what in ("on", "dates.0.start", "dates.0.duration")]
    show.reset(WhatIf(BASE, {"disruptions.blackout.on": False}), None, 1, 0)
    show.step(6)
    assert log_content(show) == []
