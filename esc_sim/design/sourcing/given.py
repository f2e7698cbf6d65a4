"""What the section of a sourcing design names: suppliers, prices and failures, and past demand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.read import TABLES, SourcingTables, read_tables
from esc_sim.design.sourcing.suppliers import SUPPLIERS
from esc_sim.design.tables import inside
from esc_sim.design.uncertainty import read_samples
from esc_sim.errors import InputError
from esc_sim.scenario.design_sourcing import SourcingSection

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """All that a sourcing design reads.

    Attributes:
        tables: suppliers, prices and failures.
        past: past demand, shape (periods, buyers).
        history: file of the past demand.
        files: all that was read.
    """

    tables: SourcingTables
    past: FloatArray
    history: Path
    files: tuple[Path, ...]


def read_given(section: SourcingSection, folder: Path) -> Given:
    """Read the tables that a section ``design.sourcing`` names.

    Args:
        section: the section.
        folder: the scenario's.

    Raises:
        InputError: a table that is missing or cannot be used; a nominal demand of somebody who does not buy.
    """
    place = inside(folder, section.tables, "design.sourcing.tables")
    history = inside(folder, section.demand_history, "design.sourcing.demand_history")
    whole = (place / SUPPLIERS).exists()
    past, buyers = read_samples(history) if whole else (None, ())
    tables = read_tables(place, max_recovery_time=section.max_recovery_time, buyers=buyers, spot=section.spot)
    if past is None:
        past, _ = read_samples(history, tables.instance.buyers)
    problems = _nominal_problems(section, tables.instance.buyers)
    if section.spot is not None and tables.spot != section.spot:
        problems.append(
            f"design.sourcing.spot: '{section.spot}', but the spot market of {SUPPLIERS} is '{tables.spot}'"
        )
    if problems:
        raise InputError(problems)
    files = tuple(place / name for name in TABLES if (place / name).exists())
    return Given(tables, past, history, (*files, history))


def nominal_of(section: SourcingSection, past: FloatArray, buyers: tuple[str, ...]) -> FloatArray:
    """Known demand of each buyer, shape (A,): the section's, or the mean of the past.

    Args:
        section: the section ``design.sourcing``.
        past: past demand, shape (periods, A).
        buyers: their names.
    """
    mean = past.mean(axis=0)
    match section.nominal:
        case None:
            return np.asarray(mean)
        case dict() as by_buyer:
            return np.array([by_buyer.get(buyer, mean[a]) for a, buyer in enumerate(buyers)])
        case amount:
            return np.full(len(buyers), float(amount))


def _nominal_problems(section: SourcingSection, buyers: tuple[str, ...]) -> list[str]:
    named = section.nominal if isinstance(section.nominal, dict) else {}
    return [
        f"design.sourcing.nominal.{name}: there is no buyer '{name}'; buyers are {', '.join(buyers)}"
        for name in named
        if name not in buyers
    ]
