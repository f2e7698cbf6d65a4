"""Files of other programs, recognised by what is in them."""

from __future__ import annotations

import os

from esc_sim.exchange.anura import is_anura, read_anura
from esc_sim.exchange.carried import Imported
from esc_sim.exchange.stockpyl import is_stockpyl, read_stockpyl


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
