"""The failed nodes: from a file, or those that a disruption of the scenario hits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.errors import InputError
from esc_sim.scenario.cells import rows_of
from esc_sim.scenario.meaning import targets_of
from esc_sim.scenario.schema import Scenario

MAX_BYTES = 64 * 1024 * 1024
SHOWN = 20  # problems listed


def read_nodes(path: Path, network: CascadeNetwork, what: str = "removed node") -> NDArray[np.int32]:
    """Indices of the nodes that a file lists, in its order: a JSON list of ids, or lines whose first cell is an id (a
    first line ``id`` or ``node`` is a header).

    Args:
        path: the file.
        network: whose nodes they are.
        what: what the nodes are, for messages.

    Raises:
        InputError: the file cannot be read, or names a node twice or one that does not exist, with its line.
    """
    places: dict[str, int] = {network.id_of(k): k for k in range(network.n)}
    found: dict[int, str] = {}
    problems: list[str] = []
    listed = _listed(path)
    for where, name in listed:
        node = places.get(name)
        if node is None:
            problems.append(f"{where}: {what} '{name}' does not exist in the network")
        elif node in found:
            problems.append(f"{where}: {what} '{name}' is given twice (first at {found[node]})")
        else:
            found[node] = where
    if not listed:
        problems.append(f"{path.name}: lists no node")
    if len(problems) > SHOWN:
        problems = [*problems[:SHOWN], f"... and {len(problems) - SHOWN} more"]
    if problems:
        raise InputError(problems)
    return np.array(list(found), dtype=np.int32)


def nodes_of_disruption(scenario: Scenario, network: CascadeNetwork, name: str | None) -> tuple[str, NDArray[np.int32]]:
    """Name of a disruption and the nodes that it hits; without a name, the first disruption that spreads.

    Args:
        scenario: the scenario.
        network: its network.
        name: name of the disruption, or None.

    Raises:
        InputError: there is no such disruption, or it hits no node.
    """
    matching = [d for d in scenario.disruptions if (d.cascade if name is None else d.name == name)]
    if not matching:
        if name is None:
            raise InputError(
                "which nodes failed? Give --removed FILE or --remove N, or mark a disruption with cascade: true"
            )
        known = ", ".join(d.name for d in scenario.disruptions) or "none"
        raise InputError(f"--disruption: there is no disruption '{name}'; the scenario's are: {known}")
    nodes = targets_of(scenario, matching[0])
    if not nodes:
        raise InputError(f"--disruption: '{matching[0].name}' hits no node")
    return matching[0].name, np.sort(network.index_of(sorted(nodes)))


def _listed(path: Path) -> list[tuple[str, str]]:
    """(place, id) of each node that the file names."""
    try:
        raw = path.read_bytes()[: MAX_BYTES + 1]
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: not UTF-8 text") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path.name}: larger than {MAX_BYTES // 2**20} MiB")
    if path.suffix.lower() == ".json":
        return _from_json(path, text)
    rows = [(line, cells[0]) for line, cells in rows_of(text, path.name, _names_ids) if cells[0]]
    if rows and _names_ids([rows[0][1]]):
        rows = rows[1:]
    return [(f"{path.name}:{line}", name) for line, name in rows]


def _names_ids(cells: Sequence[str]) -> bool:
    """Whether a row is the header of a list of ids."""
    return cells[0].lower() in ("id", "node")


def _from_json(path: Path, text: str) -> list[tuple[str, str]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name}: not JSON: {error}") from None
    good = isinstance(content, list) and all(type(name) in (str, int) for name in content)
    if not good:
        raise InputError(f'{path.name}: a list of node ids belongs here, such as ["12", "40"]')
    return [(f"{path.name}, entry {number}", str(name)) for number, name in enumerate(content, 1)]
