"""What happens when load or sun differ from the plan: who makes up the difference, and at what price.

The rule of a bus and hour is that of the engines, ``esc_sim.behaviours.power.settled_hour``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours import power
from esc_sim.compile import cached_kernel, kernel_key, register_rules
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
    parts = (plan.imp, plan.exp, plan.shed, plan.pv, room_in, room_out, day.load, load, sun)
    done = np.empty((6, load.size))
    _hours()(*(np.broadcast_to(part, load.shape).flatten() for part in parts), done)
    imp, exp, used, shed, unmet, spilled = done.reshape(6, *load.shape)
    money = (imp - plan.imp) * day.price_import - (exp - plan.exp) * day.price_export
    money = money + grid.lost_load[:, None] * (shed - plan.shed + unmet)
    return Settlement(
        imp=imp,
        exp=exp,
        pv=used,
        shed=shed,
        unmet=unmet,
        spilled=spilled,
        deviation=load - day.load,
        cost=day.dt * money.sum(axis=(-2, -1)),
    )


@cache
def _hours() -> Callable[..., None]:
    """The rule of one bus and hour (``behaviours.power.settled_hour``), which the engines follow too, over arrays."""
    import numba as nb

    register_rules(power)
    key = kernel_key(power, __file__)
    each: Any = nb.float64[::1]

    @cached_kernel(nb.void(*[each] * 9, nb.float64[:, ::1]))
    def settle_all(
        imp: NDArray,
        exp: NDArray,
        shed: NDArray,
        pv: NDArray,
        room_in: NDArray,
        room_out: NDArray,
        planned: NDArray,
        load: NDArray,
        sun: NDArray,
        done: NDArray,
    ) -> None:
        key  # noqa: B018 - makes the hash of all sources part of the cache's index
        for i in range(imp.shape[0]):
            done[0, i], done[1, i], done[2, i], done[3, i], done[4, i], done[5, i] = power.settled_hour(
                imp[i], exp[i], shed[i], pv[i], room_in[i], room_out[i], planned[i], load[i], sun[i]
            )

    return settle_all
