"""The designs that the tables and figures share, each solved once to a gap of 1e-5."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from esc_sim.design.retail import Coverage, RetailInstance, RetailOptions, RetailPlan, design_retail
from esc_sim.design.retail.margins import Reading, RetailModel
from esc_sim.design.retail.read import read_instance

HERE = Path(__file__).parent
TABLES = HERE / "tables"
SCENARIO = HERE.parents[1] / "scenarios" / "retail_wuhan" / "design"
NOTICE = "places, demand shares, supplier capacities synthetic and selected; demand and rates calibrated"
PROBABILITIES = {"I1": (0.7, 0.3), "I2": (0.9, 0.1)}
EPS = (0.05, 0.06, 0.07, 0.08, 0.09)
COVERAGES = (Coverage(2, 2, 2), Coverage(3, 3, 3), Coverage(4, 3, 4), Coverage(4, 3, 5))
NAMES: Mapping[RetailModel, str] = {"stochastic": "stochastic", "box-ball": "Box-Ball", "budget": "Budget"}
GAP = 1e-5


@cache
def instance(which: str) -> RetailInstance:
    """The Wuhan case under the probabilities of the paper's instance I1 or I2."""
    read = read_instance(SCENARIO, name="retail_wuhan", notice=NOTICE, money="CNY", goods="kg")
    return read.with_probability(PROBABILITIES[which])


def design(
    which: str,
    model: RetailModel = "stochastic",
    eps: float = 0.05,
    reading: Reading = "joint",
    coverage: Coverage = COVERAGES[0],
) -> RetailPlan:
    """A design, solved once."""
    return _solved(which, model, eps, reading, coverage)


@cache
def _solved(which: str, model: RetailModel, eps: float, reading: Reading, coverage: Coverage) -> RetailPlan:
    """A design; said on the screen when it is solved."""
    plan = design_retail(instance(which), RetailOptions(model, eps, reading, coverage, GAP))
    label = f"{which} {model} {reading} eps {eps:g} coverage {coverage}"
    print(f"  {label}: {plan.cost:,.0f} CNY, gap {100 * plan.gap:.5f} %, {plan.seconds:.1f} s", flush=True)
    return plan


def printed(table: str) -> list[dict[str, str]]:
    """Rows of a table of the paper."""
    with (HERE / "paper" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a table of ours: large numbers to one decimal, small ones to six digits."""
    TABLES.mkdir(exist_ok=True)
    path = TABLES / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([[_text(v) for v in row] for row in rows])
    return path


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}" if abs(value) >= 1000.0 else f"{value:.6g}"
    return str(value)
