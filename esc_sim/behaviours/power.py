"""Settling the energy plan: who makes up the difference between an hour as planned and as it came.

Engines, batteries and lines keep to the plan. What is missing at a bus is taken, in this order, from solar power that
the plan curtails, from the grid at that hour's price (less export, then more import), and where the grid is lost or at
its limit the load is shed. What is too much first ends planned shedding, then lowers import, raises export, and is
curtailed at last. Steps last an hour, so that MW and MWh are the same number.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Final

LOAD: Final = 0
IMPORTED: Final = 1
EXPORTED: Final = 2
SHED: Final = 3
SOLAR: Final = 4
GRID_COST: Final = 5
DEVIATION: Final = 6
DEVIATION_COST: Final = 7
SPILLED: Final = 8
SUMS: Final = 9
"""Places of the sums of a bus, and how many there are."""

TRIFLE: Final = 1e-9
"""A share of the load that is no shedding but the solver's rounding."""


def settled_hour(
    imp: float,
    exp: float,
    shed: float,
    pv: float,
    room_in: float,
    room_out: float,
    planned: float,
    load: float,
    sun: float,
) -> tuple[float, float, float, float, float, float]:
    """One bus in one hour, MW.

    Args:
        imp, exp, shed, pv: what the plan has.
        room_in, room_out: import and export that the plan leaves unused.
        planned: planned load.
        load: realised load.
        sun: realised solar power available.

    Returns:
        Import, export, solar power used, load shed; power owed to neighbours by plan that is not there (``unmet``);
        planned power that nobody can take (``spilled``).
    """
    kept = pv if pv < sun else sun
    missing = load - planned + pv - kept
    if missing > 0.0:
        short, used = missing, sun - kept
        if short < used:
            used = short
        short -= used
        less = short if short < exp else exp
        short -= less
        more = short if short < room_in else room_in
        if more < 0.0:
            more = 0.0
        short -= more
        lost = load - shed
        if lost < 0.0:
            lost = 0.0
        if short < lost:
            lost = short
        return imp + more, exp - less, kept + used, shed + lost, short - lost, 0.0
    spare = -missing
    ended = spare if spare < shed else shed
    spare -= ended
    less = spare if spare < imp else imp
    spare -= less
    more = spare if spare < room_out else room_out
    if more < 0.0:
        more = 0.0
    spare -= more
    curtailed = spare if spare < kept else kept
    return imp - less, exp + more, kept - curtailed, shed - ended, 0.0, spare - curtailed


def settle_day(
    imp: Sequence[float],
    exp: Sequence[float],
    shed: Sequence[float],
    pv: Sequence[float],
    up: Sequence[float],
    shape: Sequence[float],
    sun: Sequence[float],
    price_in: Sequence[float],
    price_out: Sequence[float],
    import_max: float,
    export_max: float,
    peak: float,
    planned: float,
    load: float,
    factor: float,
    voll: float,
    sums: MutableSequence[float],
) -> None:
    """Settle a day of one bus and add it to the sums of its period.

    Args:
        imp, exp, shed, pv: what the plan has, MW an hour.
        up: share of the grid connection that is up.
        shape: share of the period's load that falls into each hour of this day.
        sun: forecast share of the installed solar power.
        price_in, price_out: money per MWh.
        import_max, export_max, peak: limits and installed solar power, MW.
        planned, load: load of the period as planned and as it came, MWh.
        factor: realised sun over forecast sun.
        voll: value of lost load, money per MWh.
        sums: what the period's sums are added to; see LOAD and the places after it.
    """
    for hour in range(len(imp)):
        expected, came = shape[hour] * planned, shape[hour] * load
        light = sun[hour] * peak * factor
        if light > peak:
            light = peak
        done = settled_hour(
            imp[hour],
            exp[hour],
            shed[hour],
            pv[hour],
            import_max * up[hour] - imp[hour],
            export_max * up[hour] - exp[hour],
            expected,
            came,
            light,
        )
        lost = done[3] + done[4]
        sums[LOAD] += came
        sums[IMPORTED] += done[0]
        sums[EXPORTED] += done[1]
        sums[SHED] += lost
        sums[SOLAR] += done[2]
        sums[SPILLED] += done[5]
        sums[GRID_COST] += done[0] * price_in[hour] - done[1] * price_out[hour]
        gap = came - expected
        sums[DEVIATION] += gap if gap > 0.0 else -gap
        more = (done[0] - imp[hour]) * price_in[hour] - (done[1] - exp[hour]) * price_out[hour]
        sums[DEVIATION_COST] += more + voll * (lost - shed[hour])


def energy_allowed(wanted: float, load: float, lost: float) -> float:
    """Energy that a node's recipes get of what they want: the bus sheds all its load alike.

    Args:
        wanted: what they want, MWh.
        load, lost: load of the bus and what of it was shed in the period, MWh.
    """
    if lost <= TRIFLE * load:
        return wanted
    left = wanted * (1.0 - lost / load)
    return left if left > 0.0 else 0.0


def gas_settled(store: float, made: float, burnt: float, flared: float, room: float) -> tuple[float, float, float]:
    """The gas of an engine in a period, MWh of gas.

    Args:
        store: in store before.
        made: gas that came.
        burnt, flared: what the plan burns and flares.
        room: of the store.

    Returns:
        Gas in store after it, gas that the plan burns and that is not there, gas flared.
    """
    left = store + made - burnt
    if left < 0.0:
        return 0.0, -left, 0.0
    gone = flared if flared < left else left
    left -= gone
    if left > room:
        return room, 0.0, gone + (left - room)
    return left, 0.0, gone


def sun_factor(loc: float, scale: float, draw: float) -> float:
    """Realised over forecast sun: max(0, loc + scale * draw).

    Args:
        loc, scale: of the factor's law.
        draw: draw of the period from the tape.
    """
    factor = loc + scale * draw
    return factor if factor > 0.0 else 0.0
