"""Who may supply: one table suppliers.csv with a row for each source, or a table for each kind of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.tables import Table, number, read_table
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

SUPPLIERS: Final = "suppliers.csv"
KINDS: Final = ("primary", "backup", "spot")
COLUMNS: Final = (
    "supplier", "kind", "price", "fixed_cost", "capacity", "reserve_cost", "probability", "group", "residual", "note",
)  # fmt: skip
PRICE_OF: Final = "price_"
"""Begins a column with the price of one buyer."""
_LEVELS: Final = ("effort_cost_", "recovery_rate_v_", "warning_h_")


@dataclass(frozen=True)
class Sources:
    """Suppliers by kind.

    Attributes:
        primary, backup: their rows.
        whole: suppliers.csv; None where the kinds have tables of their own.
        spot_name: the spot market's row in it, if there is one.
        buyers: who buys, where it is suppliers.csv that has the prices.
    """

    primary: Table
    backup: Table
    whole: Table | None = None
    spot_name: str | None = None
    buyers: tuple[str, ...] = ()

    @property
    def apart(self) -> bool:
        """Whether each kind has a table of its own."""
        return self.whole is None

    def prices(self) -> tuple[dict[str, FloatArray], dict[tuple[str, str], str]]:
        """What each source asks of each buyer, shape (A,), and where that stands: price_BUYER, else price.

        Raises:
            InputError: a cell that is no number, or neither column has one.
        """
        assert self.whole is not None
        table, prices, places, problems = self.whole, {}, {}, []
        common = table.cells("price")
        own = {buyer: table.cells(f"{PRICE_OF}{buyer}") for buyer in self.buyers}
        for row, ((line, _), name) in enumerate(zip(table.rows, table.text("supplier"), strict=True)):
            prices[name] = np.zeros(len(self.buyers))
            for at, buyer in enumerate(self.buyers):
                column = f"{PRICE_OF}{buyer}" if own[buyer][row] else "price"
                places[name, buyer] = f"{table.path.name}:{line}: {column}"
                try:
                    prices[name][at] = number(own[buyer][row] or common[row], 0.0)
                except ValueError as error:
                    problems.append(f"{places[name, buyer]}: {error}")
        if problems:
            raise InputError(list(dict.fromkeys(problems)))
        return prices, places


def read_sources(folder: Path, buyers: Sequence[str]) -> Sources:
    """The suppliers of a design.

    Args:
        folder: where the tables lie.
        buyers: who buys.

    Raises:
        InputError: both forms are there; unknown kinds and columns; several spot markets; no primary supplier.
    """
    path = folder / SUPPLIERS
    if not path.exists():
        return Sources(read_table(folder / "primary_suppliers.csv"), read_table(folder / "backup_suppliers.csv"))
    others = [name for name in ("primary_suppliers.csv", "backup_suppliers.csv", "prices.csv", "distances_km.csv")
              if (folder / name).exists()]  # fmt: skip
    if others:
        raise InputError(f"{SUPPLIERS}: suppliers and their prices stand here and in {others[0]}: keep one of the two")
    table = read_table(path)
    _refuse_unknown(table, buyers)
    names, kinds = table.labels("supplier"), table.text("kind")
    wrong = [
        f"{place}: '{kind}' is no kind of supplier; kinds are {', '.join(KINDS)}"
        for place, kind in zip(table.places("kind"), kinds, strict=True)
        if kind not in KINDS
    ]
    if wrong:
        raise InputError(wrong)
    spots = [row for row, kind in enumerate(kinds) if kind == "spot"]
    if len(spots) > 1:
        raise InputError(f"{table.places('kind')[spots[1]]}: there is one spot market, '{names[spots[0]]}' above")
    if "primary" not in kinds:
        raise InputError(f"{SUPPLIERS}: kind: no row is 'primary': a design signs at least one such supplier")
    clash = [name for name in names if name in buyers]
    if clash:
        raise InputError(f"{SUPPLIERS}: supplier: '{clash[0]}' is a buyer, too: give one of them another name")
    primary, backup = table.only("kind", "primary"), table.only("kind", "backup")
    return Sources(primary, backup, table, names[spots[0]] if spots else None, tuple(buyers))


def _refuse_unknown(table: Table, buyers: Sequence[str]) -> None:
    known = [*COLUMNS, *(f"{PRICE_OF}{buyer}" for buyer in buyers)]
    problems = []
    for column in table.columns:
        if column in known or column.startswith(_LEVELS):
            continue
        near = difflib.get_close_matches(column, known, 1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; columns are {', '.join(COLUMNS)}, {PRICE_OF}BUYER"
        problems.append(f"{table.path.name}:1: there is no column '{column}'{hint}")
    if problems:
        raise InputError(problems)
