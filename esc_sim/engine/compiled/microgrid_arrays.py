"""What the compiled phases read of microgrids (``instance.power``) and of their plans (``instance.energy_plans``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.energy_plans import DayPlans, Leaflet
from esc_sim.instance.model import Instance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.uint32]


class Grid(NamedTuple):
    """Microgrids: B buses, K engines, D kinds of days; see ``instance.power.Power``.

    Attributes:
        operator: node that pays.
        bus_start, bus_node: [B + 1] and nodes of each bus.
        load: [B] MWh a period beside recipes.
        planned: [B] MWh a period that the plan reckons with.
        import_max, export_max, peak: [B] MW: most from the grid, into the grid, installed solar power.
        voll: [B] value of lost load, money per MWh.
        price_in, price_out, sun: [D, 24].
        shape: [D, B, 24] share of a period's load in each hour.
        gas_item: [K] item that an engine burns.
        gas_energy: [K] MWh in a unit of it.
        engine_bus: [K].
        eta: [K] electric efficiency.
        room: [K] gas store, MWh.
        sun_loc, sun_scale, sun_column: [B] realised over forecast sun is loc + scale * draw.
        first: place of the first of its numbers among those that features show.
    """

    operator: int
    bus_start: Ints
    bus_node: Indices
    load: Floats
    planned: Floats
    import_max: Floats
    export_max: Floats
    peak: Floats
    voll: Floats
    price_in: Floats
    price_out: Floats
    sun: Floats
    shape: Floats
    mean_price: Floats
    """[D] mean import price of a day."""
    gas_item: Indices
    gas_energy: Floats
    engine_bus: Ints
    eta: Floats
    room: Floats
    sun_loc: Floats
    sun_scale: Floats
    sun_column: Ints
    first: int
    """Place of the first of their series among those observed."""


class Plans(NamedTuple):
    """The day plans of some replications, L different ones; see ``instance.energy_plans.Leaflet``.

    Attributes:
        kind: [L] kind of the day.
        hours: [L, 5, B, 24] import, export, shed, solar power (MW), share of the grid connection that is up.
        price: [L, B] mean price of the day, money per MWh.
        rest: [L, 3] cost of wheeling, wear, engines and planned flaring, money; MWh lost in lines, in batteries.
        power, burnt, flared: [L, K] MWh of power, of gas burnt and flared.
    """

    kind: Ints
    hours: Floats
    price: Floats
    rest: Floats
    power: Floats
    burnt: Floats
    flared: Floats


def grid_arrays(instance: Instance) -> Grid:
    """The instance's microgrids as the compiled phases read them; empty where there are none."""
    power = instance.power
    if power is None:
        none, flat, deep = np.empty(0), np.empty((0, 0)), np.empty((0, 0, 0))
        ints, indices = np.empty(0, np.int64), np.empty(0, np.uint32)
        return Grid(
            0, ints, indices, none, none, none, none, none, none, flat, flat, flat, deep, none, indices, none, ints,
            none, none, none, none, ints, 0,
        )  # fmt: skip
    grid = power.grid
    return Grid(
        operator=power.operator,
        bus_start=power.bus_start,
        bus_node=power.bus_node.astype(np.uint32),
        load=power.load,
        planned=power.planned,
        import_max=np.array([bus.import_max for bus in grid.buses]),
        export_max=np.array([bus.export_max for bus in grid.buses]),
        peak=np.array([bus.pv_peak for bus in grid.buses]),
        voll=grid.lost_load,
        price_in=power.price_in,
        price_out=power.price_out,
        sun=power.sun,
        shape=power.shape,
        mean_price=power.mean_price,
        gas_item=power.gas_item.astype(np.uint32),
        gas_energy=power.gas_energy,
        engine_bus=power.engine_bus,
        eta=np.array([chp.eta for chp in grid.chps], np.float64),
        room=np.array([chp.gas_max for chp in grid.chps], np.float64),
        sun_loc=power.sun_loc,
        sun_scale=power.sun_scale,
        sun_column=power.sun_column,
        first=instance.observed.index(power.observed[0]),
    )


def plan_arrays(plans: DayPlans | None) -> Plans:
    """The plans that some replications follow, one below the other."""
    leaflets: Sequence[Leaflet] = () if plans is None else plans.leaflets
    if not leaflets:
        none = np.empty((0, 0))
        return Plans(np.empty(0, np.int64), np.empty((0, 0, 0, 0)), none, none, none, none, none)
    return Plans(
        kind=np.array([leaflet.kind for leaflet in leaflets], np.int64),
        hours=np.stack([leaflet.hours for leaflet in leaflets]),
        price=np.stack([leaflet.price for leaflet in leaflets]),
        rest=np.array([(leaflet.rest, leaflet.in_lines, leaflet.in_batteries) for leaflet in leaflets]),
        power=np.stack([leaflet.power for leaflet in leaflets]),
        burnt=np.stack([leaflet.burnt for leaflet in leaflets]),
        flared=np.stack([leaflet.flared for leaflet in leaflets]),
    )
