"""Files of other programs: recognised by what is in them, written by the name of their format."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from esc_sim.exchange.anura import is_anura, read_anura, write_anura
from esc_sim.exchange.anura_schema import TABLES
from esc_sim.exchange.carried import Imported, Ledger, Note
from esc_sim.exchange.stockpyl import is_stockpyl, read_stockpyl
from esc_sim.scenario.schema import Scenario
from esc_sim.storage.place import claimed

FILES: Final = {"anura": frozenset(f"{table}.csv" for table in TABLES)}
"""Names of the files of a format."""
WRITERS: Final[dict[str, Callable[[Scenario, Path, Ledger], None]]] = {"anura": write_anura}
"""What writes a scenario into a folder, by the name of the format."""


def read_foreign(path: str | os.PathLike[str], name: str | None = None) -> Imported | None:
    """Read what another program wrote; None where the files are of none that is known.

    Args:
        path: a folder, a workbook, an SQLite file (Anura), or a JSON file (stockpyl).
        name: of the case, where a file holds several.

    Raises:
        InputError: with every problem found and its place.
    """
    if is_anura(path):
        return read_anura(path)
    if is_stockpyl(path):
        return read_stockpyl(path, name)
    return None


def write_foreign(
    scenario: Scenario, form: str, folder: Path, force: bool = False
) -> tuple[list[str], tuple[Note, ...], tuple[Note, ...]]:
    """Write a scenario for another program into a new folder, which appears with all its files at once.

    Args:
        scenario: what to write.
        form: name of the format, one of ``WRITERS``.
        folder: must not exist, or be empty.
        force: replace a folder that holds tables of that format, and nothing else.

    Returns:
        Names of the files, what was not carried over, and what was assumed.

    Raises:
        InputError: a folder that is in use or cannot be written.
    """
    ledgers: list[Ledger] = []

    def fill(partial: Path) -> None:
        ledgers.append(Ledger())
        WRITERS[form](scenario, partial, ledgers[-1])

    with claimed(folder, kind="", force=force, drawn=FILES[form], room=0) as place:
        place.put(fill)
    return sorted(file.name for file in folder.iterdir()), ledgers[-1].left_out, ledgers[-1].assumed
