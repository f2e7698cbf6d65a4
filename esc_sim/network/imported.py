"""Scenarios made from networks of other programs: roles and arcs, and if wanted the trade that volumes say."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from esc_sim.errors import InputError
from esc_sim.network.imports import EDGE_LISTS, GRAPHS, MAPS, ImportedNetwork, read_network
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.overrides import Overrides, apply_overrides
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.tables import MAX_BYTES, read_csv
from esc_sim.scenario.unread import Reads, unread, with_notices

FAILURE: Final = {"start": 10.0, "duration": 40.0}
"""When the nodes of a plan fail in a run of a network that states no disruptions, and for how long."""
TABLES_ALONE: Final = (
    "--nodes and --competitors go with a network of another program; a scenario has nodes and competitors of its own"
)
PERIODS: Final = 60
Pairs = Sequence[dict[str, Any]]
_STOCK, _KEPT, _MORE = 2.2, 0.2, 1.03
"""Stock and safety stock in periods of what passes a node, and how much more is ordered than passes: so that goods flow
from the first period on."""


class Beside(NamedTuple):
    """Tables that go with a network's file; None: there is none.

    Attributes:
        nodes: of an edge list, ids and roles.
        competitors: pairs of nodes that compete when failures spread, as in a scenario's competitors.csv.
    """

    nodes: str | os.PathLike[str] | None = None
    competitors: str | os.PathLike[str] | None = None


NOTHING: Final = Beside()


def is_network(path: Path) -> bool:
    """Whether a file is a network of another program, by its ending."""
    return path.suffix.lower() in (*EDGE_LISTS, *GRAPHS, *MAPS)


def imported_scenario(
    path: Path,
    beside: Beside = NOTHING,
    overrides: Overrides = (),
    *,
    trading: bool = False,
    failed: Sequence[str] = (),
) -> Scenario:
    """A scenario from an edge list, GraphML, GEXF or GeoJSON file.

    Volumes of the arcs become the loads of cascades: of each node the larger of what it buys and what it sells.

    Args:
        path: the file.
        beside: tables that go with it.
        overrides: changes of values, as for ``--set``.
        trading: with numbers of trade, so that it can be run: every arc carries its volume in every period (up to 3 %
            more, for so much more is ordered), or 1 unit where the file states none. Who sells more than it buys makes
            the rest, who buys more than it sells has customers for it. There are no prices.
        failed: ids of nodes whose failure spreads in a run.

    Raises:
        InputError: the file cannot be read or is unsafe, or a value cannot be set.
    """
    network = read_network(path, None if beside.nodes is None else Path(beside.nodes))
    rivals = () if beside.competitors is None else _pairs(Path(beside.competitors), network)
    try:
        found = _built(path, network, rivals, overrides, trading, failed)
    except InputError as error:
        if trading and network.volumes and _is_sound(path, network, rivals, overrides):
            raise InputError(_cannot_be_traded(path, network)) from None
        raise error
    unread = [f"{path.name}: the column '{name}' is not read" for name in network.unread]
    return with_notices(found, unread)


def _pairs(path: Path, network: ImportedNetwork) -> Pairs:
    """Rows of a table of competitors.

    Raises:
        InputError: it cannot be read, or names nodes that the network does not have.
    """
    table = read_csv(read_text(path, MAX_BYTES, path.name, "leave out pairs"), "competitors", path.name)
    known = set(network.ids)
    unknown = [
        f"{path.name}:{line}: there is no node '{name}' in the network"
        for line, row in zip(table.lines, table.rows, strict=True)
        for name in (row.get("node"), row.get("competitor"))
        if name is not None and name not in known
    ]
    if problems := table.problems or unknown:
        raise InputError(problems)
    return table.rows


def _built(
    path: Path, network: ImportedNetwork, rivals: Pairs, overrides: Overrides, trading: bool, failed: Sequence[str]
) -> Scenario:
    """The scenario of a network that was read, see :func:`imported_scenario`."""
    flows = _Flows(network)
    data: dict[str, Any] = {
        "version": 1,
        "name": path.stem,
        "data": {"status": "assumed", "note": _note(path, network, trading)},
        "nodes": [
            {"id": name, "role": role, **_place(network.places.get(name)), **flows.of_node(name, trading)}
            for name, role in zip(network.ids, network.roles, strict=True)
        ],
        "arcs": [
            {"buyer": buyer, "supplier": supplier, **({"share": volume} if trading and flows.bought[buyer] else {})}
            for (supplier, buyer), volume in flows.on.items()
        ],
        "cascade": {"load": "stated"} if network.volumes else {},
    }
    if rivals:
        data["competitors"] = list(rivals)
    if trading:
        data["run"] = {"periods": PERIODS}
    if failed:
        data["disruptions"] = [{"name": "failure", "nodes": list(failed), "dates": [FAILURE], "cascade": True}]
    _, problems = apply_overrides(data, overrides, lambda other, _: scenario_of(other))
    if problems:
        raise InputError(problems)
    try:
        return scenario_of(data)
    except InputError as error:
        raise InputError([f"{path.name}: {text}" for text in error.problems]) from None


def _is_sound(path: Path, network: ImportedNetwork, rivals: Pairs, overrides: Overrides) -> bool:
    """Whether the network makes a scenario where it is not to trade: then what is made up for trade does not fit."""
    try:
        _built(path, network, rivals, overrides, False, ())
    except InputError:
        return False
    return True


def _cannot_be_traded(path: Path, network: ImportedNetwork) -> str:
    """Which volumes are too small or too large to be traded, in words."""
    carried = [volume for volume in network.volumes if volume > 0]
    return (
        f"{path.name}: column '{network.volume_column}': volumes from {min(carried):g} to {max(carried):g} cannot all "
        "be traded in one unit of goods: take a smaller unit where they are small, a larger one where they are "
        "large, and leave out arcs that carry next to nothing beside the others"
    )


def network_read_by(
    command: str,
    path: Path,
    beside: Beside,
    overrides: Overrides,
    reads: Reads,
    failed: Sequence[str] = (),
) -> Scenario:
    """A trading scenario of a network's file; its notices say which changes the command does not read.

    Args:
        command: name of the command, for the notices.
        path: the file.
        beside: tables that go with it.
        overrides: changes of values, as for ``--set``.
        reads: what the command reads.
        failed: ids of nodes whose failure spreads in a run.

    Raises:
        InputError: the file cannot be used, or a value cannot be set.
    """

    def load(rest: Overrides) -> Scenario:
        return imported_scenario(path, beside, rest, trading=True, failed=failed)

    found = load(overrides)
    return with_notices(found, unread(command, found, overrides, load, reads))


class _Flows:
    """What passes the nodes of a network in a period.

    Attributes:
        on: volume by arc (supplier, customer), 1 where the file states none.
    """

    def __init__(self, network: ImportedNetwork) -> None:
        self.stated = bool(network.volumes)
        volumes = network.volumes or (1.0,) * len(network.arcs)
        self.on = dict(zip(network.arcs, volumes, strict=True))
        self.bought = dict.fromkeys(network.ids, 0.0)
        self.sold = dict.fromkeys(network.ids, 0.0)
        for (supplier, customer), volume in self.on.items():
            self.sold[supplier] += volume
            self.bought[customer] += volume

    def of_node(self, node: str, trading: bool) -> dict[str, Any]:
        """The load of a node, and its stock, orders, production and demand where it is to trade."""
        bought, sold = self.bought[node], self.sold[node]
        passes = max(bought, sold)
        found: dict[str, Any] = {"load": passes} if self.stated else {}
        if not trading:
            return found
        stock = round(_STOCK * passes, 6)
        found |= {"initial_stock": stock, "target_stock": stock, "safety_stock": round(_KEPT * passes, 6)}
        if bought:
            found["order"] = {"mean": round(_MORE * bought, 6)}
        if sold > bought:
            found["production"] = {"mean": round(_MORE * (sold - bought), 6)}
        if bought > sold:
            found["demand"] = {"mean": round(bought - sold, 6)}
        return found


def _note(path: Path, network: ImportedNetwork, trading: bool) -> str:
    """Where the numbers come from, in words."""
    parts = [f"Network imported from {path.name}"]
    if network.roles_by_flow:
        counts = ", ".join(f"{role}s: {count}" for role, count in Counter(network.roles).items())
        parts.append(f"roles by the direction of flow ({counts})")
    if network.volumes:
        parts.append("loads are the volumes that pass the nodes")
    if trading:
        carried = "its volume" if network.volumes else "1 unit"
        parts.append(f"trade is made up so that every arc carries {carried} or up to 3 % more")
    return "; ".join(parts) + "."


def _place(degrees: tuple[float, float] | None) -> dict[str, float]:
    return {} if degrees is None else {"latitude": degrees[0], "longitude": degrees[1]}
