"""Small scenarios for the tests of reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.reader import load_scenario

# Line numbers in the tests speak of this text: nodes begin in line 4, arcs in line 11, disruptions in line 13.
GOOD = """\
version: 1
name: test
run: {periods: 30, seed: 5}
nodes:
  - id: shop
    role: shop
    region: north
    demand: {mean: 10, sd: 1, price: 50}
    order: {mean: 10.5}
  - {id: maker, role: maker, initial_stock: 20, production: {mean: 12}}
arcs:
  - {buyer: shop, supplier: maker, price: 30, lead_time: 1}
disruptions:
  - {name: outage, nodes: [maker], probability: 0.1}
"""


def folder_of(path: Path, text: str | bytes = GOOD, **files: str | bytes) -> Path:
    """A scenario folder with scenario.yaml and files beside it (nodes_csv="..." is nodes.csv)."""
    path.mkdir(exist_ok=True)
    for name, content in {"scenario_yaml": text, **files}.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (path / name.replace("_", ".")).write_bytes(raw)
    return path


def changed(old: str, new: str) -> str:
    """The good scenario with one place changed."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def problems_of(path: Path, *overrides: str) -> list[str]:
    """The problems found in a scenario that has some."""
    with pytest.raises(InputError) as caught:
        load_scenario(path, overrides)
    return caught.value.problems
