"""The linear program of a day, compiled once a design and solved again for every day.

The program, in every step t::

    minimise  sum dt [p_imp imp - p_exp exp + voll shed + wheel flow + c chp + wear (ch + dis)]
              + sum c_flare flare - v G_end
    balance   dt (imp - exp + pv + shed + chp + dis - ch + sum_in (1 - loss) flow - sum_out flow) = dt load
    gas       G_t = G_(t-1) + gas_in - dt chp / eta - flare
    battery   E_t = E_(t-1) + dt eta_ch ch - dt dis / eta_dis,  E_end = E_0

and the limits of each unit. The dual of a balance is the price at that bus. Flows are a transport model: prices show
congestion, wheeling charges and losses, not voltages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from esc_sim.energy.microgrid import Day, FloatArray, Microgrid
from esc_sim.errors import InputError
from esc_sim.lp import BlockModel, Problem


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
        self.problem: Problem = _model(grid, steps, dt).compile()
        self.problem.without_presolve()  # so small a program is solved sooner than it is reduced
        self._incidence = _incidence(grid)

    def solve(
        self, day: Day, gas0: ArrayLike = 0.0, gas_value: ArrayLike = 0.0, *, coordinated: bool = True
    ) -> Dispatch:
        """The cheapest dispatch of a day.

        Args:
            day: its data, as many steps as the dispatcher has.
            gas0: float64[K], gas in store at midnight, MWh.
            gas_value: float64[K], EUR per MWh of gas left at the end of the day.
            coordinated: False opens all lines, so that every bus is on its own: the program then falls apart into one
                a bus, and each trades with the grid alone.

        Raises:
            InputError: a day of another length.
            InfeasibleError: a store that cannot hold `gas_end_min` at the end.
        """
        if day.steps != self.steps or day.dt != self.dt:
            raise InputError(
                f"prices: {day.steps} steps of {day.dt:g} hours, where the dispatch has {self.steps} of {self.dt:g}"
            )
        day = day if coordinated else day.without_lines()
        K = len(self.grid.chps)
        start, value = np.broadcast_to(gas0, K).astype(float), np.broadcast_to(gas_value, K).astype(float)
        self._put(day, start, value)
        self.problem.forget()
        solution = self.problem.solve()
        return self._read(day, solution.values, solution.duals["balance"], solution.objective, value)

    def _put(self, day: Day, gas0: FloatArray, gas_value: FloatArray) -> None:
        """Change bounds, sides and costs to those of the day."""
        p, grid, dt = self.problem, self.grid, self.dt
        p.set_bounds("imp", upper=_column(b.import_max for b in grid.buses) * day.grid_up)
        p.set_bounds("exp", upper=_column(b.export_max for b in grid.buses) * day.grid_up)
        p.set_cost("imp", dt * day.price_import)
        p.set_cost("exp", -dt * day.price_export)
        p.set_bounds("shed", upper=day.load)
        p.set_bounds("pv", upper=day.pv)
        p.set_row_bounds("balance", lower=dt * day.load, upper=dt * day.load)
        if grid.lines:
            p.set_bounds("flow", upper=(_column(x.limit for x in grid.lines) * day.line_up)[:, None, :])
        if grid.chps:
            side = day.gas_in.copy()
            side[:, 0] += gas0
            p.set_row_bounds("gas_balance", lower=side, upper=side)
            worth = np.zeros((len(grid.chps), self.steps))
            worth[:, -1] = -gas_value
            p.set_cost("gas", worth)

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


def _column(values: Iterable[float]) -> FloatArray:
    return np.array(list(values), dtype=float)[:, None]


def _incidence(grid: Microgrid) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a unit of flow (two ways a line), of an engine and of a battery gives to each bus."""
    B = len(grid.buses)
    lines, chps, batteries = (np.zeros((B, n)) for n in (2 * len(grid.lines), len(grid.chps), len(grid.batteries)))
    for i, line in enumerate(grid.lines):
        for way, (out, to) in enumerate(((line.from_bus, line.to_bus), (line.to_bus, line.from_bus))):
            lines[grid.at(out), 2 * i + way] -= 1.0
            lines[grid.at(to), 2 * i + way] += 1.0 - line.loss
    for i, chp in enumerate(grid.chps):
        chps[grid.at(chp.bus), i] = 1.0
    for i, battery in enumerate(grid.batteries):
        batteries[grid.at(battery.bus), i] = 1.0
    return lines, chps, batteries


def _model(grid: Microgrid, steps: int, dt: float) -> BlockModel:
    """The program with the limits of the design; a day's data are put in later."""
    model = BlockModel("dispatch")
    model.index("bus", grid.names)
    model.index("hour", steps)
    lines, chps, batteries = _incidence(grid)
    each = sp.eye_array(steps)
    balance = model.rows("balance", "bus hour", lower=0.0, upper=0.0)
    for name, sign, cost in (
        ("imp", 1.0, 0.0),
        ("exp", -1.0, 0.0),
        ("shed", 1.0, dt * grid.lost_load[:, None]),
        ("pv", 1.0, 0.0),
    ):
        balance.add(model.variables(name, "bus hour", cost=cost), sign * dt)
    if grid.lines:
        model.index("line", len(grid.lines))
        model.index("way", ["there", "back"])
        wheel = dt * _column(x.wheel for x in grid.lines)[:, None, :]
        flow = model.variables("flow", "line way hour", cost=wheel)
        balance.add_matrix(flow, sp.kron(sp.csr_array(dt * lines), each))
    before = sp.eye_array(steps, k=-1)
    if grid.chps:
        _add_gas(model, grid, dt, sp.dia_array(each - before))
        balance.add_matrix(model.variable_blocks["chp"], sp.kron(sp.csr_array(dt * chps), each))
    if grid.batteries:
        _add_batteries(model, grid, dt, sp.dia_array(each - before))
        balance.add_matrix(model.variable_blocks["charge"], sp.kron(sp.csr_array(-dt * batteries), each))
        balance.add_matrix(model.variable_blocks["discharge"], sp.kron(sp.csr_array(dt * batteries), each))
    return model


def _add_gas(model: BlockModel, grid: Microgrid, dt: float, change: sp.dia_array) -> None:
    """Engines, flares and gas stores."""
    model.index("chp_unit", len(grid.chps))
    power = model.variables(
        "chp",
        "chp_unit hour",
        upper=_column(c.p_max for c in grid.chps),
        cost=dt * _column(c.var_cost for c in grid.chps),
    )
    flare = model.variables("flare", "chp_unit hour", cost=_column(c.flare_cost for c in grid.chps))
    least = np.zeros((len(grid.chps), change.shape[0]))
    least[:, -1] = [c.gas_end_min for c in grid.chps]
    gas = model.variables("gas", "chp_unit hour", lower=least, upper=_column(c.gas_max for c in grid.chps))
    rows = model.rows("gas_balance", "chp_unit hour", lower=0.0, upper=0.0)
    rows.add(power, np.broadcast_to(dt / _column(c.eta for c in grid.chps), power.shape)).add(flare)
    rows.add_matrix(gas, sp.kron(sp.eye_array(len(grid.chps)), change))


def _add_batteries(model: BlockModel, grid: Microgrid, dt: float, change: sp.dia_array) -> None:
    """Batteries: charge and discharge at the bus, energy inside."""
    units = grid.batteries
    model.index("battery", len(units))
    wear = dt * _column(b.wear for b in units)
    charge = model.variables("charge", "battery hour", upper=_column(b.p_ch for b in units), cost=wear)
    discharge = model.variables("discharge", "battery hour", upper=_column(b.p_dis for b in units), cost=wear)
    low, high = (
        np.repeat(_column(getattr(b, side) for b in units), change.shape[0], axis=1) for side in ("e_min", "e_max")
    )
    start = np.zeros_like(low)
    low[:, -1] = high[:, -1] = start[:, 0] = [b.e0 for b in units]
    stored = model.variables("stored", "battery hour", lower=low, upper=high)
    rows = model.rows("battery_balance", "battery hour", lower=start, upper=start)
    rows.add(charge, np.broadcast_to(-dt * _column(b.eta_ch for b in units), charge.shape))
    rows.add(discharge, np.broadcast_to(dt / _column(b.eta_dis for b in units), discharge.shape))
    rows.add_matrix(stored, sp.kron(sp.eye_array(len(units)), change))
