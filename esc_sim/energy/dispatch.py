"""The linear program of a day, compiled once a design and solved again for every day.

The program itself stands in :mod:`esc_sim.energy.program`, which is imported when the first one is built: a run
without microgrids needs no solver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from esc_sim.energy.microgrid import Day, FloatArray, Microgrid, column, incidence
from esc_sim.errors import InputError

if TYPE_CHECKING:
    from esc_sim.lp import Problem


@dataclass(frozen=True, eq=False)
class Dispatch:
    """What runs when, on a design of B buses, L lines, K biogas engines and Q batteries, over T steps.

    Attributes:
        imp: float64[B, T], MW from the grid.
        exp: float64[B, T], MW to the grid.
        shed: float64[B, T], MW of load not served.
        pv: float64[B, T], MW of solar power used.
        flow: float64[L, 2, T], MW sent along each line, there and back.
        chp: float64[K, T], MW of power.
        flare: float64[K, T], MWh of gas burnt off in the step.
        gas: float64[K, T], MWh in the gas store after the step.
        charge: float64[Q, T], MW into the battery.
        discharge: float64[Q, T], MW out of the battery.
        stored: float64[Q, T], MWh in the battery after the step.
        price: float64[B, T], EUR per MWh: what one more MWh of load would cost at this bus.
        objective: cost less the value of the gas left in store, EUR.
        cost: money of the day, EUR: grid, lost load, wheeling, engines, wear and flaring.
        cost_by_bus: float64[B], the same without wheeling charges, where it arises, EUR.
    """

    imp: FloatArray
    exp: FloatArray
    shed: FloatArray
    pv: FloatArray
    flow: FloatArray
    chp: FloatArray
    flare: FloatArray
    gas: FloatArray
    charge: FloatArray
    discharge: FloatArray
    stored: FloatArray
    price: FloatArray
    objective: float
    cost: float
    cost_by_bus: FloatArray


class Dispatcher:
    """The program of one design; `solve` puts a day's data in and minimises.

    Every solve starts afresh, never from the last basis: where several dispatches cost the same, which one is found
    must not depend on the days solved before.

    Args:
        grid: the design.
        steps: steps a day.
        dt: hours a step.
    """

    def __init__(self, grid: Microgrid, steps: int = 24, dt: float = 1.0) -> None:
        self.grid, self.steps, self.dt = grid, steps, dt
        from esc_sim.energy.program import dispatch_model

        self.problem: Problem = dispatch_model(grid, steps, dt).compile()
        self.problem.without_presolve()  # so small a program is solved sooner than it is reduced
        self._incidence = incidence(grid)

    def solve(
        self,
        day: Day,
        gas0: ArrayLike = 0.0,
        gas_value: ArrayLike = 0.0,
        *,
        gas_end: ArrayLike = 0.0,
        coordinated: bool = True,
    ) -> Dispatch:
        """The cheapest dispatch of a day.

        Args:
            day: its data, as many steps as the dispatcher has.
            gas0: float64[K], gas in store at midnight, MWh.
            gas_value: float64[K], EUR per MWh of gas left at the end of the day.
            gas_end: float64[K], least gas in store at the end of the day, MWh, where that is above `gas_end_min`.
            coordinated: False opens all lines, so that every bus is on its own: the program then falls apart into one
                a bus, and each trades with the grid alone.

        Raises:
            InputError: a day of another length.
            InfeasibleError: a store that cannot hold `gas_end_min`, or `gas_end`, at the end.
        """
        if day.steps != self.steps or day.dt != self.dt:
            raise InputError(
                f"prices: {day.steps} steps of {day.dt:g} hours, where the dispatch has {self.steps} of {self.dt:g}"
            )
        day = day if coordinated else day.without_lines()
        K = len(self.grid.chps)
        start, value = np.broadcast_to(gas0, K).astype(float), np.broadcast_to(gas_value, K).astype(float)
        self._put(day, start, value, np.broadcast_to(gas_end, K).astype(float))
        self.problem.forget()
        solution = self.problem.solve()
        return self._read(day, solution.values, solution.duals["balance"], solution.objective, value)

    def _put(self, day: Day, gas0: FloatArray, gas_value: FloatArray, gas_end: FloatArray) -> None:
        """Change bounds, sides and costs to those of the day."""
        p, grid, dt = self.problem, self.grid, self.dt
        p.set_bounds("imp", upper=column(b.import_max for b in grid.buses) * day.grid_up)
        p.set_bounds("exp", upper=column(b.export_max for b in grid.buses) * day.grid_up)
        p.set_cost("imp", dt * day.price_import)
        p.set_cost("exp", -dt * day.price_export)
        p.set_bounds("shed", upper=day.load)
        p.set_bounds("pv", upper=day.pv)
        p.set_row_bounds("balance", lower=dt * day.load, upper=dt * day.load)
        if grid.lines:
            p.set_bounds("flow", upper=(column(x.limit for x in grid.lines) * day.line_up)[:, None, :])
        if grid.chps:
            side = day.gas_in.copy()
            side[:, 0] += gas0
            p.set_row_bounds("gas_balance", lower=side, upper=side)
            worth = np.zeros((len(grid.chps), self.steps))
            worth[:, -1] = -gas_value
            p.set_cost("gas", worth)
            least = np.zeros_like(worth)
            least[:, -1] = np.maximum(gas_end, [chp.gas_end_min for chp in grid.chps])
            p.set_bounds("gas", lower=least)

    def _read(
        self, day: Day, values: Mapping[str, FloatArray], duals: FloatArray, objective: float, gas_value: FloatArray
    ) -> Dispatch:
        grid, T, dt = self.grid, self.steps, self.dt
        empty = {"flow": (0, 2, T), "chp": (0, T), "charge": (0, T)}
        empty |= {"flare": (0, T), "gas": (0, T), "discharge": (0, T), "stored": (0, T)}
        # A bound may be missed by the solver's tolerance: never by more than this brings back to zero.
        found = {name: np.maximum(values[name], 0.0) if name in values else np.zeros(empty[name]) for name in _BLOCKS}
        at_bus = dt * (
            found["imp"] @ day.price_import - found["exp"] @ day.price_export + grid.lost_load * found["shed"].sum(1)
        )
        for unit, chp in enumerate(grid.chps):
            at_bus[grid.at(chp.bus)] += dt * chp.var_cost * found["chp"][unit].sum()
            at_bus[grid.at(chp.bus)] += chp.flare_cost * found["flare"][unit].sum()
        for unit, battery in enumerate(grid.batteries):
            used = found["charge"][unit].sum() + found["discharge"][unit].sum()
            at_bus[grid.at(battery.bus)] += dt * battery.wear * used
        wheeling = sum(dt * line.wheel * found["flow"][i].sum() for i, line in enumerate(grid.lines))
        cost = float(at_bus.sum() + wheeling)
        # Where a load is shed whole, one more MWh of it raises the limit of shedding as well: it costs what is lost.
        price = np.minimum(duals, grid.lost_load[:, None])
        return Dispatch(**found, price=price, objective=objective, cost=cost, cost_by_bus=at_bus)

    def imbalance(self, day: Day, run: Dispatch) -> FloatArray:
        """What does not add up at each bus in each step, float64[B, T], MW; zero up to rounding."""
        sent, chp_at, battery_at = self._incidence
        net = run.imp - run.exp + run.pv + run.shed + chp_at @ run.chp + battery_at @ (run.discharge - run.charge)
        net += sent @ run.flow.reshape(-1, self.steps)
        return np.asarray(net - day.load)


_BLOCKS = ("imp", "exp", "shed", "pv", "flow", "chp", "flare", "gas", "charge", "discharge", "stored")
