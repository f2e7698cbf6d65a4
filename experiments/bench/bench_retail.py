"""Retail network design: time to a proven gap on the Wuhan case and on drawn networks.

CPU seconds from tables in memory to the checked plan: building the model, all searches, the re-check. The solver runs
on one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from esc_sim.design.retail import RetailInstance, RetailOptions, RetailPlan, design_retail
from esc_sim.design.retail.generate import random_instance
from esc_sim.design.retail.margins import RetailModel
from esc_sim.design.retail.read import read_instance
from experiments.bench.rows import Row, cpu_seconds, small_run

NAME = "retail"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "retail_wuhan" / "design"
SEEDS = (1, 2, 3)


def measure() -> Iterator[Row]:
    """Rows: Wuhan at gaps of 0.04 %, 0.01 % and 0.001 %; drawn networks of its size; 512 stores and 24 areas."""
    if small_run():
        yield _row("3 x 2 x 6 x 3, gap 0.04 %", random_instance(suppliers=3, dcs=2, stores=6, areas=3), 4e-4, "<= 3 s")
        return
    wuhan = read_instance(SCENARIO)
    yield _row("Wuhan, stochastic, gap 0.04 %", wuhan, 4e-4, "<= 3 s")
    yield _row("Wuhan, stochastic, gap 0.01 %", wuhan, 1e-4, "<= 30 s")
    yield _row("Wuhan, stochastic, gap 0.001 %", wuhan, 1e-5)
    yield _row("Wuhan, Box-Ball, gap 0.04 %", wuhan, 4e-4, "<= 3 s", "box-ball")
    yield _row("Wuhan, Box-Ball, gap 0.01 %", wuhan, 1e-4, "<= 30 s", "box-ball")
    for seed in SEEDS:
        drawn = random_instance(suppliers=4, dcs=3, stores=128, areas=6, seed=seed)
        yield _row(f"drawn, 128 stores, seed {seed}, gap 0.04 %", drawn, 4e-4, "<= 3 s")
    for seed in SEEDS:
        large = random_instance(suppliers=8, dcs=6, stores=512, areas=24, seed=seed)
        yield _row(f"drawn, 512 stores x 24 areas, seed {seed}, gap 0.5 %", large, 5e-3, "<= 120 s")
    large = random_instance(suppliers=8, dcs=6, stores=512, areas=24, scenarios=4)
    yield _row("drawn, 512 stores x 24 areas, 4 scenarios, gap 0.5 %", large, 5e-3, "<= 120 s")


def _row(what: str, instance: RetailInstance, gap: float, target: str = "", model: RetailModel = "stochastic") -> Row:
    found: list[RetailPlan] = []
    seconds = cpu_seconds(lambda: found.append(design_retail(instance, RetailOptions(model, gap=gap))))
    note = f"cost {found[0].cost / 1e6:.3f}e6, proven gap {100 * found[0].gap:.4f} %"
    return Row(what, seconds, "s", target, note)
