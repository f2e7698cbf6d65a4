"""The network map as an ECharts option: places, sizes, colours and markers, widths and dashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.model import Network
from esc_sim.views.layout import by_coordinates, has_layers, node_places
from esc_sim.views.page.key_figures import shown
from esc_sim.views.page.show import ShownRun
from esc_sim.views.page.states import STATES, State, node_states
from esc_sim.views.style import BLACK, GREY, PURPLE, VERMILION

Places = Literal["coordinates", "layers", "forces"]
Width = Literal["flow", "on the road"]

WIDTHS: Final[tuple[Width, ...]] = ("flow", "on the road")
LARGE: Final = 60
"""Number of nodes up to which all are named and arrows are drawn."""
_BOX = (1000.0, 560.0)
_IDLE = "#C9CDD2"


def possible_places(network: Network) -> list[Places]:
    """Layouts that this network has."""
    found: list[Places] = []
    if by_coordinates(network):
        found.append("coordinates")
    if has_layers(network):
        found.append("layers")
    return found or ["forces"]


@dataclass(frozen=True)
class MapPlan:
    """Where everything stands; the same for every period of a run.

    Attributes:
        network: the network.
        arc_supplier, arc_buyer: int64[A] nodes of each arc, in the order of the books.
        places: layout.
    """

    network: Network
    arc_supplier: NDArray[np.int64]
    arc_buyer: NDArray[np.int64]
    places: Places

    @classmethod
    def of(cls, run: ShownRun, places: Places) -> MapPlan:
        """The plan of a run's network."""
        numbers = run.model.numbers
        return cls(
            run.model.instance.network,
            np.array(numbers.supplier_node, np.int64),
            np.array(numbers.buyer_node, np.int64),
            places,
        )

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        keys, pair_of_arc = np.unique(self.arc_supplier * self.network.node_count + self.arc_buyer, return_inverse=True)
        count = self.network.node_count
        return np.column_stack([keys // count, keys % count]).astype(np.int64), pair_of_arc.astype(np.int64)

    @property
    def ends(self) -> NDArray[np.int64]:
        """int64[P, 2], (supplier, buyer) of every pair of nodes that trades."""
        return self._pairs[0]

    @property
    def pair_of_arc(self) -> NDArray[np.int64]:
        """int64[A]."""
        return self._pairs[1]

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """float64[N, 2], place of every node in a box of 1000 by 560, from the upper left.

        Layers and forces fill the box; coordinates keep their proportions.
        """
        raw = node_places(self.network, self.ends, np.ones(len(self.ends)), layers_first=self.places == "layers")
        low, high = raw.min(axis=0), raw.max(axis=0)
        size = np.where(high > low, high - low, 1.0)
        scale = np.array(_BOX) / size
        if self.places == "coordinates":
            scale[:] = scale.min()
        points: NDArray[np.float64] = (raw - low) * scale
        points[:, 1] = size[1] * scale[1] - points[:, 1]
        return points

    def partners(self, node: int, steps: int) -> NDArray[np.bool_]:
        """bool[N], nodes at most ``steps`` trades away from a node, itself included."""
        near = np.zeros(self.network.node_count, np.bool_)
        near[node] = True
        for _ in range(steps):
            touched = near[self.ends[:, 0]] | near[self.ends[:, 1]]
            near[self.ends[touched].ravel()] = True
        return near


def map_option(
    run: ShownRun,
    plan: MapPlan,
    *,
    goods: str,
    period: str,
    width: Width = "flow",
    selected: int | None = None,
    near: int = 0,
) -> dict[str, Any]:
    """The map of a run as it stands.

    Args:
        run: the run.
        plan: where things stand.
        goods, period: names of the units.
        width: what the width of an arc shows.
        selected: node that is marked.
        near: show only what is at most so many trades away from the selected node; 0 = all.

    Returns:
        An ECharts option; each node's datum carries ``node`` (its index) and ``state``.
    """
    network = plan.network
    visible = np.ones(network.node_count, np.bool_)
    if near and selected is not None:
        visible = plan.partners(selected, near)
    shown_nodes = np.flatnonzero(visible)
    place_of = np.full(network.node_count, -1)
    place_of[shown_nodes] = np.arange(len(shown_nodes))
    large = len(shown_nodes) > LARGE
    states = node_states(run.model)
    series = {
        "type": "graph", "layout": "none", "left": 70, "right": 70, "top": 30, "bottom": 44,
        "data": [_node(run, plan, int(n), states[n], large, selected, goods) for n in shown_nodes],
        "links": _links(run, plan, visible, place_of, large, width, f"{goods}/{period}" if width == "flow" else goods),
        "edgeSymbol": ["none", "none" if large else "arrow"], "edgeSymbolSize": [0, 7],
        "label": {"show": not large, "position": "bottom", "fontSize": 11, "color": "#222"},
        "labelLayout": {"hideOverlap": True},
        "emphasis": {"focus": "adjacency", "label": {"show": True}, "scale": False},
        "categories": [{"name": s.name, "symbol": s.symbol, "itemStyle": {"color": s.colour}} for s in STATES],
        "silent": False,
    }  # fmt: skip
    return {
        "animation": False,
        "aria": {"enabled": False},
        # Drawn on the canvas and not as HTML, so that no text of a scenario can become markup.
        "tooltip": {"renderMode": "richText", "formatter": "{b}\n{c}", "confine": True},
        "series": [series],
    }


def plain(text: str) -> str:
    """Text without what ECharts would read as a style in braces."""
    return text.replace("{", "(").replace("}", ")").replace("|", "/")


def _node(
    run: ShownRun, plan: MapPlan, node: int, state: State, large: bool, selected: int | None, goods: str
) -> dict[str, Any]:
    model = run.model
    agent = model.members[node]
    on_hand = agent.on_hand
    smallest, largest = (5.0, 24.0) if large else (14.0, 54.0)
    size = max(smallest, largest * min(1.0, on_hand / run.most_stock) ** 0.5)
    x, y = plan.points[node]
    marked = node == selected
    datum = {
        "name": plain(agent.node_id),
        "node": node,
        "state": state.name,
        "x": round(float(x), 1),
        "y": round(float(y), 1),
        "symbol": state.symbol,
        "symbolSize": round(size, 1),
        "itemStyle": {
            "color": state.colour,
            "borderColor": BLACK,
            "borderWidth": 3 if marked else 0.6 if large else 1,
        },
        "value": f"{state.name}, {shown(on_hand)} {plain(goods)} on hand",
    }
    if marked:
        datum["label"] = {"show": True, "fontWeight": "bold"}
    return datum


def _links(
    run: ShownRun,
    plan: MapPlan,
    visible: NDArray[np.bool_],
    place_of: NDArray[np.int64],
    large: bool,
    width: Width,
    unit: str,
) -> list[dict[str, Any]]:
    """A link per pair of nodes: width by flow, dashes for new ones, dots and colour for those that are out."""
    model = run.model
    watch = model.watch
    assert watch is not None
    amounts = np.array(watch.shipped if width == "flow" else watch.on_road)
    flow = np.bincount(plan.pair_of_arc, amounts, len(plan.ends))
    new = np.zeros(len(plan.ends), np.bool_)
    new[plan.pair_of_arc[sorted(watch.new_arcs)]] = True
    out = np.zeros(len(plan.ends), np.bool_)
    closed = (np.array(model.health.arc) < 1.0) & bool(model.hazards.active)
    closed[list(model.hazards.arcs_by_hand)] = True
    out[plan.pair_of_arc[closed]] = True
    thinnest, spread = (0.3, 2.2) if large else (1.0, 8.0)
    most = max(run.most_flow, float(flow.max(initial=0.0)))
    unit = plain(unit)
    links = []
    for pair in np.flatnonzero(visible[plan.ends[:, 0]] & visible[plan.ends[:, 1]]).tolist():
        supplier, buyer = plan.ends[pair].tolist()
        amount = float(flow[pair])
        style: dict[str, Any] = {"width": round(thinnest + spread * amount / most, 2)}
        kind = "out" if out[pair] else "new" if new[pair] else "flow" if amount > 0 else "idle"
        style |= _LOOK[kind]
        if large and kind == "flow":
            style["opacity"] = 0.35
        link = {
            "source": int(place_of[supplier]), "target": int(place_of[buyer]), "value": round(amount, 2), "kind": kind,
            "lineStyle": style,
        }  # fmt: skip
        if not large:
            names = plan.network.node_ids
            link["name"] = plain(f"{names[supplier]} \N{RIGHTWARDS ARROW} {names[buyer]}")
            link["value"] = f"{shown(amount)} {unit}"
            link["amount"] = amount
        links.append(link)
    return links


_LOOK: Final[dict[str, dict[str, Any]]] = {
    "idle": {"color": _IDLE, "opacity": 0.6},
    "flow": {"color": GREY, "opacity": 0.75},
    "new": {"color": PURPLE, "type": "dashed", "opacity": 0.95},
    "out": {"color": VERMILION, "type": "dotted", "opacity": 0.95},
}
LINK_WORDS: Final = {
    "flow": ("flow", GREY, ""),
    "new": ("new link (first used since a disruption)", PURPLE, "6 4"),
    "out": ("link out", VERMILION, "1.5 3"),
}
"""Words, colour and dashes of links for the legend."""
