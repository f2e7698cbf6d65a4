"""Scenarios made from networks of other programs, with nothing but roles and arcs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from esc_sim.errors import InputError
from esc_sim.network.imports import read_network
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.overrides import apply_overrides
from esc_sim.scenario.schema import Scenario


def imported_scenario(
    path: Path, nodes: str | os.PathLike[str] | None = None, overrides: Sequence[str] | Mapping[str, Any] = ()
) -> Scenario:
    """A scenario without numbers of trade from an edge list, GraphML, GEXF or GeoJSON file.

    Args:
        path: the file.
        nodes: for an edge list, the table of ids and roles.
        overrides: changes of values, as for ``--set``.

    Raises:
        InputError: the file cannot be read or is unsafe, or a value cannot be set.
    """
    network = read_network(path, None if nodes is None else Path(nodes))
    data: dict[str, Any] = {
        "version": 1,
        "name": path.stem,
        "data": {"status": "assumed", "note": f"Network imported from {path.name}."},
        "nodes": [
            {"id": name, "role": role, **_place(network.places.get(name))}
            for name, role in zip(network.ids, network.roles, strict=True)
        ],
        "arcs": [{"buyer": buyer, "supplier": supplier} for supplier, buyer in dict.fromkeys(network.arcs)],
        "cascade": {},
    }
    _, problems = apply_overrides(data, overrides, lambda other, _: scenario_of(other))
    if problems:
        raise InputError(problems)
    try:
        return scenario_of(data)
    except InputError as error:
        raise InputError([f"{path.name}: {text}" for text in error.problems]) from None


def _place(degrees: tuple[float, float] | None) -> dict[str, float]:
    return {} if degrees is None else {"latitude": degrees[0], "longitude": degrees[1]}
