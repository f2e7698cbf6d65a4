"""Networks of stockpyl: the JSON files that its ``save_instance`` writes.

stockpyl's periods go as here with ``order_after_demand``: demand, then orders up the chain, then shipments; goods
shipped with lead time L are there L periods later, before demand is served, and costs count what is there at the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from esc_sim.counted import enumerated
from esc_sim.errors import InputError
from esc_sim.exchange.carried import Imported, Ledger
from esc_sim.exchange.layers import fill_layers
from esc_sim.exchange.stockpyl_demand import demand_of
from esc_sim.fields.names import path_from
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.tables import MAX_BYTES

EXTERNAL: Final = "external supplier"
_PLENTY: Final = 1e9
_PERIODS: Final = 365
_READ: Final = (
    "_index name _predecessor_indices _successor_indices _product_indices _dummy_product "
    "_external_supplier_dummy_product network local_holding_cost echelon_holding_cost in_transit_holding_cost "
    "stockout_cost revenue shipment_lead_time order_lead_time demand_source initial_inventory_level _inventory_policy "
    "supply_type disruption_process processing_time order_capacity state_vars original_label"
)
"""Attributes of a node that are read, or say nothing."""

Node = Mapping[str, Any]


def is_stockpyl(path: str | os.PathLike[str]) -> bool:
    """Whether a JSON file holds instances as stockpyl saves them."""
    file = Path(path)
    if file.suffix.lower() != ".json" or not file.is_file():
        return False
    try:
        return bool(_instances(file))
    except InputError:
        return False


def read_stockpyl(path: str | os.PathLike[str], name: str | None = None) -> Imported:
    """Read a network that stockpyl has saved.

    Args:
        path: the JSON file.
        name: of the instance, where the file holds several networks.

    Raises:
        InputError: it is no such file or instance, or a network that is not read, such as an assembly.
    """
    file = path_from("path", path)
    instance = _chosen(file, name)
    ledger = Ledger()
    try:
        nodes = instance["data"]["_nodes"]
        _refuse(file, str(instance.get("name")), nodes)
        products = {str(one.get("_index")): one for one in instance["data"].get("_products") or ()}
        data = _data(nodes, products, ledger)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        place = f"{file.name}: instance '{instance.get('name')}'"
        raise InputError(f"{place}: is not as stockpyl saves networks ({type(error).__name__}: {error})") from None
    title = str(instance.get("description") or "")
    note = f"Imported from {file.name} (stockpyl)."
    head = {"version": 1, "name": str(instance.get("name") or file.stem).replace("/", "-"), "title": title}
    try:
        scenario = scenario_of(head | {"data": {"status": "assumed", "note": note}} | data)
    except InputError as error:
        raise InputError([f"{file.name}: {text}" for text in error.problems]) from None
    return Imported(scenario, "stockpyl", ledger.left_out, ledger.assumed)


def _instances(file: Path) -> list[dict[str, Any]]:
    """Instances of a file, networks and others."""
    text = read_text(file, MAX_BYTES, file.name, "save the network alone")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file.name}: not valid JSON: {error}") from None
    listed = content.get("instances") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "data" in one for one in listed):
        raise InputError(f"{file.name}: no instances of stockpyl: save a network with save_instance")
    return listed


def _chosen(file: Path, name: str | None) -> dict[str, Any]:
    instances = _instances(file)
    networks = [one for one in instances if one.get("type") == "network" and _is_network(one["data"])]
    known = [str(one.get("name")) for one in networks]
    if name is None and len(networks) == 1:
        return networks[0]
    if not networks:
        raise InputError(f"{file.name}: no network: problems of one location have no policy that could be simulated")
    found = [one for one in networks if str(one.get("name")) == name]
    if not found:
        what = "name one of its networks" if name is None else f"there is no network '{name}'"
        raise InputError(f"{file.name}: {what}: {enumerated(known, 30)}")
    return found[0]


def _is_network(data: Any) -> bool:
    nodes = data.get("_nodes") if isinstance(data, dict) else None
    return isinstance(nodes, list) and bool(nodes) and all(isinstance(n, dict) and "_index" in n for n in nodes)


def _refuse(file: Path, name: str, nodes: list[Node]) -> None:
    """Refuse what cannot be played as stockpyl plays it."""
    problems = []
    for node in nodes:
        place = f"{file.name}: instance '{name}': node {node['_index']}"
        sources = len(node.get("_predecessor_indices") or ()) + (_is_supplied(node))
        if sources > 1:
            problems.append(f"{place}: assembles the goods of {sources} suppliers, which is not read")
        if len(node.get("_product_indices") or (0,)) > 1:
            problems.append(f"{place}: holds several products, which is not read")
    if problems:
        raise InputError(problems)


def _is_supplied(node: Node) -> bool:
    return node.get("supply_type") == "U"


def _data(nodes: list[Node], products: Mapping[str, Node], ledger: Ledger) -> dict[str, Any]:
    """The scenario as plain values, without what names it."""
    ids = _ids(nodes)
    by_index = {node["_index"]: node for node in nodes}
    series: dict[str, list[float]] = {}
    parts: list[dict[str, Any]] = []
    arcs: list[dict[str, Any]] = []
    disruptions: list[dict[str, Any]] = []
    for node in nodes:
        own = _Own(node, products)
        stock = _stock(own, ids[node["_index"]], by_index, products, series, ledger)
        arc = _arc(own, ids, by_index, ledger)
        if arc is None:
            stock.pop("order", None)
            ledger.leave_out("nodes without a supplier", "they sell what they begin with")
        else:
            arcs.append(arc)
        parts.append({"id": ids[node["_index"]], "role": "stage", **stock})
        disruptions += _disruption(own, ids, arc, ledger)
        _tell_rest(node, ledger)
    if any(arc["supplier"] == EXTERNAL for arc in arcs):
        plenty = {"initial_stock": _PLENTY, "target_stock": _PLENTY, "production": {"mean": _PLENTY}}
        parts.append({"id": EXTERNAL, "role": "supplier", **plenty})
    fill_layers(parts, arcs)
    rules = {"unmet": "backorder", "unmet_orders": "backorder", "holding_cost_timing": "end"}
    if any(arc["priority"] for arc in arcs):
        rules["allocation"] = "priority"
    found = {"nodes": parts, "arcs": arcs, "rules": rules, "series": series, "disruptions": disruptions}
    return {"run": {"periods": _PERIODS}, **{key: value for key, value in found.items() if value}}


class _Own:
    """A node's attributes: its own, else those of its one product."""

    def __init__(self, node: Node, products: Mapping[str, Node]) -> None:
        self.node = node
        self.index = node["_index"]
        product = next(iter(node.get("_product_indices") or ()), None)
        self._key = str(product)
        self._product: Node = products.get(self._key) or {}

    def get(self, name: str) -> Any:
        """Value of an attribute, which may be kept by product; None where there is none."""
        value = self.node.get(name)
        if isinstance(value, dict) and (self._key in value or value.get("dict_type") == "product_keyed_attribute"):
            value = value.get(self._key)
        if value is None or (isinstance(value, dict) and value.get("type", "") is None):
            value = self._product.get(name)
        return value

    def number(self, name: str) -> float:
        """A number; 0 where there is none."""
        value = self.get(name)
        return float(value) if isinstance(value, (int, float)) else 0.0


def _ids(nodes: list[Node]) -> dict[Any, str]:
    names = [str(node.get("name") or "").replace("/", "-") for node in nodes]
    return {
        node["_index"]: name if name and names.count(name) == 1 and name != EXTERNAL else f"node {node['_index']}"
        for node, name in zip(nodes, names, strict=True)
    }


def _stock(
    own: _Own, name: str, nodes: Mapping[Any, Node], products: Mapping[str, Node], series: Any, ledger: Ledger
) -> dict[str, Any]:
    """Stock data of a node."""
    order = _order(own, ledger)
    stock: dict[str, Any] = {"holding_cost": _holding_cost(own, nodes, products, ledger)}
    for index in own.node.get("_predecessor_indices") or ():
        supplier = _Own(nodes[index], products)
        rate = supplier.get("in_transit_holding_cost")
        stock["in_transit_holding_cost"] = supplier.number("local_holding_cost") if rate is None else float(rate)
    demand = demand_of(own.get("demand_source"), name, series, ledger)
    if demand is not None:
        stock["demand"] = demand | {"price": own.number("revenue"), "shortage_cost": own.number("stockout_cost")}
    elif own.number("revenue"):
        ledger.leave_out("revenues of nodes without final demand", "a buyer would pay them")
    if own.node.get("_successor_indices"):
        stock["backorder_cost"] = own.number("stockout_cost")
    start = own.get("initial_inventory_level")
    if start is None and order is not None:
        start = order.get("order_up_to", order.get("mean"))
        if order["policy"] == "r_Q":
            start = order["order_quantity"] if order["reorder_point"] >= 0.0 else 0.0
    stock["initial_stock"] = max(float(start or 0.0), 0.0)
    if order is not None:
        stock["order"] = order
    for key in ("initial_orders", "initial_shipments"):
        ledger.leave_out(f"nodes with {key}", "nothing is on its way at the start", int(own.number(key) != 0.0))
    return stock


def _holding_cost(own: _Own, nodes: Mapping[Any, Node], products: Mapping[str, Node], ledger: Ledger) -> float:
    """Cost of a unit on hand: the local one, or the sum of the echelon ones from the source down to the node."""
    if own.get("local_holding_cost") is not None or own.get("echelon_holding_cost") is None:
        return own.number("local_holding_cost")
    ledger.assume("local holding costs", "sums of the echelon holding costs from the source on")
    total, at = own.number("echelon_holding_cost"), own
    while at.node.get("_predecessor_indices"):
        at = _Own(nodes[at.node["_predecessor_indices"][0]], products)
        total += at.number("echelon_holding_cost")
    return total


_POLICIES: Final = {
    "BS": ("base_stock", {"order_up_to": "base_stock_level"}),
    "EBS": ("base_stock", {"order_up_to": "base_stock_level"}),
    "BEBS": ("base_stock", {"order_up_to": "base_stock_level"}),
    "sS": ("s_S", {"reorder_point": "reorder_point", "order_up_to": "order_up_to_level"}),
    "rQ": ("r_Q", {"reorder_point": "reorder_point", "order_quantity": "order_quantity"}),
    "FQ": ("mean", {"mean": "order_quantity"}),
}
"""Types of policies: policy here, and for each of its parameters the attribute that holds it."""


def _order(own: _Own, ledger: Ledger) -> dict[str, Any] | None:
    given = own.get("_inventory_policy") or {}
    kind = given.get("type")
    if kind not in _POLICIES:
        ledger.leave_out("nodes without a policy", "they order nothing")
        return None
    policy, parameters = _POLICIES[kind]
    values = {key: given.get(name) for key, name in parameters.items()}
    if None in values.values():
        ledger.leave_out("policies without their levels", "nothing is ordered")
        return None
    order: dict[str, Any] = {
        "policy": policy,
        **{key: float(value) for key, value in values.items() if value is not None},
    }
    if kind in ("EBS", "BEBS"):
        order["echelon"] = True
    if kind == "BEBS":
        ledger.assume("balanced echelon base stocks", "echelon base stocks, which do not look at the next stage")
    if kind == "rQ":
        ledger.assume("policies (r, Q)", "as many times Q as lift the position above r, not one")
    return order


def _arc(own: _Own, ids: Mapping[Any, str], nodes: Mapping[Any, Node], ledger: Ledger) -> dict[str, Any] | None:
    """Where a node gets its goods, and how long that takes."""
    before = own.node.get("_predecessor_indices") or ()
    if not before and not _is_supplied(own.node):
        return None
    late, way = own.number("order_lead_time"), own.number("shipment_lead_time")
    if own.get("shipment_lead_time") is None and own.number("processing_time"):
        way = own.number("processing_time")
        ledger.assume("processing times", "lead times, as for guaranteed service")
    if late and before:
        ledger.assume("lead times of orders", "part of the way of the goods: the supplier learns of orders at once")
    if late + way < 1.0:
        ledger.assume("lead times below a period", "goods come with the next period")
    arc = {"buyer": ids[own.index], "supplier": ids[before[0]] if before else EXTERNAL, "lead_time": late + way}
    siblings = list(nodes[before[0]].get("_successor_indices") or ()) if before else []
    arc["priority"] = siblings.index(own.index) if own.index in siblings else 0
    if own.get("order_capacity") is not None:
        arc["cap"] = own.number("order_capacity")
    return arc


def _disruption(own: _Own, ids: Mapping[Any, str], arc: Any, ledger: Ledger) -> list[dict[str, Any]]:
    """What goes wrong at a node: it cannot order, receive, or be sent goods."""
    process = own.get("disruption_process") or {}
    kind, what = process.get("random_process_type"), process.get("disruption_type")
    if kind is None:
        return []
    name = ids[own.index]
    hit: dict[str, Any] = {"name": f"disruption of {name}", "nodes": [name]}
    if what in ("OP", "RP"):
        hit["stops"] = ["order" if what == "OP" else "receive"]
    elif what == "SP" and arc is not None:
        # Known at once, so that nothing is contracted meanwhile that would have to wait on the road.
        hit = {"name": hit["name"], "arcs": [{"buyer": name, "supplier": arc["supplier"]}], "known_after": 0.0}
    else:
        ledger.leave_out("disruptions that pause goods on their way")
        return []
    if kind == "M":
        laws = [
            {"law": "geometric", "probability": process[f"{key}_probability"]} for key in ("disruption", "recovery")
        ]
        return [hit | {"time_between_failures": laws[0], "time_to_repair": laws[1]}]
    states = [bool(state) for state in process.get("disruption_state_list") or ()]
    spans, at = [], 0
    for down, same in groupby(states[period % len(states)] for period in range(_PERIODS if states else 0)):
        length = len(list(same))
        if down:
            spans.append({"start": float(at), "duration": float(length)})
        at += length
    return [hit | {"dates": spans}] if spans else []


def _tell_rest(node: Node, ledger: Ledger) -> None:
    for key, value in node.items():
        if key not in _READ.split() and value not in (None, 0, [], {}) and not key.startswith("initial_"):
            ledger.leave_out(f"nodes: {key}")
