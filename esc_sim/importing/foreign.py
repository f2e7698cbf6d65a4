"""Networks of other programs, made ready for a first run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from esc_sim.exchange.carried import Imported, Note
from esc_sim.exchange.foreign import read_foreign
from esc_sim.fitting.starting import starting_policies
from esc_sim.network.imported import imported_scenario
from esc_sim.network.imports import GRAPHS, MAPS
from esc_sim.scenario.items import items_of

FILL_RATE = 0.95


def ready_foreign(path: str | os.PathLike[str], name: str | None = None) -> Imported | None:
    """What another program wrote, with starting policies where something is bought and nothing is ordered.

    Args:
        path: the file or folder.
        name: of the network, where a file holds several.

    Returns:
        None where the files are of no program that is known.

    Raises:
        InputError: with every problem found and its place.
    """
    read = read_foreign(path, name)
    if read is None:
        return _drawn(Path(path)) if Path(path).suffix.lower() in (*GRAPHS, *MAPS) else None
    scenario = read.scenario
    items = items_of(scenario)
    bought = {(arc.buyer, arc.product or scenario.products[0].id) for arc in scenario.arcs}
    idle = [item for item in bought if item in items and items[item][1].order is None]
    if not idle or all(part.demand is None for _, part in items.values()):
        return read
    ready = starting_policies(scenario, FILL_RATE)
    filled = items_of(ready)
    count = sum(filled[item][1].order is not None for item in idle)
    if not count:
        return read
    note = Note(count, "starting policies", f"orders and stocks for a fill rate of {FILL_RATE:.0%}")
    return replace(read, scenario=ready, assumed=(*read.assumed, note))


def _drawn(path: Path) -> Imported:
    """A network of members, roles, places and arcs alone."""
    scenario = imported_scenario(path)
    arcs = len(scenario.arcs)
    note = Note(arcs, "arcs without product, price and lead time", "fill them in, with demand, stocks and orders")
    return Imported(scenario, path.suffix[1:], (), (note,))
