"""The lean path: which instances it can run, its kernel, and replications strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

from esc_sim import compile_parts
from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours import (
    accept,
    grid,
    order,
    produce,
    receive,
    replenish,
    respond,
    sell,
    serve,
    service,
    settle,
    switches,
)
from esc_sim.compile import cached_kernel, compiling, kernel_key, register_rule, register_rules
from esc_sim.compile_parts import Pointing
from esc_sim.engine import outputs
from esc_sim.engine.block import Block
from esc_sim.engine.compiled import arrays, lean, lean_arrays, lean_pointer, lean_rows, lean_trade
from esc_sim.engine.compiled.build import net_of
from esc_sim.engine.compiled.chance import SharedChance, fate_of
from esc_sim.engine.compiled.keeping import Keeping, keeping_of
from esc_sim.engine.compiled.kernel import is_plain, kernel_keeping
from esc_sim.engine.compiled.latest import of_latest
from esc_sim.engine.compiled.lean_arrays import PATHS, SHIPPED, STOCK, TRANSIT, Chain, Paths, chain_of, paths_of
from esc_sim.instance.model import Instance
from esc_sim.instance.rows import SOURCES as ROW_SOURCES
from esc_sim.policies import policy, registry
from esc_sim.policies.policy import DRAWN, POSITION
from esc_sim.policies.registry import RULE_MODULES
from esc_sim.results import columns
from esc_sim.results.columns import FLOW_COLUMNS, ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.roomy import let_go, roomy
from esc_sim.sampling.tape import tape_blocks
from esc_sim.sampling.timetable import EMPTY_TIMETABLE

_RULES: Final = (grid, receive, produce, order, replenish, respond, accept, sell, serve, service, settle, *RULE_MODULES)
_SOURCES: Final = (
    *_RULES,
    lean,
    lean_arrays,
    lean_pointer,
    lean_rows,
    lean_trade,
    arrays,
    *ROW_SOURCES,
    policy,
    registry,
    columns,
    outputs,
    switches,
    compile_parts,
    __file__,
)
_pointed: Final = Pointing()
_FEW: Final = 8
"""Replications below which rows of paths are too short to pay."""
_TAPE_VALUES: Final = 2_000_000
"""Values of the tape that a strip draws at a time (16 MB)."""

Walk = Callable[..., None]


@of_latest
def is_lean(instance: Instance) -> bool:
    """Whether the lean path can run an instance: each item has one supplier, and nothing goes wrong or is made."""
    lines, switches, orders, arcs = instance.lines, instance.switches, instance.orders, instance.arcs
    network, triggers = instance.network, instance.triggers
    if len(lines.line_item) != network.arc_count or len(np.unique(lines.line_item)) != network.arc_count:
        return False
    features = (
        instance.agent_features, instance.plugins, instance.live, instance.spreading, instance.lanes,
        instance.observed, instance.power, instance.settlement, instance.makes, instance.keeps_flows,
        len(instance.channels), triggers.triggers, triggers.joint, switches.by_age, arcs.has_shares,
    )  # fmt: skip
    return not any(features) and bool(
        switches.partial
        and switches.allocation == IN_TURN
        and np.isin(orders.way[lines.line_item], (DRAWN, POSITION)).all()
        and not len(orders.echelon_items)
        and (arcs.lead_column < 0).all()
        and (instance.items.yield_factor == 1.0).all()
    )


def takes(instance: Instance, replications: Sequence[int]) -> bool:
    """Whether these replications are run on the lean path: it can, it pays, and nobody waits for it longer."""
    return len(replications) >= _FEW and is_lean(instance) and is_ready(instance)


def run_lean(
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    *,
    stock: bool = False,
    shared: SharedChance | None = None,
) -> Block:
    """Run replications of an instance for which :func:`is_lean` holds.

    Args:
        instance: what to run.
        seed: seed of the run.
        replications: their numbers.
        stock: sum the stock of every item and period.
        shared: draws made before for these replications.
    """
    network, total, count = instance.network, instance.periods, len(replications)
    slots = fate_of(instance, seed, replications, disrupted=False).slots
    chain, paths = chain_of(instance), paths_of(instance, slots)
    periods = roomy((count, total, len(PERIOD_COLUMNS)))
    all_stock = roomy((total if stock else 0, network.item_count), make=np.zeros)
    shipped, held = np.zeros(network.arc_count), np.empty((count, network.item_count))
    service, tally = (np.empty((count, *part.shape[:2])) for part in (paths.service, paths.tally))
    step = max(1, _TAPE_VALUES // max(1, PATHS * len(instance.columns.names)))
    for first in range(0, count, PATHS):
        strip = slice(first, min(first + PATHS, count))
        numbers, n = replications[strip], strip.stop - first
        begin(instance, paths)
        for start in range(0, total, step):
            rows = slice(start, min(start + step, total))
            if shared is None:
                tape = tape_blocks(instance.columns, seed, numbers, start, rows.stop - start, None)
            else:
                tape = shared.draws[strip, rows].copy()
            _play(chain, paths, tape, periods, all_stock, first, start)
            for written in (periods, all_stock):
                let_go(written)
        shipped += paths.trade[:, SHIPPED, :n].sum(axis=1)
        held[strip] = (paths.goods[:, STOCK, :n] + paths.goods[:, TRANSIT, :n]).T
        service[strip], tally[strip] = (np.moveaxis(part[..., :n], -1, 0) for part in (paths.service, paths.tally))
    by_arc = np.empty(network.arc_count)
    by_arc[instance.lines.arc_order[instance.lines.by_pos]] = shipped
    return Block(
        periods=periods,
        arc_shipped=by_arc,
        stock=all_stock,
        items=np.empty((0, total, network.item_count, len(ITEM_COLUMNS))),
        nodes=np.empty((0, total, network.node_count, len(NODE_COLUMNS))),
        tally=tally,
        service=service,
        flows=np.empty((count, 0, len(FLOW_COLUMNS))),
        timetables=(EMPTY_TIMETABLE,) * count,
        held=held,
        observed=np.empty((count, total, 0)),
    )


def begin(instance: Instance, paths: Paths) -> None:
    """Stand before the first period."""
    for part in paths:
        part[...] = 0.0
    paths.goods[:, STOCK] = instance.items.initial_stock[:, np.newaxis]


def _play(*arguments: Any) -> None:
    """Walk through some periods, past numba's dispatcher, which would look at the types of all arrays."""
    if not _loaded:
        _loaded.append(entry(tuple(nb.typeof(argument) for argument in arguments)))
    _loaded[0](*arguments)


_loaded: Final[list[Walk]] = []
"""The kernel, once it is there: arguments are of the same types in every run."""


def entry(types: tuple[Any, ...]) -> Walk:
    """The kernel, compiled or from the disk cache, whose key holds all sources, behind numba's dispatcher."""
    with compiling("the engine for plain networks"), lean_keeping().compiling():
        kernel: Any = build(lean_keeping().key, types)
        lean_keeping().mark(kernel)
        (compiled,) = kernel.overloads.values()
        walk: Walk = compiled.entry_point
        return walk


@cache
def lean_keeping() -> Keeping:
    """Where the kernel is kept between two runs of Python."""
    return keeping_of("kernel-lean", build, kernel_key(*_SOURCES))


def is_ready(instance: Instance) -> bool:
    """Whether the lean kernel need not be compiled, or is compiled sooner than the one for all networks."""
    return bool(_loaded) or lean_keeping().is_kept() or not kernel_keeping(is_plain(net_of(instance))).is_kept()


def build(key: int, types: tuple[Any, ...]) -> Any:
    """Compile the kernel, or load it."""
    for module in (*_RULES, lean):
        register_rules(module)
    for module in (lean_rows, lean_trade):
        register_rules(module, apart=True)
    for function in lean_rows.PLANS:
        register_rule(function, apart=True)

    def kernel(
        chain: Chain, paths: Paths, tape: NDArray, periods: NDArray, stock: NDArray, replication: int, first: int
    ) -> None:
        key  # noqa: B018 - makes the hash of all sources part of the cache's index
        lean.walk(_pointed(chain), _pointed(paths), tape, periods, stock, replication, first)

    return cached_kernel(nb.void(*types))(kernel)
