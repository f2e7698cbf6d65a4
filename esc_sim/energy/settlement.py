"""What happens when load or sun differ from the plan: who makes up the difference, and at what price.

Engines, batteries and lines keep to the plan. What is missing at a bus is taken, in this order, from solar power that
the plan curtails, from the grid at that hour's price (less export, then more import), and where the grid is lost or at
its limit the load is shed. What is too much first ends planned shedding, then lowers import, raises export, and is
curtailed at last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from esc_sim.energy.microgrid import Day, FloatArray, Microgrid


class Planned(Protocol):
    """What the settlement reads of a plan: a `Dispatch`, or many side by side; [..., B, T], MW."""

    @property
    def imp(self) -> FloatArray: ...

    @property
    def exp(self) -> FloatArray: ...

    @property
    def shed(self) -> FloatArray: ...

    @property
    def pv(self) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class Settlement:
    """The day as it went, arrays of shape [..., B, T] in MW.

    Attributes:
        imp: from the grid.
        exp: to the grid.
        pv: solar power used.
        shed: load not served.
        unmet: power that a bus owes its neighbours by plan and does not have, beyond its own load; counted as lost.
        spilled: planned power of engines and batteries that nobody can take, led away in resistors.
        deviation: realised load less planned load.
        cost: [...], EUR, what the day costs more than its plan (less where negative).
    """

    imp: FloatArray
    exp: FloatArray
    pv: FloatArray
    shed: FloatArray
    unmet: FloatArray
    spilled: FloatArray
    deviation: FloatArray
    cost: FloatArray


def settle(grid: Microgrid, day: Day, plan: Planned, load: FloatArray, pv: FloatArray | None = None) -> Settlement:
    """Settle realised load and sun against a plan.

    Args:
        grid: the design.
        day: the forecast that the plan was made from, with its outages.
        plan: dispatch of that day. Its arrays, and the day's outages, may carry the load's leading axes, where each
            row follows a plan of its own for a day of one type.
        load: [..., B, T], realised load, MW.
        pv: [..., B, T], realised solar power available, MW; None: as forecast.

    Returns:
        Arrays in the shape of the load; every bus and step balances to rounding.
    """
    sun = np.broadcast_to(day.pv if pv is None else pv, load.shape)
    room_in = np.array([b.import_max for b in grid.buses])[:, None] * day.grid_up - plan.imp
    room_out = np.array([b.export_max for b in grid.buses])[:, None] * day.grid_up - plan.exp
    kept = np.minimum(plan.pv, sun)
    missing = load - day.load + plan.pv - kept
    # More is needed than planned.
    short = np.maximum(missing, 0.0)
    from_sun = np.minimum(short, sun - kept)
    short = short - from_sun
    less_export = np.minimum(short, plan.exp)
    short = short - less_export
    more_import = np.minimum(short, np.maximum(room_in, 0.0))
    short = short - more_import
    more_shed = np.minimum(short, np.maximum(load - plan.shed, 0.0))
    # Less is needed than planned.
    spare = np.maximum(-missing, 0.0)
    less_shed = np.minimum(spare, plan.shed)
    spare = spare - less_shed
    less_import = np.minimum(spare, plan.imp)
    spare = spare - less_import
    more_export = np.minimum(spare, np.maximum(room_out, 0.0))
    spare = spare - more_export
    less_sun = np.minimum(spare, kept)
    unmet, spilled = short - more_shed, spare - less_sun
    imp, exp = plan.imp + more_import - less_import, plan.exp + more_export - less_export
    shed = plan.shed + more_shed - less_shed
    money = (imp - plan.imp) * day.price_import - (exp - plan.exp) * day.price_export
    money = money + grid.lost_load[:, None] * (shed - plan.shed + unmet)
    return Settlement(
        imp=imp,
        exp=exp,
        pv=kept + from_sun - less_sun,
        shed=shed,
        unmet=unmet,
        spilled=spilled,
        deviation=load - day.load,
        cost=day.dt * money.sum(axis=(-2, -1)),
    )
