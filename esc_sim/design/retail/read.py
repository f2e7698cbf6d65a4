"""Reading a retail instance from CSV tables of any size."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from esc_sim.design.retail.data import (
    FACILITY_ROLES,
    KINDS,
    ROLES,
    Facilities,
    FloatArray,
    IntArray,
    Links,
    Places,
    RetailInstance,
    complete_links,
    probability_problems,
)
from esc_sim.design.tables import Table, number, read_table
from esc_sim.errors import InputError

SHARES = ("supply_share", "inflow_share", "transshipment_share")
PER_NODE: Mapping[str, str] = {
    "supplier_price": "supplier",
    "stock_price": "dc",
    "storage": "dc",
    "holding_cost": "dc",
    "handling_cost": "dc",
    "salvage_value": "dc",
    "transshipment_price": "dc",
    "shortage_penalty": "area",
}
"""Values that a column of nodes.csv may give node by node, and the role they belong to."""
PER_KM = ("road_factor", "link_cost_per_km", "transport_cost_per_km")
"""Parameters that make costs of links from coordinates where there is no arcs.csv."""
SHOWN = 5
TABLES = (
    "nodes.csv",
    "levels.csv",
    "disruption.csv",
    "scenarios.csv",
    "demand.csv",
    "parameters.csv",
    "arcs.csv",
)
"""Files that an instance may be read from; arcs.csv may be missing."""


def read_instance(
    folder: str | Path, *, name: str = "", notice: str = "", money: str = "money", goods: str = "units"
) -> RetailInstance:
    """Read the tables of a retail network design.

    ``nodes.csv``: id, role (supplier, dc, store, area), x_km, y_km; optional columns of `PER_NODE`, empty where the
    parameter of that name holds.
    ``levels.csv``: node, level, fixed_cost; levels in their order of appearance, weakest first.
    ``disruption.csv``: node, level, scenario, capacity, destruction_cost: what a scenario leaves and what it costs.
    In both, ``node`` is an id, or a role for all facilities of the role that have no rows of their own.
    ``scenarios.csv``: scenario, probability, sales.
    ``demand.csv``: area, scenario, demand, deviation (largest deviation from the demand, same unit).
    ``parameters.csv``: name, value: `SHARES`, what `PER_NODE` lacks a column for, and `PER_KM` without arcs.csv.
    ``arcs.csv`` (optional): from, to, link_cost, transport_cost. Without it every pair of nodes that may be linked is,
    at costs per km of road: straight distance times road_factor.

    Args:
        folder: where the tables lie.
        name: of the instance, for messages and figures; default the folder's.
        notice: what must be said wherever the data are shown, such as "synthetic".
        money, goods: units of money and quantity, for labels.

    Raises:
        InputError: with file, line and column of what cannot be used.
    """
    folder = Path(folder)
    nodes = read_table(folder / "nodes.csv")
    parameters = _parameters(folder / "parameters.csv")
    places = _places(nodes)
    scenario = read_table(folder / "scenarios.csv")
    scenarios = scenario.labels("scenario")
    levels, facilities = _facilities(folder, places, scenarios)
    demand = _demand(folder / "demand.csv", places["area"].ids, scenarios)
    values = {name: _per_node(nodes, parameters, name) for name in PER_NODE}
    instance = RetailInstance(
        name=name or folder.resolve().name,
        suppliers=facilities["supplier"],
        dcs=facilities["dc"],
        stores=facilities["store"],
        areas=places["area"],
        links=_links(folder / "arcs.csv", places, parameters),
        levels=levels,
        scenarios=scenarios,
        probability=scenario.numbers("probability", low=0.0, high=1.0),
        sales=scenario.numbers("sales", low=0.0),
        demand=demand[..., 0],
        deviation=demand[..., 1],
        supplier_price=values["supplier_price"],
        stock_price=values["stock_price"],
        storage=values["storage"],
        holding=values["holding_cost"],
        handling=values["handling_cost"],
        salvage=values["salvage_value"],
        transshipment_price=values["transshipment_price"],
        shortage_penalty=values["shortage_penalty"],
        supply_share=_parameter(parameters, "supply_share"),
        inflow_share=_parameter(parameters, "inflow_share"),
        transshipment_share=_parameter(parameters, "transshipment_share"),
        notice=notice,
        money=money,
        goods=goods,
    )
    problems = probability_problems(instance)
    if problems:
        raise InputError([f"{scenario.path.name}: {p}" for p in problems])
    return instance


def _parameters(path: Path) -> dict[str, float]:
    table = read_table(path)
    names, values = table.labels("name"), table.numbers("value", low=0.0)
    known = (*SHARES, *PER_NODE, *PER_KM)
    _refuse_unknown(table, "name", names, known, "parameter")
    return dict(zip(names, values.tolist(), strict=True))


def _parameter(parameters: Mapping[str, float], name: str) -> float:
    if name not in parameters:
        raise InputError(f"parameters.csv: the row '{name}' is missing")
    return parameters[name]


def _refuse_unknown(table: Table, column: str, names: Iterable[str], known: Iterable[str], what: str) -> None:
    allowed = list(known)
    there = set(allowed)
    problems = []
    for (line, _), name in zip(table.rows, names, strict=True):
        if name not in there:
            near = difflib.get_close_matches(name, allowed, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            problems.append(f"{table.path.name}:{line}: {column}: there is no {what} '{name}'{hint}")
    if problems:
        more = [f"... and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise InputError(problems[:SHOWN] + more)


def _places(nodes: Table) -> dict[str, Places]:
    ids, roles = nodes.labels("id"), nodes.text("role")
    _refuse_unknown(nodes, "role", roles, ROLES, "role")
    clash = [i for i in ids if i in ROLES]
    if clash:
        raise InputError(f"{nodes.path.name}: id: '{clash[0]}' is the name of a role; give the node another id")
    x, y = (nodes.numbers(c) if c in nodes.columns else np.full(len(ids), np.nan) for c in ("x_km", "y_km"))
    places = {}
    for role in ROLES:
        at = [i for i, r in enumerate(roles) if r == role]
        if not at:
            raise InputError(f"{nodes.path.name}: there is no {role}; at least one node needs this role")
        places[role] = Places(tuple(ids[i] for i in at), x[at], y[at])
    return places


def _per_node(nodes: Table, parameters: Mapping[str, float], name: str) -> FloatArray:
    """A value for every node of its role: from the column of nodes.csv, else from the parameter."""
    at = [i for i, role in enumerate(nodes.text("role")) if role == PER_NODE[name]]
    cells = nodes.cells(name)
    values = np.empty(len(at))
    for k, i in enumerate(at):
        try:
            values[k] = number(cells[i], low=0.0) if cells[i] else _parameter(parameters, name)
        except ValueError as error:
            raise InputError(f"{nodes.path.name}:{nodes.rows[i][0]}: {name}: {error}") from None
    return values


def _keyed(table: Table, columns: tuple[str, ...], allowed: tuple[Iterable[str], ...]) -> dict[tuple[str, ...], int]:
    """Row of every key; unknown names and repeated keys are refused."""
    texts = [table.text(column) for column in columns]
    for column, names, known in zip(columns, texts, allowed, strict=True):
        _refuse_unknown(table, column, names, known, column)
    rows: dict[tuple[str, ...], int] = {}
    for r, key in enumerate(zip(*texts, strict=True)):
        if key in rows:
            first = table.rows[rows[key]][0]
            name = ", ".join(key)
            raise InputError(f"{table.path.name}:{table.rows[r][0]}: {name} stands in line {first} already")
        rows[key] = r
    return rows


def _facilities(
    folder: Path, places: Mapping[str, Places], scenarios: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, Facilities]]:
    cost_table, state_table = read_table(folder / "levels.csv"), read_table(folder / "disruption.csv")
    levels = tuple(dict.fromkeys(cost_table.text("level")))
    named = [name for role in FACILITY_ROLES for name in (role, *places[role].ids)]
    costs = _keyed(cost_table, ("node", "level"), (named, levels))
    states = _keyed(state_table, ("node", "level", "scenario"), (named, levels, scenarios))
    fixed = cost_table.numbers("fixed_cost", low=0.0)
    state = state_table.numbers(["capacity", "destruction_cost"], low=0.0)
    facilities = {}
    for role in FACILITY_ROLES:
        ids = places[role].ids
        shape = (len(ids), len(levels), len(scenarios), 2)
        fixed_cost = fixed[_rows_of(cost_table, costs, role, ids, [(x,) for x in levels])]
        state_keys = [(x, s) for x in levels for s in scenarios]
        state_values = state[_rows_of(state_table, states, role, ids, state_keys)].reshape(shape)
        p = places[role]
        facilities[role] = Facilities(p.ids, p.x, p.y, fixed_cost, state_values[..., 0], state_values[..., 1])
    return levels, facilities


def _rows_of(
    table: Table,
    rows: Mapping[tuple[str, ...], int],
    role: str,
    ids: tuple[str, ...],
    keys: Sequence[tuple[str, ...]],
) -> IntArray:
    """Row of every node and key, the node's own or its role's; shape nodes x keys."""
    found = [[rows.get((name, *key), rows.get((role, *key), -1)) for key in keys] for name in ids]
    result = np.array(found, dtype=np.int64)
    missing = np.argwhere(result < 0)
    if missing.size:
        node, key = missing[0]
        wanted = f"{ids[node]} (or '{role}') with {', '.join(keys[key])}"
        raise InputError(f"{table.path.name}: no row for {wanted}; {len(missing)} such rows are missing")
    return result


def _demand(path: Path, areas: tuple[str, ...], scenarios: tuple[str, ...]) -> FloatArray:
    """Demand and deviation, shape F x S x 2."""
    table = read_table(path)
    rows = _keyed(table, ("area", "scenario"), (areas, scenarios))
    values = table.numbers(["demand", "deviation"], low=0.0)
    missing = [f"area {a} in scenario {s}" for a in areas for s in scenarios if (a, s) not in rows]
    if missing:
        raise InputError(f"{path.name}: no row for {missing[0]}; {len(missing)} such rows are missing")
    return np.array([[values[rows[a, s]] for s in scenarios] for a in areas])


def _links(path: Path, places: Mapping[str, Places], parameters: Mapping[str, float]) -> dict[str, Links]:
    if path.exists():
        return _listed_links(path, places)
    factor, fixed, moved = (_parameter(parameters, name) for name in PER_KM)
    links = {}
    for kind, tail, head in KINDS:
        a, b, km = complete_links(places[tail], places[head])
        if not np.isfinite(km).all():
            raise InputError("nodes.csv: without arcs.csv every node needs x_km and y_km")
        links[kind] = Links(a, b, fixed * factor * km, moved * factor * km)
    return links


def _listed_links(path: Path, places: Mapping[str, Places]) -> dict[str, Links]:
    table = read_table(path)
    role_of = {name: (role, i) for role in ROLES for i, name in enumerate(places[role].ids)}
    rows = _keyed(table, ("from", "to"), (role_of, role_of))
    costs = table.numbers(["link_cost", "transport_cost"], low=0.0)
    kind_of = {(tail, head): kind for kind, tail, head in KINDS}
    at: dict[str, list[tuple[int, int, int]]] = {kind: [] for kind, _, _ in KINDS}
    for (tail, head), row in rows.items():
        ends = role_of[tail][0], role_of[head][0]
        if ends not in kind_of:
            line = table.rows[row][0]
            raise InputError(f"{path.name}:{line}: from, to: a link from a {ends[0]} to a {ends[1]} is not possible")
        at[kind_of[ends]].append((role_of[tail][1], role_of[head][1], row))
    links = {}
    for kind, entries in at.items():
        a, b, r = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        links[kind] = Links(a, b, costs[r, 0], costs[r, 1])
    return links
