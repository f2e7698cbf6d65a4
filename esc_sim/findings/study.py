"""Results of studies: searches, designs, sweeps, comparisons, restorations, stress tests."""

from __future__ import annotations

import csv
import io
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esc_sim.findings.drawings import Shown, keep_shown
from esc_sim.findings.finding import Finding
from esc_sim.findings.plots import Figures, save_figure, until_broken_off
from esc_sim.storage.files import write_text
from esc_sim.storage.tables import csv_text, restored

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Cells:
    """A table as it is written: names of the columns, and rows of cells."""

    header: Sequence[str]
    rows: Iterable[Sequence[Any]]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Cells:
        """Those of a data frame without its index."""
        return cls(list(map(str, frame.columns)), list(zip(*(frame[name].tolist() for name in frame), strict=True)))

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]]) -> Cells:
        """Those of rows by name, with the columns that the first one has."""
        return cls(list(rows[0]), [[row.get(name) for name in rows[0]] for row in rows]) if rows else cls([], [])

    @property
    def text(self) -> str:
        """The table as the content of a CSV file."""
        return csv_text(self.header, self.rows)


@dataclass(frozen=True)
class Kind:
    """What a kind of study leaves.

    Attributes:
        format_name: what the manifest of its folder calls it: "esc_sim sweep".
        words: what it is, for headings: "Sweep".
        indices: columns that are the index of each table, the main table first; () numbers the rows.
        numbered: what rows of a table without index are called, by table; "row" where it is not said.
    """

    format_name: str
    words: str
    indices: Mapping[str, tuple[str, ...]]
    numbered: Mapping[str, str]

    def frame(self, table: str, text: str) -> pd.DataFrame:
        """A table as a frame.

        Args:
            table: its name.
            text: it as CSV.
        """
        return table_frame(text, self.indices.get(table, ()), self.numbered.get(table, "row"))


class Study(Finding):
    """A finished study: its tables are the CSV files of its folder."""

    @property
    @abstractmethod
    def study_kind(self) -> Kind:
        """What the study leaves."""

    @property
    @abstractmethod
    def subject(self) -> str:
        """Title of what was studied."""

    @abstractmethod
    def written_tables(self) -> Mapping[str, Cells]:
        """What stands in its CSV files, by name without ending."""

    @property
    def format_name(self) -> str:
        """What its manifest calls it."""
        return self.study_kind.format_name

    @property
    def heading(self) -> str:
        """What was done on what."""
        return f"{self.study_kind.words}: {self.subject}"

    @cached_property
    def _frames(self) -> Mapping[str, pd.DataFrame]:
        kind, tables = self.study_kind, self.written_tables()
        return {name: kind.frame(name, tables[name].text) for name in in_order(kind, tables)}

    def tables_by_name(self) -> Mapping[str, pd.DataFrame]:
        """Its tables, the main one first; the same numbers as in its folder."""
        return self._frames

    def write_parts(self, folder: Path) -> None:
        """Write tables, figures, and how the study is displayed, into a folder."""
        for name, cells in self.written_tables().items():
            write_text(folder / f"{name}.csv", cells.text)
        figures = self.figures_by_name()
        for name in until_broken_off(figures):
            save_figure(figures[name](), folder / f"{name}.png")
        left_out = figures.left_out() if isinstance(figures, Figures) else {}
        keep_shown(folder, Shown(self.heading, self.shown_table(), list(self.tables_by_name()), figures, left_out))


def in_order(kind: Kind, tables: Iterable[str]) -> list[str]:
    """Names of tables, those that the kind names first, in its order."""
    names = list(tables)
    return [*(name for name in kind.indices if name in names), *(name for name in names if name not in kind.indices)]


def table_frame(text: str, index: Sequence[str] = (), numbered: str = "row") -> pd.DataFrame:
    """A CSV text as a frame; a column all of whose cells are numbers holds numbers.

    Args:
        text: the table as it is written.
        index: columns that become the index, as texts.
        numbered: name of the index where it is none of the columns.
    """
    import pandas as pd

    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        return pd.DataFrame()
    header, cells = rows[0], rows[1:]
    columns = {
        restored(name): column_of([row[place] for row in cells], keep_text=name in index)
        for place, name in enumerate(header)
    }
    frame = pd.DataFrame(columns)
    return frame.set_index(list(index)) if index else frame.rename_axis(index=numbered)


def column_of(cells: Sequence[str], *, keep_text: bool = False) -> Any:
    """Cells as numbers, as truth values, or as texts.

    Args:
        cells: of a column.
        keep_text: leave them texts, as names of nodes are that look like numbers.
    """
    import numpy as np

    if keep_text:
        return [restored(cell) for cell in cells]
    if cells and set(cells) <= {"True", "False"}:
        return [cell == "True" for cell in cells]
    if any("_" in cell for cell in cells):  # numpy takes 1_1 for a number
        return [restored(cell) for cell in cells]
    for dtype, nothing in ((np.int64, ""), (np.float64, "nan")):
        try:
            return np.array([cell or nothing for cell in cells]).astype(dtype)
        except (ValueError, OverflowError):
            continue
    return [restored(cell) for cell in cells]
