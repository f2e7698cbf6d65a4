"""Rows: every quantity is declared with its meaning, and stands on the page of quantities."""

from __future__ import annotations

import importlib
import pkgutil
import runpy
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from esc_sim import fields as house
from esc_sim.fields.rows import quantities

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
    text = PAGE["page"]()
    for one in quantities(kind):
        assert one.meaning
        assert "|" not in one.meaning
        assert f"| `{one.name}` | {one.meaning} |" in text
