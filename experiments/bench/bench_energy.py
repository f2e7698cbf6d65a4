"""Dispatch of microgrids: a day, a year, a large microgrid; and the agro-food study with its energy plans.

The day's program is the one of esc_sim.energy on a chain of buses with sun at each, an engine at every third, a
battery at every third, and prices, loads and gas that differ from day to day.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np

from esc_sim import load_scenario, simulate
from esc_sim.energy import Battery, Bus, Chp, Day, Dispatcher, Line, Microgrid, roll
from experiments.bench.rows import Row, cpu_seconds, small_run
from experiments.regenerative.agro import VARIANTS

NAME = "energy"
FOLDER = Path(__file__).parents[2] / "scenarios" / "agro_food"


def measure() -> list[Row]:
    """All measurements; in the tiny size only that they work."""
    tiny = small_run()
    days = 3 if tiny else 365
    small, large = (_year(buses, days) for buses in (3, 30))
    rows = [
        Row("day on 3 buses", 1e3 * small / days, "ms", "<= 10", f"mean of {days} days, processor time"),
        Row(f"{days} days on 3 buses", small, "s", "<= 8"),
        Row(f"{days} days on 30 buses", large, "s", "<= 180", "one processor"),
    ]
    return [*rows, _agro(*((1, 1) if tiny else (200, 20)))]


def _year(buses: int, days: int) -> float:
    """Processor seconds for so many days in a row."""
    draw = np.random.default_rng(1)
    names = [f"b{i}" for i in range(buses)]
    grid = Microgrid(
        tuple(Bus(name, 5.0, 5.0, 2.0) for name in names),
        tuple(Line(a, b, 0.5, 1.0, 0.02) for a, b in itertools.pairwise(names)),
        tuple(Chp(name, 1.0, 0.35, 10.0, 20.0, 0.0, 1.0) for name in names[::3]),
        tuple(Battery(name, 1.0, 0.5, 0.5, 0.95, 0.95, 2.0, 0.5) for name in names[1::3]),
    )
    hour = np.arange(24)
    sun = np.maximum(0.0, np.sin((hour - 6) / 12 * np.pi))
    made = []
    for _ in range(days):
        price = np.maximum(70.0, 130.0 + 40.0 * np.sin((hour - 8) / 6 * np.pi) + draw.normal(0.0, 10.0, 24))
        load, gas = draw.uniform(1.0, 2.0, (buses, 24)), 0.8 * draw.random()
        made.append(Day.of(grid, price, np.full(24, 55.0), load, 1.99 * sun * draw.random((buses, 1)), gas))
    dispatcher = Dispatcher(grid)
    return cpu_seconds(lambda: list(roll(dispatcher, made, 5.0)))


def _agro(replications: int, years: int) -> Row:
    """The three variants of the agro-food network with their undisrupted twins, energy plans included."""
    spent = 0.0
    for name in VARIANTS:
        scenario = load_scenario(FOLDER, [f"variant={name}", f"run.periods={52 * years}"])
        simulate(scenario.model_copy(update={"run": scenario.run.model_copy(update={"periods": 1})}), replications=1)
        start = time.perf_counter()
        simulate(scenario, replications=replications)
        spent += time.perf_counter() - start
    what = f"agro_food, 3 variants x {replications} x {years} years"
    return Row(what, spent, "s", "<= 600", "with undisrupted twins and energy plans, on all processors")
