"""The compiled loop over replications and periods, and its cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numba as nb
import numpy as np
from numpy.typing import NDArray

from esc_sim import compile_parts
from esc_sim.allocations import dividing
from esc_sim.allocations import registry as allocation_registry
from esc_sim.allocations.registry import IN_TURN, SHARE_MODULES, SHARES_BY_RULE
from esc_sim.behaviours import (
    accept,
    byproducts,
    disrupt,
    forecast,
    grid,
    nutrients,
    opening,
    order,
    owe,
    perish,
    power,
    produce,
    receive,
    recipes,
    replenish,
    respond,
    sell,
    serve,
    service,
    settle,
    switches,
)
from esc_sim.behaviours import farming as field_rules
from esc_sim.behaviours import written as writing
from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.compile import (
    cached_kernel,
    compiling,
    kernel_key,
    register_rule,
    register_rules,
)
from esc_sim.compile_parts import Pointing
from esc_sim.disruptions import kind
from esc_sim.disruptions import registry as disruptions
from esc_sim.disruptions.registry import SOURCES
from esc_sim.engine import outputs
from esc_sim.engine.compiled import (
    arrays,
    farming,
    farming_arrays,
    lanes,
    making,
    microgrid_arrays,
    microgrids,
    owed,
    phases,
    planning,
    plugins,
    prefetch,
    sorting,
    trade,
)
from esc_sim.engine.compiled.arrays import Chance, Net, Now, State, Work
from esc_sim.engine.compiled.keeping import Keeping, keeping_of
from esc_sim.fields.rows import Records
from esc_sim.instance import model as instance_model
from esc_sim.instance.rows import SOURCES as ROW_SOURCES
from esc_sim.policies import policy, registry
from esc_sim.policies.registry import QUANTITIES_BY_RULE, RULE_MODULES
from esc_sim.results import columns

_CHOSEN = (*SHARE_MODULES, dividing, *RULE_MODULES)
"""Rules that scenarios choose by name: of allocation, of order policies."""
_OF_GOODS = (recipes, perish, byproducts, field_rules, nutrients, power)
_OF_MEMBERS = (receive, produce, order, forecast, replenish, respond, accept, owe, sell, serve, settle)
_RULES = (grid, *_OF_MEMBERS, service, *_OF_GOODS, opening, writing, disrupt)
_PHASES = (sorting, farming, planning, making, microgrids, phases, lanes, owed, trade)
_LAYOUTS = (arrays, farming_arrays, microgrid_arrays, prefetch)
_SOURCES = (
    *_RULES,
    *_CHOSEN,
    allocation_registry,
    policy,
    registry,
    kind,
    disruptions,
    *SOURCES,
    *_PHASES,
    *_LAYOUTS,
    *ROW_SOURCES,
    columns,
    outputs,
    switches,
    plugins,
    instance_model,
    compile_parts,
    __file__,
)

PLAIN: Final = {
    "holding_cost_timing": STORAGE_AT_REVIEW,
    "backorder": 0,
    "partial": 1,
    "partial_demand": 1,
    "learns": 0,
    "owing": 0,
    "allocation": IN_TURN,
    "by_age": 0,
    "order_terms": 0,
    "transit_charged": 0,
    "makes": 0,
    "farms": 0,
    "powered": 0,
    "prices_move": 0,
    "splits": 0,
    "yields": 0,
    "leads_vary": 0,
    "lanes": 0,
}
"""The switches of the papers' model. Networks that have them so get a kernel without the others' branches."""

_plainly_pointed, _pointed = Pointing(PLAIN), Pointing()

BlockKernel = Callable[[Net, State, Chance, Work, int, Records, NDArray, Records, Records, NDArray], None]


def run_period(
    net: Net,
    state: State,
    chance: Chance,
    work: Work,
    period: int,
    row: int,
    slot: int,
    out: np.record,
) -> None:
    """One review period of one replication, in the order of the transaction model.

    Args:
        period: number of the period.
        row: its row in the block's draws and health.
        slot: its slot in the ring of arrivals.
        out: totals of the period; written.
    """
    phases.open_period(net, state, work)
    if net.learns != 0:
        phases.refresh_knowledge(net, chance, work, row)
    troubled, sound = phases.refresh_health(net, chance, work, row)
    now = Now(period, row, slot, sound)
    phases.receive_and_produce(net, state, chance, work, now)
    if net.farms != 0:
        farming.grow(net, state, chance, work, now)
    if net.powered != 0:
        microgrids.supply_power(net, state, chance, work, now)
    if net.makes != 0:
        making.run_recipes(net, state, work, now)
    if net.farms != 0:
        farming.fertilise(net, state, work, now)
    phases.open_books(net, state, work)
    phases.plan_and_serve(net, state, chance, work, now)
    if net.makes != 0:
        making.leave_behind(net, state)
    if net.learns != 0:
        trade.announce(net, state, work)
    if net.lanes != 0:
        lanes.open_lanes(net, work)
    trade.negotiate(net, state, chance, work, now, troubled)
    if troubled > 0:
        trade.ship_short(net, state, chance, work, now, troubled)
    if net.makes != 0:
        making.end_shelf_lives(net, state, work, now)
        making.offer_byproducts(net, state, work)
    phases.settle(net, state, work, now, out)
    if net.farms != 0:
        farming.close_year(net, state, work, now)


def replication_of(state: State, chance: Chance, r: int) -> tuple[State, Chance]:
    """Views of one replication.

    Args:
        state: of all replications.
        chance: of all replications.
        r: place of the replication.
    """
    own_state = State(
        state.goods[r],
        state.items[r],
        state.ring[r],
        state.lost_ring[r],
        state.last_due[r],
        state.arc_total[r],
        state.owed[r],
        state.owed_parts[r],
        state.since[r],
        state.history[r],
        state.tally[r],
        state.service[r],
        state.perishables[r],
        state.entered[r],
        state.maturing[r],
        state.gas[r],
        state.flows[r],
        state.fields[r],
    )
    own_chance = Chance(
        chance.draws[r],
        chance.health[r],
        chance.known[r],
        chance.outage_start[r],
        chance.begins[r],
        chance.ends[r],
        chance.modes[r],
        chance.detours[r],
        chance.day_plan[r],
        chance.plans,
    )
    return own_state, own_chance


def block_loop(key: int, plain: bool, period_of: Callable[..., None], views_of: Callable[..., Any]) -> BlockKernel:
    """The loop over replications and periods, valid Python as it stands.

    Args:
        key: hash of all sources.
        plain: take the switches of PLAIN as known; Python reads them all the same.
        period_of: :func:`run_period`.
        views_of: :func:`replication_of`.
    """

    def block(
        net: Net,
        state: State,
        chance: Chance,
        work: Work,
        first: int,
        periods: Records,
        stock_sum: NDArray,
        items: Records,
        nodes: Records,
        observed: NDArray,
    ) -> None:
        key  # noqa: B018 - makes the hash of all sources part of the cache's index
        net_place = _plainly_pointed(net) if plain else _pointed(net)
        work_place = _pointed(work)
        for r in range(periods.shape[0]):
            own_state, own_chance = views_of(state, chance, r)
            state_place, chance_place = _pointed(own_state), _pointed(own_chance)
            slot = first % own_state.ring.shape[0]
            for row in range(periods.shape[1]):
                period_of(net_place, state_place, chance_place, work_place, first + row, row, slot, periods[r, row])
                slot = slot + 1 if slot + 1 < own_state.ring.shape[0] else 0
                if stock_sum.shape[0] > 0:
                    for i in range(stock_sum.shape[1]):
                        stock_sum[row, i] += own_state.goods[i].stock
                for x in range(observed.shape[2]):
                    observed[r, row, x] = work.observed[x]
                if items.shape[0] > 0:
                    phases.keep_traces(net_place, state_place, work_place, items[r, row], nodes[r, row])

    return block


def _build(key: int, types: tuple[Any, ...], plain: bool) -> BlockKernel:
    for module in (*_RULES, *_CHOSEN, *_PHASES):
        register_rules(module)
    called: tuple[Callable[..., Any], ...] = (*QUANTITIES_BY_RULE, *SHARES_BY_RULE, run_period, replication_of)
    for function in called:
        register_rule(function)
    return cached_kernel(nb.void(*types))(block_loop(key, plain, run_period, replication_of))


@cache
def block_kernel(types: tuple[Any, ...], plain: bool) -> BlockKernel:
    """The kernel for these argument types, compiled or from the disk cache, whose key holds all sources."""
    with compiling("the simulation engine"):
        keeping = kernel_keeping(plain)
        if keeping.is_kept():
            return _build(keeping.key, types, plain)
        with keeping.compiling():
            kernel = _build(keeping.key, types, plain)
            keeping.mark(kernel)
            return kernel


@cache
def kernel_keeping(plain: bool) -> Keeping:
    """Where the kernel is kept between two runs of Python."""
    key = 2 * (kernel_key(*_SOURCES) >> 1) + plain
    return keeping_of(f"kernel-{'plain' if plain else 'general'}", run_period, key)


def is_plain(net: Net) -> bool:
    """Whether a network has the switches of the papers' model."""
    return all(getattr(net, name) == value for name, value in PLAIN.items())


def kernel_for(net: Net, *others: Any) -> BlockKernel:
    """The kernel that takes these arguments, the network's among them.

    numba takes a millisecond to name the types of a hundred arrays, as long as a short run; so it is asked once for
    each combination of element types, dimensions and layouts.
    """
    plain = is_plain(net)
    layout = (plain, _layout((net, *others)))
    kernel = _by_layout.get(layout)
    if kernel is None:
        with _loading:
            kernel = block_kernel(tuple(nb.typeof(argument) for argument in (net, *others)), plain)
        _by_layout[layout] = kernel
    return kernel


_by_layout: dict[Any, BlockKernel] = {}
_loading = threading.Lock()
"""Held while a kernel is loaded, so that threads that begin together load it once."""


def _layout(value: Any) -> Any:
    """What a value's numba type depends on."""
    if isinstance(value, tuple):
        return (type(value), *map(_layout, value))
    if isinstance(value, np.ndarray):
        return value.dtype.num, value.ndim, value.flags.num & ~_OWNS_DATA
    return type(value)


_OWNS_DATA = 4
