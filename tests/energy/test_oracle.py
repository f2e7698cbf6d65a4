"""PyPSA, an independent program, finds the same cost and the same prices."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from esc_sim.energy import Day, Dispatcher, Microgrid
from esc_sim.energy.microgrid import FloatArray
from tests.energy.cases import made_up, tiny

pypsa = pytest.importorskip("pypsa")


def by_pypsa(grid: Microgrid, day: Day, gas0: float) -> tuple[float, FloatArray]:
    """Cost and bus prices of the day; gas left over is worth nothing."""
    n, T = pypsa.Network(), day.steps
    n.set_snapshots(range(T))
    for b, bus in enumerate(grid.buses):
        name = bus.name
        n.add("Bus", name)
        n.add("Load", f"load {name}", bus=name, p_set=day.load[b])
        for unit, most, peak, cost, sign in (
            ("imp", bus.import_max * day.grid_up[b], bus.import_max, day.price_import, 1),
            ("exp", bus.export_max * day.grid_up[b], bus.export_max, -day.price_export, -1),
            ("shed", day.load[b], day.load[b].max(), np.full(T, grid.voll), 1),
            ("pv", day.pv[b], bus.pv_peak, np.zeros(T), 1),
        ):
            if peak > 0:
                n.add(
                    "Generator",
                    f"{unit} {name}",
                    bus=name,
                    p_nom=peak,
                    p_max_pu=most / peak,
                    marginal_cost=cost,
                    sign=sign,
                )
    for i, line in enumerate(grid.lines):
        for way, (a, b_) in enumerate(((line.from_bus, line.to_bus), (line.to_bus, line.from_bus))):
            n.add(
                "Link", f"line {i} {way}", bus0=a, bus1=b_, p_nom=line.limit, p_max_pu=day.line_up[i],
                efficiency=1 - line.loss, marginal_cost=line.wheel,
            )  # fmt: skip
    for i, chp in enumerate(grid.chps):
        gas, least = f"gas {i}", np.zeros(T)
        least[-1] = chp.gas_end_min / chp.gas_max
        n.add("Bus", gas)
        n.add("Load", f"gas in {i}", bus=gas, p_set=-day.gas_in[i] / day.dt)
        n.add("Store", gas, bus=gas, e_nom=chp.gas_max, e_initial=gas0, e_min_pu=least)
        n.add("Generator", f"flare {i}", bus=gas, p_nom=1e3, sign=-1, marginal_cost=chp.flare_cost)
        n.add(
            "Link", f"chp {i}", bus0=gas, bus1=chp.bus, p_nom=chp.p_max / chp.eta, efficiency=chp.eta,
            marginal_cost=chp.var_cost * chp.eta,
        )  # fmt: skip
    for i, unit in enumerate(grid.batteries):
        cell = f"battery {i}"
        low, high = np.full(T, unit.e_min / unit.e_max), np.ones(T)
        low[-1] = high[-1] = unit.e0 / unit.e_max
        n.add("Bus", cell)
        n.add("Store", cell, bus=cell, e_nom=unit.e_max, e_initial=unit.e0, e_min_pu=low, e_max_pu=high)
        n.add(
            "Link", f"charge {i}", bus0=unit.bus, bus1=cell, p_nom=unit.p_ch, efficiency=unit.eta_ch,
            marginal_cost=unit.wear,
        )  # fmt: skip
        n.add(
            "Link", f"discharge {i}", bus0=cell, bus1=unit.bus, p_nom=unit.p_dis / unit.eta_dis,
            efficiency=unit.eta_dis, marginal_cost=unit.wear * unit.eta_dis,
        )  # fmt: skip
    status, why = n.optimize(solver_name="highs", log_to_console=False)
    assert status == "ok", why
    return float(n.objective) * day.dt, n.buses_t.marginal_price[list(grid.names)].to_numpy().T


@pytest.mark.parametrize("case", ["tiny", 0, 1])
def test_pypsa_agrees(case: str | int) -> None:
    if isinstance(case, int):
        grid, (day,) = made_up(case)
        gas0 = 3.0
    else:
        grid, day, (gas0,), _ = tiny()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of PyPSA and its libraries are theirs
        cost, price = by_pypsa(grid, day, gas0)
    run = Dispatcher(grid, day.steps, day.dt).solve(day, gas0)
    assert run.cost == pytest.approx(cost, rel=1e-7)
    # Where several prices fit one optimum (kinks), either program may take any: most hours have only one.
    assert np.mean(np.abs(run.price - np.minimum(price, grid.voll)) < 1e-5) > 0.8
