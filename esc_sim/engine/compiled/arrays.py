"""What the compiled phases read and write: named tuples of arrays.

I items, N nodes, L lines, A arcs (sorted), H slots of the ring of arrivals, C channels. Indices are uint32, which
spares the compiled code a test for negative ones at every access (uint32 + 1 is int64; uint64 + 1 would be float64).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.farming_arrays import Farming
from esc_sim.engine.compiled.microgrid_arrays import Grid, Plans
from esc_sim.fields.making import Making
from esc_sim.fields.rows import Records

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.uint32]

OF_NODE: Final = 0
OF_ARC: Final = 1
NO_PART: Final = -1
"""Period of the oldest part of an arc on which nothing is owed."""


class Net(NamedTuple):
    """What does not change in a run.

    Arcs have two orders: that of the lines, in which buyers try them (``line_supplier``, ``cap``, ``pos``), and that of
    their places among the suppliers' bids, in which all else stands (``arcs``, ``lead_time`` and the rest).

    Switches are integers: a boolean would leave padding in the compiled structure, which keeps the optimiser from
    taking it apart and costs a factor of three in speed.

    Behaviours take it for their terms.

    Attributes:
        offset, feedback, holding_cost_timing, backorder, partial, learns, owing: see ``behaviours.terms``.
        tally, partial_demand, allocation, by_age, order_terms, transit_charged, makes, powered: likewise.
        prices_move, farms, warm_up, horizon, ticks, splits, yields, leads_vary, slows, lanes: likewise.
        sources, orders: [.] Law of production, and of orders.
        node_items, node_start: items of each node, and their range.
        early_items: items that look at their position before final demand.
        late_start, late_items: [M + 1] and items that look at it when their market opens.
        echelon_start, echelon_items: [I + 1] and members of the echelon of each item.
        code_start, code_values: [I + 1] and parameters of the user's functions.
        other_items: items without suppliers.
        market_start, line_item, line_start: markets' lines, and lines' arcs (``instance.model.Lines``).
        line_supplier: [A] supplier item, in the order of lines.
        cap: [A] most units contracted in a period, in the order of lines.
        pos: [A] place of an arc, in the order of lines.
        lead_time, lead_column, max_lead, crossing: [A] by place: lead time in ticks, its column of the tape, the
            longest, whether shipments may overtake one another.
        channel_place, channel_row, channel_target: [C] what disruptions touch: OF_NODE, OF_ARC or a bus; its row in
            ``Work.levels`` or ``Work.arc_levels``; the node, arc or bus.
        lane: [A] by place, lane of an arc, K where it has none; empty where no lane can be full.
        lane_arcs: [A] arcs lane by lane, in the order of lines, likewise.
        making, farming, power: numbers of these features.
    """

    offset: float
    feedback: int
    holding_cost_timing: int
    backorder: int
    partial: int
    learns: int
    owing: int
    tally: int
    partial_demand: int
    allocation: int
    by_age: int
    order_terms: int
    transit_charged: int
    makes: int
    powered: int
    prices_move: int
    farms: int
    warm_up: int
    horizon: int
    ticks: int
    splits: int
    yields: int
    leads_vary: int
    slows: int
    lanes: int
    policies: Records
    """[I] OrderPolicy."""
    arcs: Records
    """[A] Arc, by place."""
    sources: Records
    orders: Records
    node_items: Indices
    node_start: Indices
    parameters: NDArray[np.float64]
    """[I, P] what the rule of an item's policy reads."""
    early_items: Indices
    late_start: Indices
    late_items: Indices
    echelon_start: Ints
    echelon_items: Indices
    code_address: Ints
    """[I] address of the user's compiled function that decides an item's orders."""
    code_start: Ints
    code_values: Floats
    bought_items: Indices
    """Items that have suppliers; ``other_items``, all others."""
    other_items: Indices
    market_start: Indices
    line_item: Indices
    line_start: Indices
    line_last: Ints
    """[L] where orders are split by shares, the last arc of the line that has one (-1: not split); else empty."""
    share: Floats
    """[A] share of its line's orders; empty where none is split."""
    customer_class: Ints
    """[A] by place, class of the buyer; empty where goods that are short are not divided."""
    line_supplier: Indices
    cap: Floats
    pos: Indices
    lead_time: Floats
    lead_column: Ints
    max_lead: Floats
    in_order: NDArray[np.bool_]
    """[A] by place, whether its lead time varies and no shipment may pass an earlier one."""
    lane: Indices
    lane_arcs: Indices
    channel_place: Indices
    channel_row: Indices
    channel_target: Indices
    learnt: Indices
    """[K] channels of what buyers may come to know."""
    making: Making
    farming: Farming
    power: Grid


class State(NamedTuple):
    """What one replication carries from period to period.

    Attributes:
        last_due: [A] by place, ticks, latest arrival so far; empty unless lead times are drawn.
        arc_total: [A] by place, units shipped so far.
    """

    goods: Records
    """[I] Goods."""
    items: Records
    """[I] the rest of Item."""
    ring: NDArray[np.float64]
    """[H, I] goods that reach the dock at review n, in slot n % H."""
    lost_ring: NDArray[np.float64]
    """[H, I] goods lost by review n; one empty row where nothing can be lost."""
    last_due: Floats
    arc_total: Floats
    owed: Floats
    """[A] by place, what the supplier owes the buyer; empty unless suppliers owe."""
    owed_parts: NDArray[np.float64]
    """[A, W] by place, what is owed of the orders of period n, in slot n % W; empty unless ages count."""
    since: Ints
    """[A] by place, period of the oldest part that is owed, or NO_PART; empty likewise."""
    history: Floats
    """Latest observations of items that forecast by moving averages."""
    tally: Records
    """[I] Tally, sums after the warm-up; no rows unless they are kept."""
    service: Records
    """[customers] Service, sums after the warm-up; no rows unless they are kept."""
    perishables: Records
    """[K] Perishable."""
    entered: Floats
    """Rings of what came into stock of them in each of the latest periods."""
    maturing: NDArray[np.float64]
    """[longest lag + 1, I] ring of what recipes will have made; one empty row where nothing takes time."""
    gas: Floats
    """[K] gas in store of each engine, MWh."""
    flows: Records
    """[I] Flow, sums of goods moved; no rows unless they are kept."""
    fields: Records
    """[F] Field."""


class Chance(NamedTuple):
    """What chance brings to one replication in a block of periods.

    Attributes:
        outage_start: [A + 1] range of each arc's outages; empty where none can be out.
        begins, ends, detours: ticks.
        modes: what becomes of goods in transit.
        plans: the day plans.
    """

    draws: NDArray[np.float64]
    """[T, S] tape."""
    health: NDArray[np.float64]
    """[T, C] level of each channel."""
    known: NDArray[np.float64]
    """[T, K] the level that buyers know of, of the channels ``Net.learnt``."""
    outage_start: Ints
    begins: Floats
    ends: Floats
    modes: Ints
    detours: Floats
    day_plan: Ints
    """[T, days] energy plan of each day, as its place in ``plans``; no days where there are no microgrids."""
    plans: Plans


class Now(NamedTuple):
    """The current review.

    Attributes:
        period: its number.
    """

    period: int
    row: int
    """Its row in the block's draws and health."""
    slot: int
    """Its slot in the ring of arrivals."""
    sound: int
    """Whether every node can do all it wants to."""


class Work(NamedTuple):
    """Scratch of the current period.

    Attributes:
        pointer: [L] the arc that a line asks next.
        open_cap: [A] what may still be contracted.
        owed_limit: [I] what there is for orders that are owed, of nodes that are better than buyers know.
        owed_cap: [A] the same of arcs.
        waiting: lines that ask in the round.
        bids: places of the round's bids.
        sorted_bids, buckets: of the radix sort.
        arc: [A] health of an arc.
        known_arc: [A] what buyers know of it.
        demand: [N] factor on final demand.
        troubled: [I] whether a supplier may be unable to ship what it sells.
        troubled_items: those items.
        trial_process: [I] what recipes would be making.
        bus_sums: [B, 8] settlement of the period.
        bus_price: [B] sum of the daily prices.
        classes: [A] class of the customer of each claim (``claimed``).
        granted: [A] what each of the claims gets, units.
    """

    limit: Floats
    """[I] what can still be sold (U)."""
    money: Records
    """[N] Money."""
    nodes: Records
    """[N] the rest of Node."""
    customers: Records
    """[.] Customers."""
    network: Records
    """[1] NetworkSums."""
    pointer: Indices
    open_cap: Floats
    owed_limit: Floats
    owed_cap: Floats
    contracted: Floats
    """[A] x by place, valid for the places in ``contracts``."""
    contracts: Indices
    """Places contracted by suppliers that may be unable to ship."""
    waiting: Indices
    bids: Indices
    sorted_bids: Indices
    buckets: Ints
    levels: NDArray[np.float64]
    """[., N] level of each channel of nodes, by its row: of activities, factors on demand, prices and so on."""
    arc_levels: NDArray[np.float64]
    """[., A] the same of arcs, in the order of lines."""
    known_ship: Floats
    """[N] what buyers know of the health of a node; ``known_arc`` of an arc."""
    known_arc: Floats
    troubled: NDArray[np.bool_]
    troubled_items: Ints
    contract_count: Ints
    """[1] number of contracts."""
    wanted: Floats
    """[N] energy that recipes want."""
    trial: Floats
    """[I] stock as recipes would leave it; ``trial_process`` what they would be making."""
    trial_process: Floats
    bus_load: Floats
    """[B] load of the period, MWh; ``bus_sums`` [B, 8] its settlement, ``bus_price`` sum of daily prices."""
    bus_sums: NDArray[np.float64]
    bus_price: Floats
    served_owed: Floats
    """[A] by place, what of what is owed is kept in this period, and promised when its market opens."""
    room: Floats
    """[A] by place, what may still go there while goods that are short are shared out."""
    next_part: Ints
    """[A] by place, period of the oldest part that was not looked at yet, likewise; empty unless ages count."""
    claimed: Floats
    """[A] what each of the claims asks for among which goods that are short are divided; empty where nothing is."""
    classes: Ints
    granted: Floats
    parts: Floats
    """[A] in the order of lines, what a supplier is still asked for where orders are split by shares; else empty."""
    lanes: Records
    """[K + 1] Lane; the last, that of arcs without a lane, is without end. No rows where no lane can be full."""
    failure: Floats
    """[9] what a user's function saw that gave no quantity: 1, item, period and so on; 0 first while none has."""
    offers: Records
    """[O] Offer, of the nutrient market."""
    links: Records
    """[K] Link, of fields to offers."""
    observed: Floats
    """[X] what features show of themselves in this period (``instance.observed``)."""
    shown: Records
    """[F] FieldPeriod: the same numbers, those of the fields."""
