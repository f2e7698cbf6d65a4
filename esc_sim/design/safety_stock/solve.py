"""Least holding cost of safety stock: by dynamic programming on trees, by a mixed-integer program on other networks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from esc_sim.design.safety_stock.stages import Floats, Ints, Placement, Stages, placement
from esc_sim.errors import InputError


def on_tree(stages: Stages) -> Placement:
    """The optimum on a network that is a tree, or several, when directions are left aside.

    The dynamic program of Graves and Willems: stages are taken from the leaves inwards. A stage's table has the least
    cost of its branch for each pair of service times S and SI; its neighbour further in needs the best of it for each
    S (where it is supplied by the stage) or each SI (where it supplies the stage). Work goes with N times the square
    of the longest replenishment time.

    Args:
        stages: whose links form no cycle.
    """
    around: list[list[tuple[int, int, bool]]] = [[] for _ in range(stages.count)]
    for supplier, buyer, way in stages.links:
        around[buyer].append((supplier, way, True))
        around[supplier].append((buyer, way, False))
    tables: list[Floats] = [np.empty(0)] * stages.count
    covered = np.zeros(stages.count, np.int64)
    seen: set[int] = set()
    for root in range(stages.count):
        if root in seen:
            continue
        order, parent = [root], {root: -1}
        for stage in order:
            inner = [other for other, _, _ in around[stage] if other != parent[stage]]
            parent |= dict.fromkeys(inner, stage)
            order += inner
        seen |= set(order)
        for stage in reversed(order):
            tables[stage] = _table(stages, stage, [n for n in around[stage] if n[0] != parent[stage]], tables)
        chosen: dict[int, tuple[int, int]] = {}
        for stage in order:
            table = tables[stage]
            if parent[stage] >= 0:
                way, supplies = next(rest for other, *rest in around[stage] if other == parent[stage])
                table = _kept(table, *chosen[parent[stage]], int(way), bool(supplies))
            quoted, inbound = (int(at) for at in np.unravel_index(int(table.argmin()), table.shape))
            chosen[stage] = quoted, inbound
            covered[stage] = inbound + stages.processing[stage] - quoted
    return placement(stages, covered.tolist(), "tree")


def _table(stages: Stages, stage: int, outer: list[tuple[int, int, bool]], tables: list[Floats]) -> Floats:
    """Least cost of a branch by S and SI of its innermost stage, float64[S + 1, SI + 1]."""
    latest = stages.latest
    quoted = np.arange(stages.quotable(stage, latest) + 1)[:, None]
    inbound = np.arange(int(latest[stage]) + 1)[None, :]
    covered = inbound + stages.processing[stage] - quoted
    found = stages.holding[stage] * stages.safety(stage, np.maximum(covered, 0).astype(np.float64))
    found[(covered < 0) | (inbound < stages.entry[stage])] = np.inf
    for other, way, supplies in outer:
        if supplies:  # it must have delivered by SI
            best = np.minimum.accumulate(tables[other].min(axis=1))
            found += np.r_[np.full(way, np.inf), best][np.minimum(inbound, way + len(best) - 1)]
        else:  # it has to wait for S at the least
            best = np.minimum.accumulate(tables[other].min(axis=0)[::-1])[::-1]
            found += best[quoted + way]
    return found


def _kept(table: Floats, quoted: int, inbound: int, way: int, supplies: bool) -> Floats:
    """A table without what does not fit the service times of the neighbour further in."""
    found = table.copy()
    if supplies:  # the neighbour supplies this stage
        found[:, : quoted + way] = np.inf
    else:
        found[max(0, inbound - way + 1) :] = np.inf
    return found


@dataclass(frozen=True)
class Search:
    """How long the program is searched.

    Attributes:
        gap: relative gap at which the search may stop.
        time_limit: seconds.
    """

    gap: float = 1e-9
    time_limit: float | None = None


def by_program(stages: Stages, search: Search | None = None) -> Placement:
    """The optimum on any network without cycles: a binary for each stage and each time that it may cover.

    Args:
        stages: what is placed.
        search: how long.

    Raises:
        InputError: no placement was found in time.
    """
    from esc_sim.lp import BlockModel

    search = search or Search()
    latest = stages.latest
    spans = latest + stages.processing
    owner = np.repeat(np.arange(stages.count), spans + 1)
    covers = np.concatenate([np.arange(span + 1) for span in spans])
    cost = stages.holding[owner] * stages.factor * stages.sd[owner] * np.sqrt(covers)
    model = BlockModel("safety stock", objective_unit=max(float(cost.max(initial=0.0)), 1e-12))
    model.index("stage", list(stages.names))
    model.index("choice", len(owner))
    model.index("link", len(stages.links))
    quotable = np.array([stages.quotable(stage, latest) for stage in range(stages.count)])
    quoted = model.variables("quoted", "stage", upper=quotable)
    inbound = model.variables("inbound", "stage", lower=stages.entry, upper=latest)
    chosen = model.variables("chosen", "choice", upper=1.0, cost=cost, integer=True)
    one = model.rows("one", "stage", lower=1.0, upper=1.0)
    one.add_entries(one.positions[owner], chosen.positions, 1.0)
    cover = model.rows("cover", "stage", lower=stages.processing).add(quoted).add(inbound, -1.0)
    cover.add_entries(cover.positions[owner], chosen.positions, covers)
    if stages.links:
        supplier, buyer, way = (np.array(part) for part in zip(*stages.links, strict=True))
        wait = model.rows("wait", "link", lower=way)
        wait.add_entries(wait.positions, inbound.positions[buyer], 1.0)
        wait.add_entries(wait.positions, quoted.positions[supplier], -1.0)
    solution = model.solve(gap=search.gap, time_limit=search.time_limit)
    if not solution.found:
        raise InputError("no placement of safety stock was found in time: allow more (design.safety_stock.time_limit)")
    picked: Ints = np.array(
        [int(covers[owner == s][solution["chosen"][owner == s].argmax()]) for s in range(len(spans))]
    )
    return replace(placement(stages, picked.tolist(), "program"), proven=solution.gap, status=solution.status)
