"""Large layered networks built straight from arrays; reading a million arcs from a file is another matter.

A small scenario, one node a layer, says what a node and an arc of each layer is; its instance's arrays are repeated.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.arrange import arrange
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import NO_COLUMN, Instance
from esc_sim.instance.orders import order_numbers
from esc_sim.network.model import Network
from esc_sim.sampling.tape import TapeColumns
from esc_sim.scenario.schema import Scenario

Kind = Literal["even", "hubs", "star"]
KINDS: tuple[Kind, ...] = ("even", "hubs", "star")
"""even: suppliers drawn alike; hubs: each layer has one supplier that a quarter of the arcs lead to, as far as it has
so many buyers; star: two layers, half of all arcs lead to one supplier."""

ARCS_PER_BUYER = 20 / 3
"""Mean number of suppliers of a buyer, but two in a star."""


def big_instance(arcs: int, kind: Kind, seed: int = 0, periods: int = 20) -> Instance:
    """A layered network of about so many arcs.

    Args:
        arcs: number of arcs wanted; arcs drawn twice are left out.
        kind: how suppliers are chosen.
        seed: of the network's draw.
        periods: horizon.
    """
    rng = np.random.default_rng(seed)
    sizes = [arcs // 2, max(arcs // 100, 2)] if kind == "star" else [max(int(arcs / ARCS_PER_BUYER / 3), 2)] * 4
    buyer, supplier = _arcs(rng, arcs, kind, sizes)
    first = np.r_[0, np.cumsum(sizes)]
    layer = np.repeat(np.arange(len(sizes)), sizes)
    scenario = Scenario.model_validate(_template(len(sizes)))
    template = instance_of(scenario)
    count = int(first[-1])
    network = Network(
        node_ids=tuple(map(str, range(count))),
        roles=("member",) * count,
        regions=(None,) * count,
        layer=(layer + 1).astype(np.int32),
        x=np.full(count, np.nan),
        y=np.full(count, np.nan),
        products=template.network.products,
        item_node=np.arange(count, dtype=np.int32),
        item_product=np.zeros(count, np.int32),
        arc_buyer=buyer.astype(np.uint32),
        arc_supplier=supplier.astype(np.uint32),
        arc_market=layer[buyer].astype(np.int32),
        markets=template.network.markets,
    )
    names: list[str] = []
    items = _with_streams(_sized(_repeated(template.items, layer), _shares(buyer, supplier, layer)), names)
    numbers = _repeated(template.arcs, layer[buyer])
    numbers = replace(numbers, price=numbers.price + rng.random(len(buyer)))
    lines = arrange(network, numbers)
    nodes = [scenario.nodes[k] for k in layer.tolist()]
    of_layers = "disposal_cost", "room", "environment", "energy"
    making = replace(template.making, **{name: getattr(template.making, name)[layer] for name in of_layers})
    return replace(
        template,
        network=network,
        items=items,
        making=making,
        arcs=numbers,
        orders=order_numbers(nodes, network, lines, scenario.rules, making),
        lines=lines,
        columns=TapeColumns(tuple(names), (None,) * len(names)),
        periods=periods,
    )


def _arcs(
    rng: np.random.Generator, arcs: int, kind: Kind, sizes: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Buyer and supplier of each arc, every pair once."""
    first = np.r_[0, np.cumsum(sizes)]
    buyers, suppliers = [], []
    for layer in range(len(sizes) - 1):
        count = arcs // (len(sizes) - 1)
        buyer = np.arange(count) % sizes[layer] if kind == "star" else rng.integers(0, sizes[layer], count)
        supplier = rng.integers(0, sizes[layer + 1], count)
        if kind == "hubs":
            supplier[rng.random(count) < 0.25] = 0
        elif kind == "star":
            supplier[: count // 2] = 0
        buyers.append(buyer + first[layer])
        suppliers.append(supplier + first[layer + 1])
    pairs = np.unique(np.stack([np.concatenate(buyers), np.concatenate(suppliers)]), axis=1)
    return pairs[0], pairs[1]


def _template(layers: int) -> dict[str, Any]:
    """A chain with one node a layer: customers at layer 1, a source at the last."""
    nodes: list[dict[str, Any]] = []
    for layer in range(1, layers + 1):
        node: dict[str, Any] = {"id": f"n{layer}", "role": "member", "layer": layer, "initial_stock": 200}
        node |= {"safety_stock": 20, "target_stock": 200, "holding_cost": 1, "penalty": 200}
        if layer == 1:
            node["demand"] = {"mean": 80, "sd": 8, "price": 100}
        if layer < layers:
            node["order"] = {"mean": 103, "sd": 1}
        else:
            node["production"] = {"mean": 160, "sd": 3}
        nodes.append(node)
    arcs = [
        {"buyer": f"n{layer}", "supplier": f"n{layer + 1}", "price": 65 - 5 * layer, "other_cost": 7}
        for layer in range(1, layers)
    ]
    return {"version": 1, "name": "big", "products": [{"id": "goods"}], "nodes": nodes, "arcs": arcs}


def _repeated(part: Any, choice: NDArray[np.int64]) -> Any:
    """A dataclass of arrays with one entry a layer, as one with an entry for each choice of a layer."""
    arrays = {field.name: getattr(part, field.name) for field in fields(part)}
    return replace(part, **{name: array[choice] for name, array in arrays.items() if array is not None})


def _shares(buyer: NDArray[np.int64], supplier: NDArray[np.int64], layer: NDArray[np.int64]) -> NDArray[np.float64]:
    """Size of each node: its share of its layer's buyers, times the number of customers; a customer's size is 1."""
    buyers = np.bincount(supplier, minlength=len(layer)).astype(np.float64)
    sizes = np.bincount(layer)
    bought = np.bincount(layer, buyers)
    return np.where(layer == 0, 1.0, sizes[0] * buyers / np.maximum(bought, 1.0)[layer])


def _sized(items: Any, share: NDArray[np.float64]) -> Any:
    """Stocks and flows in proportion to a node's size, in whole units, so that a hub can serve its buyers."""
    sized = ("initial_stock", "safety_stock", "target_stock", "order_loc", "production_loc")
    return replace(items, **{name: np.round(getattr(items, name) * share) for name in sized})


def _with_streams(items: Any, names: list[str]) -> Any:
    """Give every drawn amount a stream of its own; their names are added to ``names``."""
    columns = {}
    for what in ("demand", "order", "production"):
        column = getattr(items, f"{what}_column").copy()
        drawn = np.flatnonzero(column != NO_COLUMN)
        column[drawn] = np.arange(len(names), len(names) + len(drawn))
        names += [f"{what}/{item}" for item in drawn.tolist()]
        columns[f"{what}_column"] = column
    return replace(items, **columns)
