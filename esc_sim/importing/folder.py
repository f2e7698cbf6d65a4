"""The folder that an import writes: scenario with tables, history, mapping, and the page of what was understood."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from esc_sim.importing.demands import series_name
from esc_sim.importing.history import History
from esc_sim.importing.mapping import MAPPING_FILE, text_of
from esc_sim.importing.page import PAGE, page_of, scenario_comment
from esc_sim.importing.run import Imported
from esc_sim.scenario.reader import SCENARIO_FILE
from esc_sim.scenario.series import DATE
from esc_sim.scenario.tables import TABLES
from esc_sim.scenario.writing import write_scenario
from esc_sim.storage.files import write_text
from esc_sim.storage.tables import write_table

HISTORY_FILE: Final = "history.csv"


def files_of_import(folder: Path) -> set[str]:
    """Names of the files that an import writes, if the folder is one of an import; else none."""
    if not (folder / PAGE).is_file():
        return set()
    return {SCENARIO_FILE, MAPPING_FILE, PAGE, HISTORY_FILE, *(f"{key}.csv" for key in TABLES)}


def write_imported(imported: Imported, folder: Path, source: str) -> None:
    """Write all files of an import.

    Args:
        imported: what was imported.
        folder: made if need be.
        source: name of the workbook, folder or file.

    Raises:
        InputError: the folder cannot be written.
    """
    write_scenario(imported.scenario, folder, scenario_comment(source))
    if imported.content.history.series:
        _write_history(imported.content.history, folder / HISTORY_FILE)
    write_text(folder / MAPPING_FILE, text_of(imported.mapping))
    write_text(folder / PAGE, page_of(imported, source))


def _write_history(history: History, path: Path) -> None:
    """A column for each site and product, a row for each period."""
    columns = [DATE, *map(series_name, history.series)]
    rows = zip(*history.series.values(), strict=True)
    write_table(
        path,
        columns,
        (
            [date.isoformat(), *(None if math.isnan(value) else value for value in row)]
            for date, row in zip(history.dates, rows, strict=True)
        ),
    )
