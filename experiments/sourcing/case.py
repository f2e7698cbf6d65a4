"""The electrolyte case: the shipped instance, its past demand, fresh demand from the stated law, and one variant."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing import SourcingInstance, SourcingOptions, read_tables
from esc_sim.design.uncertainty import read_samples
from esc_sim.sampling.inverse import standard_normal
from esc_sim.sampling.streams import stream_hashes, uniforms

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "scenarios" / "electrolyte"
TABLES = HERE / "tables"
PAPER = HERE / "paper"

BUDGET, EPSILON, THETA = 49e6, 0.3, 0.05
LIMITS = SourcingOptions(budget=BUDGET, epsilon=EPSILON)
SEED = 20
FOOTER = "electrolyte case: drawn, selected and calibrated data (scenarios/electrolyte/PROVENANCE.md)"

Floats = NDArray[np.float64]


def load() -> tuple[SourcingInstance, Floats]:
    """The shipped instance and its 1,000 rows of past demand."""
    instance = read_tables(FOLDER, max_recovery_time=0.8).instance
    return instance, read_samples(FOLDER / "demand_history.csv", instance.buyers)[0]


def fresh_demand(purpose: str, buyers: Sequence[str], replication: int, count: int) -> Floats:
    """Demand from the stated law, normal (1500, 100) per buyer, shape (count, buyers).

    Args:
        purpose: names the streams, so that every use has numbers of its own.
        buyers: one stream each.
        replication: number of the replication.
        count: rows.
    """
    hashes = stream_hashes([f"experiments/sourcing/{purpose}/{buyer}" for buyer in buyers])
    return 1500.0 + 100.0 * standard_normal(uniforms(SEED, hashes, replication, 0, count))


def with_moving_backup_prices(instance: SourcingInstance, replication: int = 0) -> SourcingInstance:
    """A SYNTHETIC variant whose backup prices differ by scenario, by a factor uniform on [0.925, 1.075].

    The paper's o_ba^k carries a scenario index and its Cost_k of diversified sourcing spreads by a factor of 1.16
    (Table 3). The shipped instance has one price for all scenarios and buys nothing on the spot market, so that every
    scenario costs the same and excess probabilities are 0 or 1. Figures 7 and table 4 need the spread.

    Args:
        instance: prices alike in all scenarios.
        replication: number of the draw of the factors.
    """
    hashes = stream_hashes(["experiments/sourcing/backup_price_factor"])
    factor = 0.925 + 0.15 * uniforms(SEED, hashes, replication, 0, len(instance.scenarios))
    return replace(instance, backup_price=factor[:, :, None] * instance.backup_price)


def write_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]], folder: Path = TABLES) -> Path:
    """Write a small table; numbers are rounded by the caller."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a small table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
