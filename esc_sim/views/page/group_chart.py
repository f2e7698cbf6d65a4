"""The map of a large network by groups, as an ECharts option: a circle a closed group, the members of opened ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.counted import counted
from esc_sim.views.page.group_plan import GroupPlan
from esc_sim.views.page.key_figures import shown
from esc_sim.views.page.map_chart import LOOK, Links, Width, bundles_of, links_of, node_datum, option_of, plain
from esc_sim.views.page.show import ShownRun
from esc_sim.views.page.states import CASCADED, DISRUPTED, FAILED, NORMAL, State, node_states
from esc_sim.views.palette import BLACK, GREY

GROUPED_FROM: Final = 200
"""Number of nodes from which the map begins with groups."""
_HOVERED: Final = 1500
"""Links up to which each says its number when it is pointed at."""
_FEW: Final = 100
"""Links from which each is thinner and fainter, the more there are."""
_SMALLEST, _LARGEST = 16.0, 46.0


@dataclass(frozen=True)
class GroupFigures:
    """What the members of a group have together after the last period.

    Attributes:
        name: of the group.
        members, down, hindered: number of members, of those that have failed, and of those that are disrupted or
            recovering.
        stock: units on hand.
        asked, met: units that customers and buyers asked for, and that were served or accepted.
    """

    name: str
    members: int
    down: int
    hindered: int
    stock: float
    asked: float
    met: float

    @property
    def fill_rate(self) -> float:
        """Share of what was asked for that was met; nan where nothing was asked for."""
        return self.met / self.asked if self.asked > 0.0 else math.nan

    @property
    def state(self) -> State:
        """Failed where at least half of the members are down, disrupted where any is not normal."""
        return FAILED if 2 * self.down >= self.members else DISRUPTED if self.down + self.hindered else NORMAL

    def words(self, goods: str) -> str:
        """All of it, for pointing."""
        troubled = [f"{self.down} down"] * (self.down > 0) + [f"{self.hindered} disrupted"] * (self.hindered > 0)
        return "\n".join(
            [
                plain(self.name),
                ", ".join([counted(self.members, "member"), *(troubled or ["none down"])]),
                f"{shown(self.stock)} {plain(goods)} on hand",
                f"fill rate {shown(self.fill_rate, share=True)} (asked {shown(self.asked)}, met {shown(self.met)})",
            ]
        )

    def label(self, brief: bool) -> str:
        """Short lines for the map, or the name and how many are down."""
        down = f", {self.down} down" if self.down else ""
        if brief:
            return f"{{b|{plain(self.name)}{down}}}"
        lines = [f"{counted(self.members, 'member')}{down}", f"stock {shown(self.stock)}"]
        if not math.isnan(self.fill_rate):
            lines.append(f"fill {shown(self.fill_rate, share=True)}")
        return "\n".join([f"{{b|{plain(self.name)}}}", *lines])


def group_figures(run: ShownRun, plan: GroupPlan) -> list[GroupFigures]:
    """Figures of every group, opened or closed."""
    model, groups, count = run.model, plan.grouping.of_node, plan.group_count
    states, books, watch = node_states(model), model.books, model.watch
    assert watch is not None
    of_item = groups[model.instance.network.item_node]
    down = np.bincount(groups, [state in (FAILED, CASCADED) for state in states], count)
    well = np.bincount(groups, [state is NORMAL for state in states], count)
    stock = np.bincount(of_item, books.of_items("stock"), count)
    asked, met = (
        np.bincount(of_item, [books.demanded(item) for item in range(books.item_count)], count),
        np.bincount(of_item, books.of_items("served"), count),
    )
    if watch.bids:
        arcs, wanted, accepted = (np.array(column) for column in zip(*watch.bids, strict=True))
        supplier = groups[np.array(model.books.of_arcs("supplier_node"))[arcs.astype(np.int64)]]
        asked += np.bincount(supplier, wanted, count)
        met += np.bincount(supplier, accepted, count)
    return [
        GroupFigures(name, int(size), int(down[g]), int(size - down[g] - well[g]), stock[g], asked[g], met[g])
        for g, (name, size) in enumerate(zip(plan.grouping.names, plan.grouping.sizes.tolist(), strict=True))
    ]


def group_option(
    run: ShownRun,
    plan: GroupPlan,
    *,
    goods: str,
    period: str,
    width: Width = "flow",
    selected: str | None = None,
    brief: bool = False,
) -> dict[str, Any]:
    """The map of a run by groups, as it stands.

    Args:
        run: the run.
        plan: where things stand, and which groups are opened.
        goods, period: names of the units.
        width: what the width of a link shows.
        selected: name of the node that is marked.
        brief: groups say no more than their names and how many are down.

    Returns:
        An ECharts option; the datum of a group carries ``group`` (its index), that of a member ``node``.
    """
    figures, states = group_figures(run, plan), node_states(run.model)
    chosen = None if selected is None else run.node(selected)
    closed = [g for g in range(plan.group_count) if g not in plan.opened]
    nodes = [int(n) for g in sorted(plan.opened) for n in plan.members(g)]
    nodes.sort(key=lambda n: states[n] is not NORMAL)  # these are drawn on top
    units = [*closed, *(plan.group_count + n for n in nodes)]
    most = max(1e-9, *(one.stock for one in figures))
    holder = None if chosen is None else int(plan.unit_of[chosen])
    data = [
        *(_group(figures[g], g, plan.points[g], most, g == holder, goods, brief) for g in closed),
        *(
            node_datum(run, n, plan.points[plan.group_count + n], states[n], max(len(nodes), 61), n == chosen, goods)
            for n in nodes
        ),
        *(_handle(figures[g], g, plan, goods) for g in sorted(plan.opened)),
    ]
    links = _summed(run, plan, width)
    unit = f"{goods}/{period}" if width == "flow" else goods
    single = len(links.pairs) <= _HOVERED
    graph = {
        "type": "graph", "coordinateSystem": "cartesian2d", "z": 3, "data": data,
        "links": _links(links, plan, units, unit) if single else [],
        "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": [0, 5],
        "itemStyle": {"borderColor": BLACK, "borderWidth": 0.6},
        "label": {"show": False, "fontSize": 10, "color": "#222", "textBorderColor": "#fff", "textBorderWidth": 3,
                  "lineHeight": 13, "align": "center",
                  "rich": {"b": {"fontWeight": "bold", "fontSize": 10, "lineHeight": 13}}},
        "labelLayout": {"hideOverlap": True},
        "emphasis": {"focus": "adjacency", "blurScope": "series", "scale": False},
        "blur": {"itemStyle": {"opacity": 0.4}, "label": {"opacity": 0.4}, "lineStyle": {"opacity": 0.06}},
    }  # fmt: skip
    bundles = [] if single else bundles_of(links, plan.ends, plan.points.__getitem__)
    return option_of([graph, *bundles, *_hulls(plan)])


def group_scales(run: ShownRun, plan: GroupPlan, goods: str, period: str, width: Width) -> str:
    """What the circles' words, size and width stand for, for the legend.

    Args:
        run: the run.
        plan: its groups.
        goods, period: names of the units.
        width: what the width of a link shows.
    """
    most = shown(max(one.stock for one in group_figures(run, plan)))
    flow = f"{goods} sent per {period}" if width == "flow" else f"{goods} on the road"
    return (
        "fill: share met of what customers and buyers asked a group's members for in the period. "
        f"area: stock, up to {most} {goods}; width: {flow}, summed between groups"
    )


def _group(
    one: GroupFigures, group: int, place: NDArray[np.float64], most: float, marked: bool, goods: str, brief: bool
) -> dict[str, Any]:
    """A closed group: area by stock, colour and marker by state, a thick edge when the chosen member is in it."""
    state = one.state
    return {
        "name": plain(one.name), "group": group, "state": state.name, "value": place.tolist(),
        "symbol": state.symbol, "symbolSize": round(max(_SMALLEST, _LARGEST * (one.stock / most) ** 0.5), 1),
        "itemStyle": {"color": state.colour, "borderWidth": 3 if marked else 1},
        "label": {"show": True, "position": "bottom", "formatter": one.label(brief)},
        "tooltip": {"formatter": f"{one.words(goods)}\nclick: its members"},
    }  # fmt: skip


def _handle(one: GroupFigures, group: int, plan: GroupPlan, goods: str) -> dict[str, Any]:
    """The name of an opened group on its edge; a click on it closes the group."""
    x, y = plan.centres[group] + np.array([0.0, plan.radius[group]])
    return {
        "name": plain(one.name), "group": group, "state": one.state.name, "value": [float(x), float(y)],
        "symbol": "roundRect", "symbolSize": [12, 12], "itemStyle": {"color": GREY},
        "label": {"show": True, "position": "bottom", "fontWeight": "bold",
                  "formatter": f"{plain(one.name)} ({one.members}), close"},
        "tooltip": {"formatter": f"{one.words(goods)}\nclick: close it"},
    }  # fmt: skip


def _summed(run: ShownRun, plan: GroupPlan, width: Width) -> Links:
    """What goes between units: the sum over pairs of nodes, without what stays within a closed group."""
    single = links_of(run, plan.plan, np.ones(plan.plan.network.node_count, np.bool_), width)
    count, link = len(plan.ends), plan.link_of_pair
    amounts = np.bincount(link, single.amounts, count).astype(np.float64)
    pairs = np.flatnonzero(plan.ends[:, 0] != plan.ends[:, 1])
    size, of_kind = np.bincount(link, minlength=count), {}
    for kind in ("out", "new", "idle"):
        of_kind[kind] = np.bincount(link, [k == kind for k in single.kinds], count)
    moving = size - of_kind["idle"] - of_kind["out"]
    kinds = [
        "out" if of_kind["out"][p] == size[p]
        else "idle" if amounts[p] <= 0.0
        else "new" if of_kind["new"][p] == moving[p] else "flow"
        for p in pairs
    ]  # fmt: skip
    most = max(1e-9, float(amounts[pairs].max(initial=0.0)))
    return Links(pairs, amounts[pairs], amounts[pairs] / most, kinds)


def _links(links: Links, plan: GroupPlan, units: list[int], unit: str) -> list[dict[str, Any]]:
    """A link by link drawing with tooltips; those without any goods are left out, and small ones are fainter."""
    place_of = {one: place for place, one in enumerate(units)}
    names = [*plan.grouping.names, *plan.plan.network.node_ids]
    size = np.bincount(plan.link_of_pair, minlength=len(plan.ends))
    crowd = min(1.0, (_FEW / max(1, sum(kind != "idle" for kind in links.kinds))))
    found = []
    for pair, amount, share, kind in zip(links.pairs, links.amounts, links.shares, links.kinds, strict=True):
        if kind == "idle":
            continue
        supplier, buyer = plan.ends[pair].tolist()
        words = plain(f"{names[supplier]} \N{RIGHTWARDS ARROW} {names[buyer]}")
        style = LOOK[kind] | {"width": round(0.6 + 7.0 * crowd * float(share), 2), "curveness": 0.12}
        if kind == "flow":
            style["opacity"] = round(0.1 + 0.1 * crowd + 0.6 * crowd * float(share), 2)
        several = f" on {counted(int(size[pair]), 'link')}" if size[pair] > 1 else ""
        found.append(
            {
                "source": place_of[supplier], "target": place_of[buyer], "value": round(float(amount), 2),
                "kind": kind, "lineStyle": style,
                "tooltip": {"formatter": f"{words}\n{shown(amount)} {plain(unit)}{several}"},
            }
        )  # fmt: skip
    return found


def _hulls(plan: GroupPlan) -> list[dict[str, Any]]:
    """A thin line around each opened group."""
    turn = np.linspace(0.0, 2.0 * np.pi, 49)
    data = []
    for group in sorted(plan.opened):
        edge = plan.centres[group] + plan.radius[group] * np.column_stack([np.cos(turn), np.sin(turn)])
        data.append({"coords": np.round(edge, 1).tolist()})
    style = {"color": GREY, "width": 1, "type": "dashed", "opacity": 0.8}
    series = {"type": "lines", "coordinateSystem": "cartesian2d", "polyline": True, "silent": True, "z": 1,
              "name": "opened", "lineStyle": style, "data": data}  # fmt: skip
    return [series] if data else []
