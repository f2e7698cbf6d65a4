"""The base of all results: whatever was found speaks in the same manner."""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import esc_sim
from esc_sim.findings.plots import Draw, Plots, draw_figures
from esc_sim.findings.tables import chosen_table, csv_of, latex_of, markdown_of, read_as_text
from esc_sim.storage.place import REPORT, Fill, claimed

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.findings.words import Word

MOST_SHOWN: Final = 40
"""Rows of a table that are displayed."""


class Finding(ABC):
    """Results of any kind.

    A kind says what it is called (``format_name``), which tables and figures it has (``tables_by_name``,
    ``figures_by_name``, the main one first) and what a folder of it holds (``folder_files``); the rest is the same for
    all of them.
    """

    @property
    @abstractmethod
    def format_name(self) -> str:
        """What the manifest of its folder calls it: "esc_sim run"."""

    @property
    @abstractmethod
    def heading(self) -> str:
        """A line that says what was found on what."""

    @abstractmethod
    def tables_by_name(self) -> Mapping[str, pd.DataFrame]:
        """All tables as frames with named indices, the main one first."""

    @abstractmethod
    def figures_by_name(self) -> Mapping[str, Draw]:
        """What draws each figure that there is something to show in."""

    @abstractmethod
    def folder_files(self) -> Fill:
        """What writes it into a folder."""

    def files_drawn(self) -> Collection[str]:
        """Names of files that may be drawn into its folder later."""
        return ()

    @property
    def frame(self) -> pd.DataFrame:
        """The main table."""
        return next(iter(self.tables_by_name().values()))

    def shown_table(self) -> pd.DataFrame:
        """The main table as it is displayed: a text for every cell."""
        return read_as_text(self.frame)

    @property
    def plot(self) -> Plots:
        """The figures, a method each: ``result.plot.cost_histogram()``; completion and ``dir`` name them.

        Every one returns a matplotlib figure and takes ``title`` (a text of your own; False: none), ``footer`` (False:
        none) and ``save`` (a path ending in .png, .pdf or .svg).
        """
        return Plots(self.figures_by_name())

    def draw(
        self,
        folder: str | os.PathLike[str],
        formats: Iterable[str] = ("png",),
        names: Iterable[str] | None = None,
        *,
        title: Word = None,
        footer: Word = None,
    ) -> list[Path]:
        """Draw figures into a folder, a file for each figure and format.

        Args:
            folder: where to; made if it does not exist.
            formats: of "png", "pdf", "svg".
            names: of the figures; default all that there are.
            title: a text of your own; False: none.
            footer: the same for the line that says where the numbers come from.

        Returns:
            The files written.

        Raises:
            InputError: an unknown figure or format, or a folder that cannot be written to.
        """
        return draw_figures(self.figures_by_name(), Path(folder), formats, names, title=title, footer=footer)

    def save(self, folder: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Write the folder that the command with ``--out`` writes; :func:`esc_sim.load_result` reads it back.

        Args:
            folder: where to; must not exist, or be empty.
            force: replace earlier results of the same kind.

        Returns:
            The folder.

        Raises:
            InputError: the folder must not be written to.
        """
        out = Path(folder)
        with claimed(out, kind=self.format_name, force=force, drawn=self.files_drawn()) as place:
            place.save(self.folder_files())
        return out

    def report(self, path: str | os.PathLike[str] = REPORT) -> Path:
        """Write one HTML file that tells all of it: what was asked, key figures, figures, provenance.

        Args:
            path: the file.

        Returns:
            The file.

        Raises:
            InputError: the file cannot be written.
        """
        with tempfile.TemporaryDirectory(prefix="esc-sim-report-") as folder:
            written: Path = esc_sim.from_above("write_report")(self.save(Path(folder) / "results"), Path(path))
        return written

    def to_csv(self, table: str | None = None) -> str:
        """A table as CSV, all numbers in full and its index as columns.

        Args:
            table: name of the table; default the main one.

        Raises:
            InputError: there is no such table.
        """
        return csv_of(self.frame if table is None else chosen_table(self.tables_by_name(), table))

    def to_markdown(self, table: str | None = None) -> str:
        """A table in Markdown.

        Args:
            table: name of the table; default the main one, as it is displayed.

        Raises:
            InputError: there is no such table.
        """
        return markdown_of(self._texts(table))

    def to_latex(self, table: str | None = None) -> str:
        """A table in LaTeX, with the rules of the package booktabs.

        Args:
            table: name of the table; default the main one, as it is displayed.

        Raises:
            InputError: there is no such table.
        """
        return latex_of(self._texts(table))

    def _texts(self, table: str | None) -> pd.DataFrame:
        if table is None:
            return self.shown_table()
        found = chosen_table(self.tables_by_name(), table)
        ends = [f"{name}_{end}" for name in found.columns for end in ("ci_low", "ci_high")]
        return read_as_text(found.drop(columns=ends, errors="ignore"))  # the ends of intervals are for programs

    def __repr__(self) -> str:
        shown = self.shown_table()
        lines = [self.heading, shown.head(MOST_SHOWN).to_string(index=False)]
        return "\n".join([*lines, *_more(len(shown))])

    def _repr_html_(self) -> str:
        shown = self.shown_table()
        table = shown.head(MOST_SHOWN).to_html(index=False, border=0, escape=True)
        below = "".join(f"<p>{escape(line)}</p>" for line in _more(len(shown)))
        return f"<p><b>{escape(self.heading)}</b></p>{table}{below}"


def _more(rows: int) -> list[str]:
    return [f"... and {rows - MOST_SHOWN:,} rows more"] if rows > MOST_SHOWN else []
