"""Microgrids for the tests: the one worked by hand, and made-up ones."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np

from esc_sim.energy import Battery, Bus, Chp, Day, Line, Microgrid


def tiny() -> tuple[Microgrid, Day, list[float], dict[str, Any]]:
    """Two buses and four hours, worked by hand: (design, day, gas at midnight, what must come out)."""
    stored = json.loads(Path(__file__).with_name("lp_tiny.json").read_text(encoding="utf-8"))
    case = stored["case"]
    hours = [0.0] * case["T"]
    buses = tuple(
        Bus(name, case["grid"][name]["import_max"], case["grid"][name]["export_max"], max(case["pv"].get(name, hours)))
        for name in case["buses"]
    )
    lines = tuple(Line(x["from"], x["to"], x["limit"], x["wheel"], x["loss"]) for x in case["lines"])
    engines = [{k: v for k, v in x.items() if k not in ("gas0", "gas_in", "gas_end_value")} for x in case["chp"]]
    grid = Microgrid(
        buses, lines, tuple(Chp(**x) for x in engines), tuple(Battery(**x) for x in case["battery"]), case["voll"]
    )
    day = Day.of(
        grid,
        case["price_import"],
        case["price_export"],
        [case["load"][name] for name in case["buses"]],
        [case["pv"].get(name, hours) for name in case["buses"]],
        [x["gas_in"] for x in case["chp"]],
        case["dt"],
    )
    return grid, day, [x["gas0"] for x in case["chp"]], stored["expected"]


def made_up(seed: int, buses: int = 3, days: int = 1, steps: int = 24) -> tuple[Microgrid, list[Day]]:
    """A chain of buses with engines, batteries and sun, and days whose prices, loads and outages differ."""
    draw = np.random.default_rng(seed)
    names = [f"b{i}" for i in range(buses)]
    grid = Microgrid(
        tuple(Bus(name, 4.0, 3.0, 2.0) for name in names),
        tuple(Line(a, b, 0.5, 1.0, 0.02) for a, b in itertools.pairwise(names)),
        tuple(Chp(name, 1.0, 0.35, 10.0, 20.0, 0.0, 1.0) for name in names[::3]),
        tuple(Battery(name, 1.0, 0.5, 0.5, 0.95, 0.95, 2.0, 0.4, 0.1) for name in names[1::3]),
    )
    hour = np.arange(steps) * 24.0 / steps
    sun = np.maximum(0.0, np.sin((hour - 6.0) / 12.0 * np.pi))
    made = []
    for _ in range(days):
        bought = np.maximum(75.0, 130.0 + 40.0 * np.sin((hour - 8.0) / 6.0 * np.pi) + draw.normal(0.0, 10.0, steps))
        sold = draw.uniform(20.0, 60.0, steps)
        load = draw.uniform(0.5, 2.5, (buses, steps))
        day = Day.of(
            grid, bought, sold, load, 1.99 * sun * draw.random((buses, 1)), draw.uniform(0.2, 1.5), 24.0 / steps
        )
        start = int(draw.integers(0, steps - 4))
        day = day.grid_out(grid, names[int(draw.integers(buses))], range(start, start + 4))
        made.append(day.island(grid, names[-1], range(2, 6)))
    return grid, made
