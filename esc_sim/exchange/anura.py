"""Anura, the exchange format of supply chain models: recognised, read and written.

A model is a folder of CSV files, a workbook or an SQLite file with the tables of the package ol-anura. Customers who
are served at once by one facility are its final demand; all others become members that keep a stock of their own.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.exchange.anura_lanes import arcs_of, read_sourcing
from esc_sim.exchange.anura_makes import read_recipes, supplies_of
from esc_sim.exchange.anura_model import Model
from esc_sim.exchange.anura_places import Places, nodes_of, read_places
from esc_sim.exchange.anura_schema import TABLES
from esc_sim.exchange.anura_stocks import Item, add_order_rules, read_stocks
from esc_sim.exchange.anura_units import text_of
from esc_sim.exchange.anura_wants import read_demands
from esc_sim.exchange.anura_write import anura_tables
from esc_sim.exchange.carried import SHOWN, Imported, Ledger
from esc_sim.exchange.layers import fill_layers
from esc_sim.exchange.tabulated import sheet_names
from esc_sim.fields.names import path_from
from esc_sim.scenario.calendar import written
from esc_sim.scenario.cells import number_of
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.schema import Scenario
from esc_sim.storage.files import make_folder
from esc_sim.storage.tables import write_table

_MARKS: Final = (
    "transportationpolicies",
    "replenishmentpolicies",
    "customerfulfillmentpolicies",
    "inventorypolicies",
    "customerdemand",
    "productionpolicies",
    "procurementpolicies",
    "modelsettings",
)
"""Plain names of tables that nobody else names so; a model has two of them at least."""


def is_anura(path: str | os.PathLike[str]) -> bool:
    """Whether a folder, workbook or SQLite file holds tables of Anura."""
    return len(sheet_names(Path(path)).intersection(_MARKS)) > 1


def read_anura(path: str | os.PathLike[str]) -> Imported:
    """Read a model of Anura.

    Args:
        path: a folder of CSV files, a workbook or an SQLite file.

    Raises:
        InputError: with every problem found and its cell.
    """
    file = path_from("path", path)
    model = Model(file)
    places = read_places(model)
    _raise(model.problems)
    data = _data(model, places)
    model.tell_the_rest()
    _raise(model.problems)
    try:
        scenario = scenario_of(data)
    except InputError as error:
        raise InputError([f"{file.name}: {text}" for text in error.problems]) from None
    return Imported(scenario, "Anura", model.ledger.left_out, model.ledger.assumed)


def write_anura(scenario: Scenario, folder: Path, ledger: Ledger) -> None:
    """Write a scenario as a folder of CSV files, one for each table of Anura that has rows.

    Args:
        scenario: what to write.
        folder: made if need be.
        ledger: counts what is not carried over, and what is assumed.

    Raises:
        UnwritableError: the folder cannot be written.
    """
    make_folder(folder)
    for name, rows in anura_tables(scenario, ledger).items():
        columns = [column for column in TABLES[name] if any(row.get(column) is not None for row in rows)]
        write_table(folder / f"{name}.csv", columns, ([row.get(column) for column in columns] for row in rows))


def _raise(problems: list[str]) -> None:
    if problems:
        more = len(problems) - SHOWN
        raise InputError([*problems[:SHOWN], *([f"... and {more} more"] if more > 0 else [])])


def _data(model: Model, places: Places) -> dict[str, Any]:
    """The scenario as plain values."""
    series: dict[str, list[float]] = {}
    recipes, sources = read_recipes(model, places)
    supplies = supplies_of(model, places)
    sourcing = read_sourcing(model, places)
    arcs = arcs_of(model, places, sourcing)
    demands = read_demands(model, places, series)
    arcs = [arc for arc in arcs if _wanted(model, places, arc["ends"], demands)]
    made = set(sources) | {(site, product) for site, product in _outputs(places, recipes)}
    stocks = read_stocks(model, places, {key[:2] for key in sourcing}, made)
    add_order_rules(model, places, sourcing, stocks)
    nodes = nodes_of(model, places, {site for site, _ in made})
    served = _served_at_once(places, arcs, demands)
    arcs = [arc for arc in arcs if arc["ends"][0] not in served]
    most = _plenty(demands, series, places)
    for item, source in sources.items():
        _add_source(stocks.setdefault(item, {}), source, most)
    for item in _needed(places, arcs, recipes, demands, served):
        stock = stocks.setdefault(item, {})
        if places.kinds[item[0]] == "supplier":
            _add_source(stock, supplies.get(item, {"mean": None}), most)
    ways: dict[tuple[str, str], float] = {}
    for arc in arcs:
        _, product, source = arc.pop("ends")
        line = arc["buyer"], arc["product"]
        ways[line] = max(ways.get(line, 1.0), _longest_way(arc))
        arc["price"] += supplies.get((source, product), {}).get("cost", 0.0)
    for (site, product), demand in demands.items():
        stock = stocks.setdefault((served.get(site, site), product), {})
        stock["demand"] = demand
        if site not in served and places.kinds[site] == "customer":
            way = math.ceil(ways.get((places.ids[site], places.products[product]), 1.0))
            _keep_stock(model, stock, demand, series, way)
    listed = _placed(places, nodes, stocks, served)
    members = [node for name, node in nodes.items() if name not in served]
    if not any("layer" in node for node in members):
        fill_layers(members, arcs)
    data = {"nodes": members, "stocks": listed, "arcs": arcs, "recipes": recipes, "series": series}
    return _framed(model, places, {key: value for key, value in data.items() if value})


def _wanted(model: Model, places: Places, ends: tuple[str, str, str], demands: Mapping[Item, Any]) -> bool:
    """Whether a buyer may want the product: customers want what they have demand for."""
    if places.kinds[ends[0]] != "customer" or ends[:2] in demands:
        return True
    model.ledger.leave_out("lanes of products that their customer does not ask for")
    return False


def _outputs(places: Places, recipes: list[dict[str, Any]]) -> list[Item]:
    sites = {made: name for name, made in places.ids.items()}
    products = {made: name for name, made in places.products.items()}
    return [(sites[recipe["node"]], products[product]) for recipe in recipes for product in recipe["outputs"]]


def _served_at_once(places: Places, arcs: list[dict[str, Any]], demands: dict[Item, Any]) -> dict[str, str]:
    """Customers who buy at one facility alone, without time or cost, and as the only ones: the facility's name."""
    ways: dict[str, list[dict[str, Any]]] = {}
    for arc in arcs:
        if places.kinds[arc["ends"][0]] == "customer":
            ways.setdefault(arc["ends"][0], []).append(arc)
    found: dict[str, str] = {}
    for customer, mine in ways.items():
        sources = {arc["ends"][2] for arc in mine}
        free = all(not arc[key] for arc in mine for key in ("lead_time", "price", "other_cost", "cap"))
        if len(sources) == 1 and free and places.kinds[source := sources.pop()] == "facility":
            found[customer] = source
    counts = Counter(found.values())
    taken = {site for site, _ in demands if places.kinds[site] == "facility"}
    return {customer: source for customer, source in found.items() if counts[source] == 1 and source not in taken}


def _plenty(demands: dict[Item, Any], series: dict[str, list[float]], places: Places) -> float:
    """More than a source without limit is ever asked for in a period: 1,000 times all demand, a power of ten."""
    total = 1.0
    for demand in demands.values():
        law = demand.get("law") or {}
        total += max(series.get(demand.get("series", ""), [0.0])) + (demand.get("mean") or law.get("mean") or 1.0)
    return min(10.0 ** math.ceil(math.log10(total * 1000.0)), 1e9)


def _add_source(stock: dict[str, Any], source: dict[str, Any], most: float) -> None:
    """Production of a source; one without limit has plenty."""
    stock["emissions"] = source.get("emissions", 0.0)
    production = {key: source[key] for key in ("mean", "sd", "law") if source.get(key) is not None}
    if production:
        stock["production"] = production
        return
    stock |= {"production": {"mean": most}, "target_stock": most, "initial_stock": most}


def _needed(
    places: Places, arcs: list[dict[str, Any]], recipes: list[dict[str, Any]], demands: dict[Item, Any], served: Any
) -> list[Item]:
    """Items that goods pass through."""
    sites = {made: name for name, made in places.ids.items()}
    products = {made: name for name, made in places.products.items()}
    found = [item for arc in arcs for item in ((arc["ends"][0], arc["ends"][1]), (arc["ends"][2], arc["ends"][1]))]
    for recipe in recipes:
        for key in ("outputs", "inputs", "byproducts"):
            found += [(sites[recipe["node"]], products[product]) for product in recipe[key]]
    found += [(served.get(site, site), product) for site, product in demands]
    return list(dict.fromkeys(found))


def _longest_way(arc: Mapping[str, Any]) -> float:
    """Periods that goods take at most."""
    time = arc.get("max_lead_time", arc["lead_time"])
    return float(time.get("high", 1.0) if isinstance(time, dict) else time)


def _keep_stock(
    model: Model, stock: dict[str, Any], demand: dict[str, Any], series: dict[str, list[float]], way: int
) -> None:
    """A customer orders up to what is wanted while an order is on its way, and begins with it."""
    means = series.get(demand.get("series", ""))
    if means:
        doubled = means + means[:way]
        level = max(sum(doubled[at : at + way]) for at in range(len(means)))
    else:
        law = demand.get("law") or demand
        mean = law.get("mean") or law.get("value") or (law.get("low", 0.0) + law.get("high", 0.0)) / 2.0
        level = mean * way + 2.0 * law.get("sd", 0.0) * math.sqrt(way)
    stock["order"] = {"policy": "base_stock", "order_up_to": level}
    stock["initial_stock"] = level
    text = "Anura's customers keep none; here each begins with, and orders up to, the demand of its lead time"
    model.ledger.assume("stocks of customers", text)


def _placed(
    places: Places, nodes: dict[str, dict[str, Any]], stocks: dict[Item, dict[str, Any]], served: dict[str, str]
) -> list[dict[str, Any]]:
    """Put stocks beside the names of their nodes, where no node holds several; else returns them as lines."""
    lines = []
    several = len({site for site, _ in stocks}) < len(stocks)
    for (site, product), stock in stocks.items():
        if site in served:
            continue
        stated = {key: value for key, value in stock.items() if value is not None}
        node = nodes[site]
        if not several:
            node |= {"product": places.products[product], **stated}
        else:
            lines.append({"node": node["id"], "product": places.products[product], **stated})
    return lines


def _framed(model: Model, places: Places, lists: dict[str, Any]) -> dict[str, Any]:
    """The lists with what stands around them: name, run, rules, products."""
    named = next(iter(model.rows("ModelInfo", "ModelName", "ModelDescription", "DataModel", "DataModelVersion")), {})
    start, _ = model.horizon
    warm_up = model.rows("ModelSettings", "WarmupEndDate")
    until = model.date(warm_up[0], "WarmupEndDate") if warm_up else None
    data: dict[str, Any] = {
        "version": 1,
        "name": text_of(named, "ModelName").replace("/", "-") or model.path.stem,
        "title": text_of(named, "ModelDescription"),
        "data": {"status": "assumed", "note": f"Imported from {model.path.name} (Anura)."},
        "run": {"periods": model.length, "start": written(start), "step": str(model.step)},
        "rules": {
            "unmet": "backorder" if model.flag("Customers", "AllowBackorders") else "lost",
            "unmet_orders": "backorder" if model.flag("Facilities", "AllowBackorders") else "lost",
            "holding_cost_timing": "end",
        },
        "products": [
            {"id": places.products[text_of(row, "ProductName")], **model.label(row, text_of(row, "ProductName"))}
            for row in model.rows("Products")
            if text_of(row, "ProductName")
        ],
        **lists,
    }
    if until is not None and until > start:
        data["run"]["warm_up"] = min(model.period_of(until), model.length - 1)
    if model.options:
        del data["rules"]["holding_cost_timing"]
    for path, text in model.options.items():
        section, _, key = path.partition(".")
        data.setdefault(section, {})[key] = _plain(text)
    return data


def _plain(text: str) -> bool | float | str:
    """The value of an option: true, false, a number or a text."""
    if text in ("true", "false"):
        return text == "true"
    number = number_of(text)
    if number is None:
        return text
    return int(text) if text.isdigit() else number
