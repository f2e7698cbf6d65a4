"""Rows: every quantity is declared with its meaning, and stands on the page of quantities."""

from __future__ import annotations

import importlib
import pkgutil
import runpy
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from esc_sim import fields as house
from esc_sim.fields import arc, farm, item, lane, law, making
from esc_sim.fields import policy as rows_of_policies
from esc_sim.fields.rows import described, quantities
from esc_sim.policies import forecast, policy
from esc_sim.scenario import demand, farming, recipes, schema

PAGE = runpy.run_path(str(Path(__file__).resolve().parent.parent / "docs" / "quantities.py"))


def rows() -> list[type[Any]]:
    """All row classes of ``esc_sim.fields``."""
    found = []
    for module in pkgutil.iter_modules(house.__path__):
        content = vars(importlib.import_module(f"{house.__name__}.{module.name}"))
        found += [
            kind for kind in content.values()
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__.endswith(f".{module.name}")
            and all("whose" in one.metadata for one in fields(kind))
        ]  # fmt: skip
    return found


@pytest.mark.parametrize("kind", rows(), ids=lambda kind: kind.__name__)
def test_every_quantity_stands_on_the_page(kind: type[Any]) -> None:
    listed = [*PAGE["HELD"], *PAGE["WRITTEN"]]
    assert any(issubclass(other, kind) for other in listed)
    text = PAGE["page"]().replace("\\|", "|")
    for one in quantities(kind):
        assert one.meaning
        assert f"| `{one.name}` | {one.meaning} |" in text


KEYS: Final = [
    (schema.StockData, item.Item),
    (schema.Arc, arc.Arc),
    (schema.Lane, lane.Lane),
    (demand.Demand, law.Customers),
    (policy.Order, item.Item),
    (forecast.ForecastOrder, rows_of_policies.OrderPolicy),
    (recipes.Recipe, making.Recipe),
    (recipes.Taker, making.Taker),
    (farming.SoilLaw, farm.Soil),
    (farming.Measure, farm.Soil),
    (farming.Farming, farm.Soil),
    (farming.CropField, farm.Field),
    (farming.Residue, farm.Field),
    (farming.Amendment, farm.Link),
]
"""Parts of a scenario, and the rows that declare their quantities."""


def test_keys_of_scenarios_say_of_a_quantity_what_its_row_declares() -> None:
    found = set()
    for part, kind in KEYS:
        declared = {one.name: one for one in quantities(kind) if one.whose == "given" and not one.is_key}
        for name, field in part.model_fields.items():
            if name in declared:
                assert field.description == described(getattr(kind, name)), (part, name)
                found.add(name)
    some = {
        "holding_cost",
        "capacity",
        "price",
        "cap",
        "minimum",
        "cover",
        "decay",
        "potential",
        "floor",
        "haul",
        "room",
    }
    assert some <= found
