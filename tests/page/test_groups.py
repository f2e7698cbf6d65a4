"""The map by groups: sums over members and links, places that do not overlap, and what is sent for a large network."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from esc_sim.network.grouping import GroupBy, grouped
from esc_sim.scenario.reader import load_scenario
from esc_sim.views.page.exposure import Exposure, Exposures
from esc_sim.views.page.exposure_colours import UNTESTED, colour_of, coloured, exposure_legend, node_exposures
from esc_sim.views.page.group_chart import group_figures, group_option
from esc_sim.views.page.group_plan import GroupPlan
from esc_sim.views.page.map_chart import map_option
from esc_sim.views.page.map_plan import BOX, MapPlan
from esc_sim.views.page.show import Show, ShownRun
from esc_sim.views.page.states import FAILED, NORMAL
from tests.page.conftest import ROOT
from tests.page.shows import show_of_scenario

KINDS: tuple[GroupBy, ...] = ("tier", "region", "community")


@pytest.fixture(scope="module")
def show() -> Show:
    """A network of 1,000 nodes after some periods, with two suppliers of region_12 down."""
    found = show_of_scenario(load_scenario(ROOT / "scenarios" / "network_1000"))
    found.step(4)
    for name in ("supplier_1", "supplier_28"):
        found.disrupt(name, 0.0)
    found.step()
    return found


def planned(run: ShownRun, by: GroupBy, *opened: int) -> GroupPlan:
    plan = MapPlan.of(run, "coordinates")
    return GroupPlan(plan, grouped(plan.network, by, plan.ends), frozenset(opened))


def option(run: ShownRun, plan: GroupPlan, **more: Any) -> dict[str, Any]:
    return group_option(run, plan, goods="unit", period="day", **more)


def test_a_group_says_how_many_are_down_their_stock_and_fill_rate(show: Show) -> None:
    run = show.runs[0]
    plan = planned(run, "region")
    figures = {one.name: one for one in group_figures(run, plan)}
    model, network = run.model, run.model.instance.network
    for name, one in figures.items():
        members = [n for n, region in enumerate(network.regions) if region == name]
        assert one.members == len(members)
        assert one.stock == pytest.approx(sum(model.members[n].on_hand for n in members))
        asked = sum(model.books.demanded(i) for n in members for i in model.items_of_node[n])
        met = sum(model.books.items[i].served for n in members for i in model.items_of_node[n])
        for arc, wanted, accepted in model.watch.bids:
            if model.books.arcs[arc].supplier_node in members:
                asked, met = asked + wanted, met + accepted
        assert one.fill_rate == pytest.approx(met / asked)
    hit = figures[network.regions[network.node_index["supplier_1"]]]
    assert sum(one.down for one in figures.values()) == sum(
        one.down for one in group_figures(run, planned(run, "tier"))
    )
    assert hit.down >= 1
    assert f"{hit.members} members, {hit.down} down" in hit.label(brief=False)
    data = {datum["name"]: datum for datum in option(run, plan)["series"][0]["data"]}
    assert data[hit.name]["state"] != NORMAL.name
    assert "fill rate" in data[hit.name]["tooltip"]["formatter"]


@pytest.mark.parametrize("by", KINDS)
@pytest.mark.parametrize("opened", [(), (0,), (0, 1)])
def test_links_between_groups_are_sums(show: Show, by: GroupBy, opened: tuple[int, ...]) -> None:
    run = show.runs[0]
    plan = planned(run, by, *opened)
    shown = option(run, plan)["series"][0]
    shipped = np.array(run.model.watch.shipped)
    within = plan.unit_of[plan.plan.arc_supplier] == plan.unit_of[plan.plan.arc_buyer]
    assert sum(link["value"] for link in shown["links"]) == pytest.approx(shipped[~within].sum(), abs=0.01 * 1000)
    ends = {(shown["data"][link["source"]]["name"], shown["data"][link["target"]]["name"]) for link in shown["links"]}
    assert len(ends) == len(shown["links"])
    names = {datum["name"] for datum in shown["data"]}
    assert {run.model.instance.network.node_ids[n] for g in opened for n in plan.members(g)} <= names
    assert len(shown["data"]) == plan.group_count + sum(int(plan.grouping.sizes[g]) for g in opened)


@pytest.mark.parametrize("by", KINDS)
@pytest.mark.parametrize("opened", [(), (0,), (0, 3), (0, 1, 2, 3)])
def test_places_of_groups_do_not_overlap_and_stay_in_the_box(show: Show, by: GroupBy, opened: tuple[int, ...]) -> None:
    plan = planned(show.runs[0], by, *opened)
    apart = np.sqrt(((plan.centres[:, None] - plan.centres[None]) ** 2).sum(axis=2))
    closed = plan.radius.min()  # a pile of many opened ones may touch, but no circle is hidden
    np.fill_diagonal(apart, np.inf)
    assert (apart > 0.8 * closed).all()
    if len(opened) < 2:
        assert (apart >= 0.93 * (plan.radius[:, None] + plan.radius[None])).all()
    for group in range(plan.group_count):
        points = plan.points[plan.group_count + plan.members(group)] if group in opened else plan.centres[[group]]
        assert ((points >= 0.0) & (points <= np.array(BOX))).all()
    assert not np.isnan(plan.points).any()


def test_a_frame_of_a_large_network_is_small(show: Show) -> None:
    run = show.runs[0]
    alone = map_option(run, MapPlan.of(run, "coordinates"), goods="unit", period="day")
    for by in KINDS:
        frame = option(run, planned(run, by))
        assert len(json.dumps(frame)) < 80_000
        assert len(frame["series"][0]["data"]) + len(frame["series"][0]["links"]) < 400
        assert len(json.dumps(option(run, planned(run, by, 0)))) < len(json.dumps(alone))


def test_the_chosen_member_is_marked_in_its_group(show: Show) -> None:
    run = show.runs[0]
    plan = planned(run, "region")
    home = int(plan.grouping.of_node[run.node("supplier_1")])
    marked = {
        d["group"]: d["itemStyle"]["borderWidth"] for d in option(run, plan, selected="supplier_1")["series"][0]["data"]
    }
    assert marked == {g: 3 if g == home else 1 for g in range(plan.group_count)}
    inside = option(run, planned(run, "region", home), selected="supplier_1")["series"][0]["data"]
    (member,) = [datum for datum in inside if datum["name"] == "supplier_1"]
    assert member["itemStyle"]["borderWidth"] == 3
    assert member["state"] == FAILED.name


def test_groups_take_the_colour_of_their_most_exposed_member(show: Show) -> None:
    run = show.runs[0]
    names = run.model.instance.network.node_ids
    tested = {"supplier_1": 1.0, "supplier_2": 0.1, "supplier_3": float("nan")}
    found = [
        Exposure(name, "node", rank, 1.0, 0.0, 2.0, 3.0, 4.0, index, 7.0, 5, "")
        for rank, (name, index) in enumerate(tested.items(), 1)
    ]
    index = node_exposures(Exposures({one.label: one for one in found}, 1, ""), names)
    assert [index[names.index(name)] for name in tested] == [1.0, 0.1, 0.0]
    assert np.isnan(index).sum() == len(names) - len(tested)
    plan = planned(run, "region")
    shown = coloured(option(run, plan), index, plan.grouping)["series"][0]["data"]
    for datum in shown:
        members = [names[n] for n in plan.members(datum["group"])]
        most = max((index[names.index(name)] for name in members if name in tested), default=float("nan"))
        assert datum["itemStyle"]["color"] == colour_of(most)
    legend = {entry["colour"] for entry in exposure_legend()}
    assert {datum["itemStyle"]["color"] for datum in shown} <= legend
    assert UNTESTED in legend
    assert len(legend) == len(exposure_legend())
