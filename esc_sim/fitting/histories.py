"""Histories to fit: the columns of a table, or the series of a scenario with the demands that name them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.scenario.calendar import step_of
from esc_sim.scenario.cells import cell_text
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.given import given_scenario, series_of_frame
from esc_sim.scenario.items import Item, items_of
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.series import Kept, SeriesTable, read_series
from esc_sim.scenario.tables import MAX_BYTES
from esc_sim.scenario.workbook import read_series_sheet

TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
"""Endings of files with a table of histories."""
_SEASONS: Final = {
    "1 hour": 24, "1 day": 7, "1 week": 52, "1 month": 12, "1 quarter": 4,
}  # fmt: skip
"""Periods of the usual season, by the step of the dates."""


@dataclass(frozen=True)
class Histories:
    """What is to be fitted.

    Attributes:
        source: where it comes from, in a word.
        values: the histories by name.
        season_length: periods of the usual season where the step of the dates tells it.
        scenario: the scenario whose series they are; None for a table.
        uses: the stocking points whose demand is a history, by its name.
        start, step: date of the first row, and time from row to row; None where they are not known.
        begins: row, from 0, of the first value of a history that begins later than others, by its name.
    """

    source: str
    values: Mapping[str, tuple[float, ...]]
    season_length: int | None = None
    scenario: Scenario | None = None
    uses: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    start: str | None = None
    step: str | None = None
    begins: Mapping[str, int] = field(default_factory=dict)


def histories_of(source: Any, overrides: Overrides = (), kept: Kept = "late") -> Histories:
    """Histories from a file, a data frame, values by name, or a scenario.

    Args:
        source: a CSV file, workbook or Parquet file with a column for each history, dates beside them if wanted; a
            data frame of the same kind; a mapping of names to values; or a scenario, its path or its dict.
        overrides: changes of the scenario.
        kept: what empty cells of a table are: before the first value ("late"), or left out ("loose").

    Raises:
        InputError: it is nothing of the kind, or a cell is no number of at least 0, with its place.
    """
    if isinstance(source, str | os.PathLike) and Path(source).suffix.lower() in TABLES:
        path = Path(source)
        return _of_table(_read(path, kept), path.name)
    if hasattr(source, "columns") or hasattr(source, "__arrow_c_stream__"):
        return _of_table(series_of_frame(source, kept), "table")
    if isinstance(source, Mapping) and "nodes" not in source:
        return Histories("values", {str(name): tuple(map(float, values)) for name, values in source.items()})
    scenario = given_scenario(source, overrides)
    uses: dict[str, tuple[Item, ...]] = {}
    for item, (_, data) in items_of(scenario).items():
        law = data.demand.law if data.demand is not None else None
        name = law.series if isinstance(law, Empirical) else data.demand.series if data.demand is not None else None
        if name is not None:
            uses[name] = (*uses.get(name, ()), item)
    found = {name: tuple(values) for name, values in scenario.series.items() if name in uses or not uses}
    step = scenario.run.step or f"1 {scenario.units.period}"
    return Histories(scenario.title or scenario.name, found, _season_of(step), scenario, uses, scenario.run.start, step)


def _of_table(table: SeriesTable, name: str) -> Histories:
    values = {n: tuple(values) for n, values in table.values.items()}
    return Histories(name, values, _season_of(table.step), start=table.start, step=table.step, begins=table.begins)


def _season_of(step: str | None) -> int | None:
    """Periods of the usual season of a step; 0, no season, for one that has none; None where the step is not known."""
    read = step_of(step) if step is not None else None
    return None if read is None else _SEASONS.get(str(read), 0)


def _read(path: Path, kept: Kept) -> SeriesTable:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    match path.suffix.lower():
        case ".xlsx" | ".xlsm":
            return read_series_sheet(path, path.name, kept)
        case ".parquet":
            return _of_parquet(path, kept)
    text = read_text(path, MAX_BYTES, path.name, "fit some columns at a time")
    return read_series(text, path.name, kept=kept)


def _of_parquet(path: Path, kept: Kept) -> SeriesTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from esc_sim.scenario.series import series_of

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path.name}: cannot be read as Parquet: {error}") from None
    columns = [table.column(name).to_pylist() for name in table.column_names]
    rows = enumerate(zip(*columns, strict=True), start=1)
    cells = [(0, table.column_names), *((line, [cell_text(value) for value in row]) for line, row in rows)]

    def place(line: int, column: int | None) -> str:
        return f"{path.name}, row {line}" if line else path.name

    return series_of(cells, path.name, place, kept=kept)
