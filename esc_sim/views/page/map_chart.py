"""The network map as an ECharts option: sizes, colours and markers of nodes, widths and dashes of links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.views.earth import HOLLOW
from esc_sim.views.page.key_figures import shown
from esc_sim.views.page.label_sides import sides
from esc_sim.views.page.map_plan import BOX, MARGIN, MapPlan
from esc_sim.views.page.show import ShownRun
from esc_sim.views.page.states import NORMAL, STATES, State, node_states
from esc_sim.views.palette import BLACK, GREEN, GREY, PURPLE, VERMILION

Width = Literal["flow", "on the road"]
LinesOf = Callable[[NDArray[np.int64]], NDArray[np.float64]]

WIDTHS: Final[tuple[Width, ...]] = ("flow", "on the road")
LARGE: Final = 60
"""Number of nodes up to which all are named, and links are drawn one by one with arrows."""
MOST_SHARE: Final = 4.0
"""Stock against a member's own level, from which on its circle grows no more."""
_IDLE: Final = "#98A0A8"
_WIDTH_CLASSES: Final = 5


def map_option(
    run: ShownRun,
    plan: MapPlan,
    *,
    goods: str,
    period: str,
    width: Width = "flow",
    selected: str | None = None,
    near: int = 0,
) -> dict[str, Any]:
    """The map of a run as it stands.

    Args:
        run: the run.
        plan: where things stand.
        goods, period: names of the units.
        width: what the width of an arc shows.
        selected: name of the node that is marked.
        near: show only what is at most so many trades away from the selected node; 0 = all.

    Returns:
        An ECharts option; each node's datum carries ``node`` (its index) and ``state``.
    """
    network = plan.network
    visible = np.ones(network.node_count, np.bool_)
    chosen = None if selected is None else run.node(selected)
    if near and chosen is not None:
        visible = plan.partners(chosen, near)
    shown_nodes = np.flatnonzero(visible)
    large = len(shown_nodes) > LARGE
    states = node_states(run.model)
    shown_nodes = np.array(sorted(shown_nodes, key=lambda n: states[n] is not NORMAL))  # these are drawn on top
    links = links_of(run, plan, visible, width)
    points = np.round(plan.points_of(visible), 1)
    data = [node_datum(run, int(n), points[n], states[n], len(shown_nodes), n == chosen, goods) for n in shown_nodes]
    if not large:
        for datum, position in zip(data, sides(data), strict=True):
            datum["label"]["position"] = position
    graph = {
        "type": "graph", "coordinateSystem": "cartesian2d", "z": 3,
        "data": data,
        "links": [],
        "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": [0, 7],
        "itemStyle": {"borderColor": BLACK, "borderWidth": 0.6 if large else 1},
        "label": {"show": not large, "fontSize": 11, "color": "#222",
                  "textBorderColor": "#fff", "textBorderWidth": 3},
        "labelLayout": {"hideOverlap": True},
        # Within the series: ECharts looks for links in every series that it dims.
        "emphasis": {"focus": "none" if large else "adjacency", "blurScope": "series", "label": {"show": True},
                     "scale": False},
        "categories": [{"name": s.name, "symbol": s.symbol, "itemStyle": {"color": s.colour}} for s in STATES],
    }  # fmt: skip
    bundles: list[dict[str, Any]] = []
    side = _side_links(run, visible, points, f"{goods}/{period}")
    if large:
        lines = plan.lines_of if plan.whole_world else points.__getitem__
        bundles = [*bundles_of(links, plan.ends, lines), *_side_bundle(side, points)]
    else:
        unit = f"{goods}/{period}" if width == "flow" else goods
        ways = _placed(side, shown_nodes, network.node_count)
        single = _single_links(links, plan, shown_nodes, unit)
        over = plan.crossing[links.pairs]
        graph["links"] = [*(link for link, beyond in zip(single, over, strict=True) if not beyond), *ways]
        bundles = _over_the_edge([one for one, beyond in zip(single, over, strict=True) if beyond],
                                 plan.lines_of(plan.ends[links.pairs[over]]))  # fmt: skip
    return option_of([graph, *bundles, *([] if near else _heads(plan))], plan.on_earth)


def _over_the_edge(links: list[dict[str, Any]], lines: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Links that lead over the edge of a map of the world: a line to one edge, and an arrow from the other.

    Args:
        links: L links.
        lines: float64[2 L, 2, 2], first to the edge for each link, then from the edge.
    """
    data = []
    for piece, line in enumerate(np.round(lines, 1).tolist()):
        link = links[piece % len(links)]
        arrow = ["none", "arrow" if piece >= len(links) else "none"]
        style = {key: value for key, value in link["lineStyle"].items() if key != "curveness"}
        data.append({"coords": line, "symbol": arrow, "lineStyle": style, "tooltip": link["tooltip"]})
    series = {"type": "lines", "coordinateSystem": "cartesian2d", "z": 2, "symbolSize": 7, "data": data}
    return [series] if data else []


def option_of(series: list[dict[str, Any]], on_earth: bool = False) -> dict[str, Any]:
    """A chart of series in the map's box.

    Args:
        series: what is drawn.
        on_earth: whether it lies on a map of the world, whose shape must stay.
    """
    beside = f"{100 * MARGIN:g}%"
    room = {"left": beside, "right": beside, "top": beside, "bottom": beside}
    return {
        "animation": False,
        "aria": {"enabled": False},
        # Drawn on the canvas and not as HTML, so that no text of a scenario can become markup.
        "tooltip": {"renderMode": "richText", "formatter": "{b}", "confine": True},
        "grid": room if on_earth else {"left": 60, "right": 60, "top": 34, "bottom": 34},
        "xAxis": {"type": "value", "show": False, "min": 0, "max": BOX[0]},
        "yAxis": {"type": "value", "show": False, "min": 0, "max": BOX[1]},
        "series": series,
    }


def plain(text: str) -> str:
    """Text without what ECharts would read as a style in braces."""
    return text.replace("{", "(").replace("}", ")").replace("|", "/")


def _heads(plan: MapPlan) -> list[dict[str, Any]]:
    """Names of the columns, above the box."""
    data = [
        {"value": [x, BOX[1]], "label": {"formatter": plain(words).replace("\n", " ")}} for x, words in plan.heads()
    ]
    label = {"show": True, "position": "top", "distance": 12, "fontWeight": "bold", "color": "#222"}
    return [{"type": "scatter", "symbolSize": 0.01, "silent": True, "data": data, "label": label}] if data else []


def node_datum(
    run: ShownRun, node: int, place: NDArray[np.float64], state: State, count: int, marked: bool, goods: str
) -> dict[str, Any]:
    """A node: area by its stock against its own level, colour and marker by state, a thick edge when it is chosen.

    Args:
        run: the run.
        node: its index.
        place: float64[2], in the box.
        state: its state.
        count: number of nodes that are shown; the more, the smaller each.
        marked: it is the chosen one.
        goods: name of the unit.
    """
    agent = run.model.members[node]
    on_hand = agent.on_hand
    smallest, largest = (13.0, 44.0) if count <= LARGE else (max(3.0, 6.0 - count / 300), max(10.0, 24.0 - count / 75))
    size = max(smallest, largest * min(1.0, run.members.stock_share(node) / MOST_SHARE) ** 0.5)
    network = run.model.instance.network
    label = plain(network.labels[node])
    words = label if label == plain(agent.node_id) else f"{label} ({plain(agent.node_id)})"
    datum: dict[str, Any] = {
        "name": plain(agent.node_id),
        "label": {"formatter": label},
        "node": node,
        "state": state.name,
        "value": place.tolist(),
        "symbol": state.symbol,
        "symbolSize": round(size if state.name == "normal" else max(size, 17.0), 1),
        "itemStyle": {"color": state.colour},
        "tooltip": {"formatter": f"{words}\n{state.name}\n{shown(on_hand)} {plain(goods)} on hand"},
    }
    if network.place_unknown[node]:
        datum["itemStyle"] = {"color": HOLLOW, "borderColor": state.colour, "borderWidth": 2.5}
        datum["tooltip"]["formatter"] += "\nplace not known"
    if marked:
        datum["itemStyle"]["borderWidth"] = 4 if "borderColor" in datum["itemStyle"] else 3
        datum["label"] |= {"show": True, "fontWeight": "bold"}
    return datum


@dataclass(frozen=True)
class Links:
    """The visible links.

    Attributes:
        pairs: int64[L], index of each link's pair of ends.
        amounts: float64[L], units.
        shares: float64[L], of the largest amount.
        kinds: idle, flow, new or out.
    """

    pairs: NDArray[np.int64]
    amounts: NDArray[np.float64]
    shares: NDArray[np.float64]
    kinds: list[str]


def links_of(run: ShownRun, plan: MapPlan, visible: NDArray[np.bool_], width: Width) -> Links:
    """What each pair of nodes trades: idle, a flow, a flow on a new link, or out.

    Args:
        run: the run.
        plan: its pairs of nodes.
        visible: bool[N], nodes that are shown.
        width: what the amounts are.
    """
    model, watch = run.model, run.model.watch
    assert watch is not None
    arcs = len(plan.pair_of_arc)  # links of a cascade come with the next plan
    amounts = np.array((watch.shipped if width == "flow" else watch.on_road)[:arcs])
    flow = np.bincount(plan.pair_of_arc, amounts, len(plan.ends)).astype(np.float64)
    new, out = np.zeros((2, len(plan.ends)), np.bool_)
    new[plan.pair_of_arc[sorted(arc for arc in watch.new_arcs if arc < arcs)]] = True
    closed = [arc for arc in model.hazards.struck_arcs if model.health.arc[arc] < 1.0]
    out[plan.pair_of_arc[[*closed, *model.hazards.arcs_by_hand]]] = True
    pairs = np.flatnonzero(visible[plan.ends[:, 0]] & visible[plan.ends[:, 1]])
    kinds = ["out" if out[p] else "idle" if flow[p] <= 0.0 else "new" if new[p] else "flow" for p in pairs]
    most = max(run.most_flow, float(flow.max(initial=0.0)))
    return Links(pairs, flow[pairs], flow[pairs] / most, kinds)


def _single_links(links: Links, plan: MapPlan, shown_nodes: NDArray[np.int64], unit: str) -> list[dict[str, Any]]:
    """A link by link drawing, with arrows and tooltips, for networks that are small."""
    place_of = np.full(plan.network.node_count, -1)
    place_of[shown_nodes] = np.arange(len(shown_nodes))
    names, both_ways = plan.network.node_ids, plan.both_ways
    found = []
    for pair, amount, share, kind in zip(links.pairs, links.amounts, links.shares, links.kinds, strict=True):
        supplier, buyer = plan.ends[pair].tolist()
        words = plain(f"{names[supplier]} \N{RIGHTWARDS ARROW} {names[buyer]}")
        style = {"width": round(1.0 + 8.0 * float(share), 2)} | LOOK[kind]
        if both_ways[pair]:
            style["curveness"] = 0.12
        found.append(
            {
                "source": int(place_of[supplier]), "target": int(place_of[buyer]), "value": round(float(amount), 2),
                "kind": kind, "lineStyle": style, "tooltip": {"formatter": f"{words}\n{shown(amount)} {plain(unit)}"},
            }
        )  # fmt: skip
    return found


def _side_links(
    run: ShownRun, visible: NDArray[np.bool_], points: NDArray[np.float64], unit: str
) -> list[dict[str, Any]]:
    """Ways of goods that nobody orders, one a pair of nodes; ``ends`` are the two nodes."""
    network, given = run.model.instance.network, run.given
    of_pair: dict[tuple[int, int], list[int]] = {}
    for link, pair in enumerate(zip(run.side_links.giver.tolist(), run.side_links.taker.tolist(), strict=True)):
        if visible[list(pair)].all():
            of_pair.setdefault(pair, []).append(link)
    found = []
    for (giver, taker), links in of_pair.items():
        amount = float(given[links].sum())
        kind = "given" if amount > 0.0 else "not given"
        words = [f"{network.node_ids[giver]} \N{RIGHTWARDS ARROW} {network.node_ids[taker]}"]
        words += [f"{network.products[run.side_links.product[k]]}: {shown(float(given[k]))} {unit}" for k in links]
        style = {"width": round(1.2 + 5.0 * min(1.0, amount / run.most_given), 2)} | LOOK[kind]
        style["curveness"] = _bend(points, giver, taker, (taker, giver) in of_pair)
        found.append(
            {
                "ends": (giver, taker), "value": round(amount, 2), "kind": kind,
                "lineStyle": style, "tooltip": {"formatter": "\n".join(plain(line) for line in words)},
            }
        )  # fmt: skip
    return found


def _bend(points: NDArray[np.float64], giver: int, taker: int, both_ways: bool) -> float:
    """Curve of a way: towards the middle of the map, so that it stays on it; to either side where there are two."""
    (x1, y1), (x2, y2) = points[[giver, taker]].tolist()
    inwards = (y1 - y2) * (BOX[0] - x1 - x2) + (x2 - x1) * (BOX[1] - y1 - y2)
    return -_SIDE_BEND if inwards < 0.0 and not both_ways else _SIDE_BEND


def _placed(side: list[dict[str, Any]], shown_nodes: NDArray[np.int64], node_count: int) -> list[dict[str, Any]]:
    """Ways as links of the graph."""
    place_of = np.full(node_count, -1)
    place_of[shown_nodes] = np.arange(len(shown_nodes))
    found = []
    for link in side:
        giver, taker = link["ends"]
        rest = {key: value for key, value in link.items() if key != "ends"}
        found.append({"source": int(place_of[giver]), "target": int(place_of[taker]), **rest})
    return found


def _side_bundle(side: list[dict[str, Any]], points: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Ways in a large network, thinner, in a series of their own."""
    data = []
    for link in side:
        style = link["lineStyle"] | {"width": round(link["lineStyle"]["width"] / 3.0, 2)}
        data.append({"coords": points[list(link["ends"])].tolist(), "lineStyle": style})
    series = {"type": "lines", "coordinateSystem": "cartesian2d", "silent": True, "z": 2, "name": "given", "data": data}
    return [series] if data else []


def bundles_of(links: Links, all_ends: NDArray[np.int64], lines_of: LinesOf) -> list[dict[str, Any]]:
    """Links of a large network, drawn in one go for each look: kind, and class of width.

    Args:
        links: the links.
        all_ends: int64[., 2], the two ends of each pair.
        lines_of: straight lines, float64[., 2, 2], between some of the ends.
    """
    classes = np.minimum((links.shares * _WIDTH_CLASSES).astype(np.int64), _WIDTH_CLASSES - 1)
    members: dict[tuple[str, int], list[int]] = {}
    for place, (kind, width) in enumerate(zip(links.kinds, classes.tolist(), strict=True)):
        members.setdefault((kind, width if kind in ("flow", "new") else 0), []).append(place)
    found = []
    for (kind, width), places in sorted(members.items()):
        lines = lines_of(all_ends[links.pairs[places]])
        flat = np.column_stack([np.full(len(lines), 2.0), np.round(lines[:, 0], 1), np.round(lines[:, 1], 1)])
        look = LOOK[kind] | {"width": round(0.3 + 0.4 * width, 1)}
        if kind in ("flow", "new"):
            look["opacity"] = 0.45
        found.append(
            {
                "type": "lines", "coordinateSystem": "cartesian2d", "polyline": True, "large": True,
                "largeThreshold": 1, "silent": True, "z": 1 if kind in ("flow", "idle") else 2, "lineStyle": look,
                "name": kind, "dimensions": ["value"], "data": flat.ravel().tolist(),
            }
        )  # fmt: skip
    return found


LOOK: Final[dict[str, dict[str, Any]]] = {
    "idle": {"color": _IDLE, "opacity": 0.6},
    "flow": {"color": GREY, "opacity": 0.75},
    "new": {"color": PURPLE, "type": "dashed", "opacity": 0.95},
    "out": {"color": VERMILION, "type": "dotted", "opacity": 0.95},
    "given": {"color": GREEN, "type": [14, 5], "opacity": 0.9},
    "not given": {"color": GREEN, "type": [14, 5], "opacity": 0.4},
}
_SIDE_BEND: Final = 0.28
LINK_WORDS: Final = {
    "flow": ("flow", GREY, ""),
    "new": ("new link (first used since a disruption)", PURPLE, "6 4"),
    "out": ("link out", VERMILION, "1.5 3"),
    "given": ("passed on without an order (by-products and the like)", GREEN, "9 3"),
}
"""Words, colour and dashes of links for the legend."""
