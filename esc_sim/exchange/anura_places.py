"""Members of a network in Anura: facilities, suppliers, customers, products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from esc_sim.exchange.anura_model import Model, members
from esc_sim.exchange.anura_schema import columns
from esc_sim.exchange.anura_units import text_of
from esc_sim.exchange.tabulated import Row

_TABLES: Final = {"facility": "Facilities", "supplier": "Suppliers", "customer": "Customers"}
_READ: Final = columns("Latitude Longitude Region FacilityStatus InitialState AllowPartialFillOrders")
_LONGEST: Final = 120


@dataclass
class Places:
    """The members of a model.

    Attributes:
        rows: row of each site, by its name in the model.
        kinds: "facility", "supplier" or "customer".
        ids: its id in the scenario.
        products: id of each product, by its name in the model.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)
    _of_kind: dict[str, dict[str, str]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Mapping[str, str]:
        """The sites of a kind, in their order, with their ids; asked for once all are known."""
        if kind not in self._of_kind:
            self._of_kind[kind] = {name: self.ids[name] for name, one in self.kinds.items() if one == kind}
        return self._of_kind[kind]


def read_places(model: Model) -> Places:
    """Sites and products; those that are excluded, closed or only considered are absent."""
    places = Places()
    for kind, table in _TABLES.items():
        column = f"{kind.title()}Name"
        rows = model.rows(table, column, *_READ)
        model.absent |= _closed(model, rows)
        for row in rows:
            name = text_of(row, column)
            if not name or name in model.absent:
                continue
            if name in places.kinds:
                here = row[column.lower()].place
                model.problems.append(f"{here}: '{name}' is a {places.kinds[name]} already: names of sites differ")
                continue
            places.rows[name], places.kinds[name] = row, kind
            places.ids[name] = _id_of(model, name, places.ids, f"{table} '{name}'")
    for row in model.rows("Products", "ProductName", "DisposalCost", "ShelfLife", "UnitPrice", "UnitValue"):
        if name := text_of(row, "productname"):
            places.products[name] = _id_of(model, name, places.products, f"Products '{name}'")
    if not places.products:
        model.problems.append(f"{model.path.name}: the table Products is missing or empty")
    if not places.kinds:
        model.problems.append(f"{model.path.name}: there are no Facilities, Suppliers or Customers")
    return places


def _closed(model: Model, rows: list[Row]) -> set[str]:
    """Facilities that are closed, or could be opened."""
    found = set()
    for row in rows:
        status, state = text_of(row, "facilitystatus").lower(), text_of(row, "initialstate").lower()
        if status == "closed" or (status == "consider" and state == "potential"):
            found.add(text_of(row, "FacilityName"))
            model.ledger.leave_out("facilities that are closed, or could be opened", "they are no part of the network")
    return found


def _id_of(model: Model, name: str, ids: dict[str, str], what: str) -> str:
    """A name as an id of a scenario, which holds no '/'."""
    made = " ".join(name.replace("/", "-").split())[:_LONGEST]
    if made in ids.values():
        model.problems.append(f"{model.path.name}: {what} is the same as another one, but for '/' and spaces")
    return made


def nodes_of(model: Model, places: Places, sources: set[str]) -> dict[str, dict[str, Any]]:
    """The sites as nodes without stock data, by their names in the model.

    Args:
        model: the model.
        places: its sites.
        sources: facilities that make something.
    """
    roles = dict(members(model, "role "))
    layers = dict(members(model, "layer "))
    found: dict[str, dict[str, Any]] = {}
    for name, row in places.rows.items():
        kind = places.kinds[name]
        usual = {"facility": "factory" if name in sources else "warehouse"}.get(kind, kind)
        node: dict[str, Any] = {"id": places.ids[name], "role": roles.get(name, usual), **model.label(row, name)}
        if text_of(row, "region"):
            node["region"] = text_of(row, "region").replace("/", "-")[:_LONGEST]
        degrees = [model.number(row, column) for column in ("Latitude", "Longitude")]
        if None not in degrees and degrees != [0.0, 0.0]:  # 0, 0 is what an empty cell means
            node |= {"latitude": degrees[0], "longitude": degrees[1]}
        if layers.get(name, "").isdigit():
            node["layer"] = int(layers[name])
        found[name] = node
    return found
