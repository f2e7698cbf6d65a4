"""Cross references: names used in one part of a scenario must be given in another, and only once.

The checks work on plain data, valid or not, so that a misspelt name is reported together with every other mistake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from esc_sim.disruptions.registry import CASES
from esc_sim.scenario.farming import amendment_references, farming_references
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.items import states_item
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.power import buses_of, power_references
from esc_sim.scenario.recipes import making_references, taker_problems
from esc_sim.scenario.rolling import rolling_references

MAX_SUGGESTIONS = 20
MAX_COMPARED = 20_000


def _parts(data: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    entries = data.get(key)
    if not isinstance(entries, (list, tuple)):
        return []
    return [(number, entry) for number, entry in enumerate(entries) if isinstance(entry, dict)]


def _name(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) and value else None


class _Names:
    """The names that a scenario defines."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        nodes = _parts(data, "nodes")
        products = _parts(data, "products") if data.get("products") is not None else [(0, {"id": "goods"})]
        self.nodes = {name for _, node in nodes if (name := _name(node, "id"))}
        self.products = [name for _, product in products if (name := _name(product, "id"))]
        self.regions = {name for _, node in nodes if (name := _name(node, "region"))}
        self.roles = {_name(node, "role") or "node" for _, node in nodes}
        self.markets = {name for _, market in _parts(data, "markets") if (name := _name(market, "id"))}
        self.default_product = self.products[0] if self.products else None
        self.modes = {name for _, arc in _parts(data, "arcs") if (name := _name(arc, "mode"))}
        self.lanes = {name for _, lane in _parts(data, "lanes") if (name := _name(lane, "id"))}
        self.arcs: dict[tuple[str | None, str | None], set[tuple[str | None, str | None]]] = {}
        """Products and modes of the arcs of each buyer and supplier."""
        for _, arc in _parts(data, "arcs"):
            traded = self.arcs.setdefault((_name(arc, "buyer"), _name(arc, "supplier")), set())
            traded.add((_name(arc, "product") or self.default_product, _name(arc, "mode")))
        self.buses = buses_of(data)
        self._suggestions_left = MAX_SUGGESTIONS

    def unknown(self, what: str, name: str, known: Collection[str]) -> str:
        """Message for a name that is not among the ``known``, with a suggestion while that is cheap."""
        text = f"there is no {what} '{name}'"
        if self._suggestions_left == 0 or len(known) > MAX_COMPARED:
            return text
        self._suggestions_left -= 1
        return text + suggestion(name, known)


def reference_problems(data: Mapping[str, Any]) -> list[Problem]:
    """Names that are unknown or given twice, arcs that cannot be, in ``data`` (a scenario as plain values)."""
    names = _Names(data)
    found: list[Problem] = []
    for key, label in (
        ("products", "id"),
        ("nodes", "id"),
        ("markets", "id"),
        ("lanes", "id"),
        ("disruptions", "name"),
        ("joint_disruptions", "name"),
        ("correlations", "name"),
        ("rolling_plans", "name"),
        ("recipes", "id"),
        ("fields", "id"),
    ):
        found += _twice(data, key, label)
    found += _node_problems(data, names)
    found += _stock_problems(data, names)
    found += _waste_problems(data, names)
    found += _making_problems(data, names)
    found += _farming_problems(data, names)
    found += _power_problems(data, names)
    found += _competition_problems(data, names)
    found += _arc_problems(data, names)
    found += _disruption_problems(data, names)
    found += _joint_problems(data, names)
    found += _variable_problems(data, names)
    found += _correlation_problems(data, names)
    found += _series_problems(data)
    found += _rolling_problems(data, names)
    return found


def _rolling_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for path, node in rolling_references(data):
        if node not in names.nodes:
            yield Problem(path, names.unknown("node", node, names.nodes))


def _correlation_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for number, correlation in _parts(data, "correlations"):
        nodes = correlation.get("nodes")
        for place, node in enumerate(nodes if isinstance(nodes, (list, tuple)) else ()):
            if isinstance(node, str) and node not in names.nodes:
                yield Problem(("correlations", number, "nodes", place), names.unknown("node", node, names.nodes))
        product = _name(correlation, "product")
        if product is not None and product not in names.products:
            yield Problem(("correlations", number, "product"), names.unknown("product", product, names.products))


def _series_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    known = data.get("series")
    known = known if isinstance(known, dict) else {}
    for key in ("nodes", "stocks"):
        for number, entry in _parts(data, key):
            demand = entry.get("demand")
            name = _name(demand, "series") if isinstance(demand, dict) else None
            if name is not None and name not in known:
                hint = suggestion(name, known) or "; give it under 'series', or in a table series.csv"
                yield Problem((key, number, "demand", "series"), f"there is no series '{name}'{hint}")


def _twice(data: Mapping[str, Any], key: str, label: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, entry in _parts(data, key):
        name = _name(entry, label)
        if name is None:
            continue
        if name in seen:
            yield Problem((key, number, label), f"'{name}' is given twice (first as {key}.{seen[name]})")
        else:
            seen[name] = number


def _node_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for number, node in _parts(data, "nodes"):
        product = _name(node, "product")
        if product is not None and product not in names.products:
            yield Problem(("nodes", number, "product"), names.unknown("product", product, names.products))


def _stock_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    seen = {
        (_name(node, "id"), _name(node, "product") or names.default_product): f"nodes.{number}"
        for number, node in _parts(data, "nodes")
        if states_item(node)
    }
    for number, line in _parts(data, "stocks"):
        node, product = _name(line, "node"), _name(line, "product")
        if node is not None and node not in names.nodes:
            yield Problem(("stocks", number, "node"), names.unknown("node", node, names.nodes))
        if product is not None and product not in names.products:
            yield Problem(("stocks", number, "product"), names.unknown("product", product, names.products))
        if (node, product) in seen:
            first = seen[node, product]
            yield Problem(
                ("stocks", number, "product"), f"product '{product}' of node '{node}' is given twice (first in {first})"
            )
        seen.setdefault((node, product), f"stocks.{number}")


def _waste_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for key in ("nodes", "stocks"):
        for number, entry in _parts(data, key):
            waste = _name(entry, "waste")
            if waste is not None and waste not in names.products:
                yield Problem((key, number, "waste"), names.unknown("product", waste, names.products))


def _making_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for path, what, name in making_references(data):
        known: Collection[str] = names.nodes if what == "node" else names.products
        if name not in known:
            yield Problem(path, names.unknown(what, name, known))
    yield from taker_problems(data)


def _power_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    series = data.get("series")
    known: dict[str, Collection[str]] = {
        "node": names.nodes,
        "product": names.products,
        "bus": names.buses,
        "series": series if isinstance(series, dict) else (),
    }
    for path, what, name in power_references(data):
        if name not in known[what]:
            yield Problem(path, names.unknown(what, name, known[what]))


def _competition_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for number, pair in _parts(data, "competitors"):
        ends = [_name(pair, key) for key in ("node", "competitor")]
        for key, name in zip(("node", "competitor"), ends, strict=True):
            if name is not None and name not in names.nodes:
                yield Problem(("competitors", number, key), names.unknown("node", name, names.nodes))
        if ends[0] is not None and ends[0] == ends[1]:
            yield Problem(("competitors", number, "competitor"), f"'{ends[0]}' does not compete with itself")


def _farming_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    for path, what, name in farming_references(data):
        known: Collection[str] = names.nodes if what == "node" else names.products
        if name not in known:
            yield Problem(path, names.unknown(what, name, known))
    yield from amendment_references(data)


def _arc_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    seen: dict[tuple[Any, ...], dict[str | None, int]] = {}
    """Numbers of the arcs of a buyer, a supplier and a product, by their mode."""
    market_product: dict[str, str] = {}
    for number, arc in _parts(data, "arcs"):
        buyer, supplier, product = _name(arc, "buyer"), _name(arc, "supplier"), _name(arc, "product")
        for end, node in (("buyer", buyer), ("supplier", supplier)):
            if node is not None and node not in names.nodes:
                yield Problem(("arcs", number, end), names.unknown("node", node, names.nodes))
        if product is not None and product not in names.products:
            yield Problem(("arcs", number, "product"), names.unknown("product", product, names.products))
        if buyer is None or supplier is None:
            continue
        traded = product or names.default_product
        if buyer == supplier:
            yield Problem(("arcs", number, "supplier"), f"the arc leads from '{buyer}' to itself")
        mode, routes = _name(arc, "mode"), seen.setdefault((buyer, supplier, traded), {})
        if routes and (mode in routes or mode is None or None in routes):
            first = routes.get(mode, next(iter(routes.values())))
            same = f" by '{mode}'" if mode in routes and mode else ""
            hint = "" if same else "; several routes are told apart by 'mode': give each its own"
            yield Problem(
                ("arcs", number),
                f"a second arc of '{traded}' from '{supplier}' to '{buyer}'{same} (first as arcs.{first}){hint}",
            )
        routes.setdefault(mode, number)
        lane = _name(arc, "lane")
        if lane is not None and lane not in names.lanes:
            hint = suggestion(lane, names.lanes) or "; list it under 'lanes', with its capacity"
            yield Problem(("arcs", number, "lane"), f"there is no lane '{lane}'{hint}")
        yield from _market_problems(number, arc, traded, names, market_product)


def _market_problems(
    number: int, arc: Mapping[str, Any], product: str | None, names: _Names, market_product: dict[str, str]
) -> Iterator[Problem]:
    market = _name(arc, "market")
    if market is None:
        if len(names.markets) > 1:
            yield Problem(("arcs", number), "names no market, though several are listed; add 'market'")
        return
    if market not in names.markets:
        hint = suggestion(market, names.markets) or "; list it under 'markets', which gives their order"
        yield Problem(("arcs", number, "market"), f"there is no market '{market}'{hint}")
    elif product is not None and market_product.setdefault(market, product) != product:
        yield Problem(
            ("arcs", number, "market"),
            f"market '{market}' trades '{market_product[market]}', this arc '{product}'; a market trades one product",
        )


def _disruption_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    known: dict[str, tuple[str, Collection[str]]] = {
        "nodes": ("node", names.nodes),
        "regions": ("region", names.regions),
        "roles": ("role", names.roles),
        "buses": ("bus", names.buses),
        "modes": ("mode", names.modes),
        "lanes": ("lane", names.lanes),
    }
    for number, disruption in _parts(data, "disruptions"):
        for key, (what, there) in known.items():
            targets = disruption.get(key)
            for place, name in enumerate(targets if isinstance(targets, (list, tuple)) else ()):
                if isinstance(name, str) and name not in there:
                    yield Problem(("disruptions", number, key, place), names.unknown(what, name, there))
        for place, arc in _parts(disruption, "arcs"):
            yield from _arc_target_problems(("disruptions", number, "arcs", place), arc, names)


def _joint_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    """Nodes that cases name and that are not there, each once; prices of nodes that sell nothing."""
    sellers = {supplier for _, supplier in names.arcs}
    for number, joint in _parts(data, "joint_disruptions"):
        seen: set[tuple[str, str]] = set()
        for place, case in _parts(joint, "cases"):
            for group, kind in (*((keys.key, kind) for kind, keys in CASES), ("demand_spread", None)):
                targets = case.get(group)
                for name in targets if isinstance(targets, dict) else ():
                    if not isinstance(name, str) or (group, name) in seen:
                        continue
                    seen.add((group, name))
                    path = ("joint_disruptions", number, "cases", place, group, name)
                    if name not in names.nodes:
                        yield Problem(path, names.unknown("node", name, names.nodes))
                    elif kind is not None and kind.acts_on == "buyers" and name not in sellers:
                        yield Problem(path, f"'{name}' sells nothing, so it has no {kind.name} to move")


def _arc_target_problems(path: tuple[str | int, ...], arc: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    buyer, supplier = _name(arc, "buyer"), _name(arc, "supplier")
    product, mode = _name(arc, "product"), _name(arc, "mode")
    if buyer is None or supplier is None:
        return
    unknown = [(end, node) for end, node in (("buyer", buyer), ("supplier", supplier)) if node not in names.nodes]
    for end, node in unknown:
        yield Problem((*path, end), names.unknown("node", node, names.nodes))
    if unknown:
        return
    traded = names.arcs.get((buyer, supplier), set())
    if not any(product in (None, one) and mode in (None, by) for one, by in traded):
        of = (f" of '{product}'" if product else "") + (f" by '{mode}'" if mode else "")
        yield Problem(path, f"there is no arc{of} from '{supplier}' to '{buyer}'")


def _variable_problems(data: Mapping[str, Any], names: _Names) -> Iterator[Problem]:
    """Decision variables of nodes, products and arcs that do not exist."""
    section = data.get("optimize")
    for number, variable in _parts(section, "variables") if isinstance(section, dict) else ():
        path = ("optimize", "variables", number)
        nodes = variable.get("nodes")
        for place, name in enumerate(nodes if isinstance(nodes, (list, tuple)) else ()):
            if isinstance(name, str) and name not in names.nodes:
                yield Problem((*path, "nodes", place), names.unknown("node", name, names.nodes))
        product = _name(variable, "product")
        if product is not None and product not in names.products:
            yield Problem((*path, "product"), names.unknown("product", product, names.products))
        for place, arc in _parts(variable, "arcs"):
            yield from _arc_target_problems((*path, "arcs", place), arc, names)
