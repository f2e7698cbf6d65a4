"""The card with the network: its tools, the map of each run by members or groups, its legend, or the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from esc_sim.network.grouping import Grouping, grouped, possible_groupings
from esc_sim.scenario.schema import Units
from esc_sim.views.page.components import Choice, Earth, Legend, Nodes
from esc_sim.views.page.content import RUN_LETTERS, legend_content, node_rows
from esc_sim.views.page.earth_layer import earth_layer
from esc_sim.views.page.exposure_colours import coloured, exposure_legend, node_exposures
from esc_sim.views.page.group_chart import group_option, group_scales
from esc_sim.views.page.group_plan import GroupPlan
from esc_sim.views.page.map_chart import WIDTHS, map_option
from esc_sim.views.page.map_plan import BOX, MapPlan, possible_places
from esc_sim.views.page.show import ShownRun
from esc_sim.views.page.state import UNGROUPED, PageState
from esc_sim.views.palette import LIGHT_GREY


def box(tag: str, css: str, children: list[Any], **attributes: str) -> Any:
    """An HTML element.

    Args:
        tag: its name.
        css: its classes.
        children: elements and text in it.
        attributes: of HTML.
    """
    return solara.v.Html(tag=tag, class_=css, children=children, attributes=attributes)


def choice(label: str, items: list[str], value: str, on_value: Callable[[Any], None], test: str) -> Any:
    """A native list with its label.

    Args:
        label: words before it.
        items: what can be chosen.
        value: what is chosen.
        on_value: called with the item that was chosen.
        test: name of the list for tests.
    """
    return Choice(label=label, items=items, value=value, test=test, event_change=on_value)


@solara.component
def MapCard(state: PageState) -> Any:  # noqa: N802 - components are named like classes
    """The network as maps or as a table.

    Args:
        state: of the tab.
    """
    state.frame.get()
    if state.as_table.value:
        parts = [_tools(state), _Table(state)]
    else:
        several = state.several
        places = range(2 if several else 1)
        maps = [_Map(state, place, several).key(f"map-{place}-{several}") for place in places]
        parts = [_tools(state), box("div", "esc-maps", maps), _Legend(state)]
    return box("section", "esc-card", parts, **{"aria-label": "Network"})


def _tools(state: PageState) -> Any:
    """What the map shows: view, layout, groups, colours, width, part of the network."""
    network = state.show.runs[0].model.instance.network
    parts = [choice("view", ["map", "table"], "table" if state.as_table.value else "map",
                    lambda v: state.as_table.set(v == "table"), "view")]  # fmt: skip
    if state.as_table.value:
        return box("div", "esc-tools", parts)
    by, places = state.group_by.value, possible_places(network)
    if groupings := possible_groupings(network):
        parts.append(choice("groups", [UNGROUPED, *groupings], by, state.choose_grouping, "group-by"))
    if by != UNGROUPED:
        parts.append(_GroupChoice(state))
    elif len(places) > 1:
        parts.append(choice("laid out by", list(places), state.places.value, state.places.set, "places"))
    if state.setting.exposures is not None:
        parts.append(choice("colour by", ["state", "exposure"], state.colour_by.value, state.colour_by.set, "colour"))
    parts.append(choice("width of links", list(WIDTHS), state.width.value, state.width.set, "width"))
    if by == UNGROUPED:
        words = {"everything": 0, "the chosen member's partners": 1, "two steps around it": 2}
        current = next(word for word, steps in words.items() if steps == state.near.value)
        parts.append(choice("show", list(words), current, lambda v: state.near.set(words[v]), "near"))
    if len(state.show.runs) > 1:
        of = {"my changes": False, "both": True}
        now = "both" if state.both_maps.value else "my changes"
        parts.append(choice("map of", list(of), now, lambda v: state.both_maps.set(of[v]), "maps"))
    return box("div", "esc-tools", parts)


@solara.component
def _GroupChoice(state: PageState) -> Any:  # noqa: N802
    """Groups by name, to be opened and closed by keyboard as well."""
    plan = _group_plan(state, state.show.runs[0])
    if plan is None:
        return box("span", "", [])
    names = {name: name for name in plan.grouping.names if name not in state.opened.value}
    names |= {f"close {name}": name for name in plan.grouping.names if name in state.opened.value}
    ask = "open or close a group"

    def turned(item: str) -> None:
        if item in names:
            state.turn_group(names[item])

    return choice("members of", [ask, *names], ask, turned, "group")


def _map_plan(state: PageState, run: ShownRun) -> MapPlan:
    arcs = len(run.model.books.supplier)  # cascades may have made new ones
    made: MapPlan = solara.use_memo(lambda: MapPlan.of(run, state.places.value), [run, state.places.value, arcs])
    return made


def _group_plan(state: PageState, run: ShownRun) -> GroupPlan | None:
    """Places of the groups of a run; None where members stand alone."""
    plan, by, opened = _map_plan(state, run), state.group_by.value, state.opened.value

    def made() -> Grouping | None:
        return grouped(plan.network, by, plan.ends) if by in possible_groupings(plan.network) else None

    grouping = solara.use_memo(made, [plan, by])

    def placed() -> GroupPlan | None:
        if grouping is None:
            return None
        return GroupPlan(plan, grouping, frozenset(g for g, name in enumerate(grouping.names) if name in opened))

    found: GroupPlan | None = solara.use_memo(placed, [grouping, opened])
    return found


@solara.component
def _Legend(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    run, units = state.show.runs[0], state.show.scenario.units
    content, plan = legend_content(run, units, state.width.value), _group_plan(state, run)
    if plan is not None:
        with state.show.lock:
            content["scales"] = group_scales(run, plan, units.goods, units.period, state.width.value)
    if state.colour_by.value == "exposure":
        markers = [{**one, "colour": LIGHT_GREY} for one in content["states"]]
        content["states"] = [*exposure_legend(), *markers]
    return Legend(**content)


@solara.component
def _Map(state: PageState, place: int, several: bool) -> Any:  # noqa: N802
    state.frame.get()
    show = state.show
    run = show.runs[min(place, len(show.runs) - 1)]
    plan, groups = _map_plan(state, run), _group_plan(state, run)
    with show.lock:
        option = _option(state, run, plan, groups, show.scenario.units)
    if state.colour_by.value == "exposure" and state.setting.exposures is not None:
        index = node_exposures(state.setting.exposures, plan.network.node_ids)
        option = coloured(option, index, None if groups is None else groups.grouping)

    def clicked(event: dict[str, Any]) -> None:
        data = event.get("data")
        if event.get("dataType") != "node" or not isinstance(data, dict):
            return
        if "node" in data:
            state.choose(plan.network.node_ids[int(data["node"])])
        elif groups is not None:
            state.turn_group(groups.grouping.names[int(data["group"])])

    height = 560 if groups is not None and not several else 200 if plan.flat else 430 if several else 500
    on_earth = groups is None and plan.on_earth
    size = f"aspect-ratio: {BOX[0]:g} / {BOX[1]:g}" if on_earth else f"height: {height}px"
    chart = solara.FigureEcharts(
        option, on_click=clicked, responsive=True, attributes={"style": f"{size}; width: 100%"}
    )
    layer = solara.use_memo(lambda: earth_layer(plan) if on_earth else None, [plan, on_earth])
    parts = [chart] if layer is None else [box("div", "esc-world", [Earth(layer=layer), chart])]
    if several:
        css = "esc-letter" if place == 0 else "esc-letter esc-letter-b"
        head = [box("span", css, [RUN_LETTERS[place]]), box("span", "", [state.name_of(run.what_if)])]
        parts.insert(0, box("div", "esc-map-title", head))
    words = f"Map of the network, {state.name_of(run.what_if)}. The same as a table: choose the view 'table' above."
    return box("div", "", parts, role="group", **{"aria-label": words, "data-test": f"map-{place}"})


def _option(state: PageState, run: ShownRun, plan: MapPlan, groups: GroupPlan | None, units: Units) -> dict[str, Any]:
    """The map's chart: by groups, or by members."""
    goods, period, width, selected = units.goods, units.period, state.width.value, state.selected.value
    if groups is not None:
        brief = state.columns.value == 1
        return group_option(run, groups, goods=goods, period=period, width=width, selected=selected, brief=brief)
    return map_option(
        run, plan, goods=goods, period=period, width=width, selected=selected, near=state.near.value
    )  # fmt: skip


@solara.component
def _Table(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    with state.show.lock:
        rows = node_rows(state.show.runs[0])
    return Nodes(
        rows=rows,
        selected=state.selected.value,
        missing=state.missing.value,
        nearest=state.nearest.value,
        event_choose=state.choose,
        event_miss=state.choose,
    )
