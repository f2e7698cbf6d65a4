"""Simulated values beside those of simoptlib, each with its 95 % interval; the verdict is that of their difference."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import esc_sim
from esc_sim.risk.intervals import Interval, mean_interval
from experiments.published.simopt.models import MODELS

THEIRS = Path(__file__).with_name("values.csv")
PRINTED = {
    ("SSCONT", "200 800"): (545.0, 5.1),
    ("SSCONT", "600 1200"): (620.7, 2.0),
    ("SSCONT", "1000 1600"): (886.2, 5.3),
}
"""Totals with the half width of their interval, of another, shorter run of simoptlib."""
REPLICATIONS = {"SSCONT": 20_000, "DUALSOURCING": 1_000, "DYNAMNEWS": 20, "CNTNEWS": 40}
"""Replications here; of the newsvendors each is 500 of theirs."""


@dataclass(frozen=True)
class Compared:
    """A response of a model at a point.

    Attributes:
        model, point, response: names as simoptlib has them.
        ours: here.
        theirs, half_width: there, and half the 95 % interval.
    """

    model: str
    point: str
    response: str
    ours: Interval
    theirs: float
    half_width: float

    @property
    def difference(self) -> float:
        """Ours less theirs."""
        return self.ours.mean - self.theirs

    @property
    def within(self) -> float:
        """Half the 95 % interval of the difference; the two are independent."""
        return math.hypot(self.ours.half_width, self.half_width)

    @property
    def verdict(self) -> str:
        """Whether the interval of the difference holds zero."""
        return "matches" if abs(self.difference) <= self.within + 1e-9 else "differs"


def compared(share: float = 1.0, seed: int = 1) -> Iterator[Compared]:
    """Every response that both have.

    Args:
        share: part of the usual replications.
        seed: of all random numbers here.
    """
    for name, point in _points():
        numbers = [float(number) for number in point.split()]
        count = max(8, round(share * REPLICATIONS[name]))
        ours = MODELS[name].measured(numbers, count, seed)
        if name == "DYNAMNEWS":
            ours["n_prod_stockout"] = _sold_out(numbers, count, seed)
        found = {response: mean_interval(values) for response, values in ours.items()}
        for response, (theirs, half) in _theirs(name, point).items():
            if response in found:
                yield Compared(name, point, response, found[response], theirs, half)
        if (name, point) in PRINTED:
            yield Compared(name, point, "total, of another run", found["total"], *PRINTED[name, point])


def _rows() -> list[dict[str, str]]:
    with THEIRS.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _points() -> list[tuple[str, str]]:
    """Models and points, each once."""
    return list(dict.fromkeys((row["model"], row["point"]) for row in _rows()))


def _theirs(model: str, point: str) -> dict[str, tuple[float, float]]:
    """Mean and half width of simoptlib's responses at a point."""
    return {
        row["response"]: (float(row["mean"]), float(row["half_width"]))
        for row in _rows()
        if (row["model"], row["point"]) == (model, point)
    }


def _sold_out(point: list[float], replications: int, seed: int) -> np.ndarray:
    """Mean number of products that a day of the stall sells out, by replication."""
    model = MODELS["DYNAMNEWS"]
    scenario, found = model.scenario(point), []
    for replication in range(replications):
        run = esc_sim.SupplyChainModel(scenario, seed=seed, replication=replication, members=model.members)
        run.run()
        found.append(np.mean(run.agent_of("stall").sold_out[1:]))
    return np.array(found)


def print_values(share: float = 1.0, seed: int = 1) -> None:
    """Print the table, one line a response, as soon as it is there."""
    print(f"{'model':13} {'point':20} {'response':22} {'ours':>20} {'theirs':>20} {'difference':>20}  verdict")
    for one in compared(share, seed):
        numbers = (one.ours.mean, one.ours.half_width, one.theirs, one.half_width, one.difference, one.within)
        pairs = [f"{_digits(mean)} ± {_digits(half)}" for mean, half in zip(numbers[::2], numbers[1::2], strict=True)]
        print(f"{one.model:13} {one.point:20} {one.response:22} " + " ".join(f"{pair:>20}" for pair in pairs)
              + f"  {one.verdict}", flush=True)  # fmt: skip


def _digits(value: float) -> str:
    return f"{value:,.4f}" if abs(value) < 10.0 else f"{value:,.2f}"
