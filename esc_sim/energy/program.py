"""The linear program of a day of a microgrid, its solver's packages with it.

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

import numpy as np
import scipy.sparse as sp

from esc_sim.energy.microgrid import Microgrid, column, incidence
from esc_sim.lp import BlockModel


def dispatch_model(grid: Microgrid, steps: int, dt: float) -> BlockModel:
    """The program with the limits of the design; a day's data are put in later.

    Args:
        grid: the design.
        steps: steps a day.
        dt: hours a step.
    """
    model = dispatch_sets(BlockModel("dispatch"), grid, steps)
    add_day(model, grid, dt)
    return model


def dispatch_sets(model: BlockModel, grid: Microgrid, steps: int) -> BlockModel:
    """The model with the index sets of a design: buses, steps of a day, lines, engines, batteries.

    Args:
        model: gets them.
        grid: the design.
        steps: steps a day.
    """
    model.index("bus", grid.names)
    model.index("hour", steps)
    if grid.lines:
        model.index("line", len(grid.lines))
        model.index("way", ["there", "back"])
    if grid.chps:
        model.index("chp_unit", len(grid.chps))
    if grid.batteries:
        model.index("battery", len(grid.batteries))
    return model


def add_day(model: BlockModel, grid: Microgrid, dt: float, day: str = "") -> None:
    """Add a day's variables and rows.

    Args:
        model: with the index sets of the design.
        grid: the design.
        dt: hours a step.
        day: what their names end in, where the model has several days.
    """
    lines, chps, batteries = incidence(grid)
    steps = len(model.indexes["hour"])
    each = sp.eye_array(steps)
    balance = model.rows(f"balance{day}", "bus hour", lower=0.0, upper=0.0)
    for name, sign, cost in (
        ("imp", 1.0, 0.0),
        ("exp", -1.0, 0.0),
        ("shed", 1.0, dt * grid.lost_load[:, None]),
        ("pv", 1.0, 0.0),
    ):
        balance.add(model.variables(f"{name}{day}", "bus hour", cost=cost), sign * dt)
    if grid.lines:
        wheel = dt * column(x.wheel for x in grid.lines)[:, None, :]
        flow = model.variables(f"flow{day}", "line way hour", cost=wheel)
        balance.add_matrix(flow, sp.kron(sp.csr_array(dt * lines), each))
    before = sp.eye_array(steps, k=-1)
    if grid.chps:
        _add_gas(model, grid, dt, sp.dia_array(each - before), day)
        balance.add_matrix(model.variable_blocks[f"chp{day}"], sp.kron(sp.csr_array(dt * chps), each))
    if grid.batteries:
        _add_batteries(model, grid, dt, sp.dia_array(each - before), day)
        balance.add_matrix(model.variable_blocks[f"charge{day}"], sp.kron(sp.csr_array(-dt * batteries), each))
        balance.add_matrix(model.variable_blocks[f"discharge{day}"], sp.kron(sp.csr_array(dt * batteries), each))


def _add_gas(model: BlockModel, grid: Microgrid, dt: float, change: sp.dia_array, day: str) -> None:
    """Engines, flares and gas stores."""
    power = model.variables(
        f"chp{day}",
        "chp_unit hour",
        upper=column(c.p_max for c in grid.chps),
        cost=dt * column(c.var_cost for c in grid.chps),
    )
    flare = model.variables(f"flare{day}", "chp_unit hour", cost=column(c.flare_cost for c in grid.chps))
    least = np.zeros((len(grid.chps), change.shape[0]))
    least[:, -1] = [c.gas_end_min for c in grid.chps]
    gas = model.variables(f"gas{day}", "chp_unit hour", lower=least, upper=column(c.gas_max for c in grid.chps))
    rows = model.rows(f"gas_balance{day}", "chp_unit hour", lower=0.0, upper=0.0)
    rows.add(power, np.broadcast_to(dt / column(c.eta for c in grid.chps), power.shape)).add(flare)
    rows.add_matrix(gas, sp.kron(sp.eye_array(len(grid.chps)), change))


def _add_batteries(model: BlockModel, grid: Microgrid, dt: float, change: sp.dia_array, day: str) -> None:
    """Batteries: charge and discharge at the bus, energy inside."""
    units = grid.batteries
    wear = dt * column(b.wear for b in units)
    charge = model.variables(f"charge{day}", "battery hour", upper=column(b.p_ch for b in units), cost=wear)
    discharge = model.variables(f"discharge{day}", "battery hour", upper=column(b.p_dis for b in units), cost=wear)
    low, high = (
        np.repeat(column(getattr(b, side) for b in units), change.shape[0], axis=1) for side in ("e_min", "e_max")
    )
    start = np.zeros_like(low)
    low[:, -1] = high[:, -1] = start[:, 0] = [b.e0 for b in units]
    stored = model.variables(f"stored{day}", "battery hour", lower=low, upper=high)
    rows = model.rows(f"battery_balance{day}", "battery hour", lower=start, upper=start)
    rows.add(charge, np.broadcast_to(-dt * column(b.eta_ch for b in units), charge.shape))
    rows.add(discharge, np.broadcast_to(dt / column(b.eta_dis for b in units), discharge.shape))
    rows.add_matrix(stored, sp.kron(sp.eye_array(len(units)), change))
