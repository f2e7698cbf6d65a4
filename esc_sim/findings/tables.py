"""Tables for papers: a frame as texts, in Markdown, in LaTeX."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from esc_sim.findings.plots import checked_names
from esc_sim.storage.tables import csv_text
from esc_sim.written import number

if TYPE_CHECKING:
    import pandas as pd

_LATEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "±": r"$\pm$",
        "\N{MINUS SIGN}": "$-$",
        "\n": " ",
        "\r": " ",
    }
)
_MARKDOWN: Final = str.maketrans(
    {"\\": r"\\", "|": r"\|", "`": r"\`", "*": r"\*", "_": r"\_", "<": "&lt;", ">": "&gt;", "[": r"\[", "]": r"\]",
     "\n": " ", "\r": " "}
)  # fmt: skip


def chosen_table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """A table by its name.

    Raises:
        InputError: there is no such table.
    """
    (found,) = checked_names([name], tables, "table")
    return tables[found]


def csv_of(frame: pd.DataFrame) -> str:
    """A frame as CSV, with a named index as columns."""
    flat = _flat(frame)
    return csv_text(list(map(str, flat.columns)), zip(*(flat[name].tolist() for name in flat), strict=True))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reset_index() if any(name is not None for name in frame.index.names) else frame


def read_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with a text for every cell, its named index as columns; numbers as people read them, nothing for nan."""
    import pandas as pd

    flat = _flat(frame)
    return pd.DataFrame({str(name): [words_of(value) for value in flat[name].tolist()] for name in flat}, dtype=object)


def words_of(value: Any) -> str:
    """A value for reading: 3,940,886 or 74.46; nothing for what has no value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if math.isnan(value) else number(value)
    return str(value)


def markdown_of(texts: pd.DataFrame) -> str:
    """A frame of texts as a table in Markdown; columns of numbers to the right."""
    rows = [list(map(str, texts.columns)), *texts.to_numpy().tolist()]
    marks = ["---:" if _is_number_column(texts[name].tolist()) else "---" for name in texts]
    lines = [[cell.translate(_MARKDOWN) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (lines[0], marks, *lines[1:])) + "\n"


def latex_of(texts: pd.DataFrame) -> str:
    """A frame of texts as a tabular with booktabs' rules; columns of numbers to the right."""
    layout = "".join("r" if _is_number_column(texts[name].tolist()) else "l" for name in texts)

    def row(cells: list[str]) -> str:
        return " & ".join(cell.translate(_LATEX) for cell in cells) + r" \\"

    return "\n".join(
        [
            rf"\begin{{tabular}}{{{layout}}}",
            r"\toprule",
            row(list(map(str, texts.columns))),
            r"\midrule",
            *(row(cells) for cells in texts.to_numpy().tolist()),
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _is_number_column(cells: list[str]) -> bool:
    """Whether what stands in a column begins with a number, wherever anything does."""
    filled = [cell.split(" ")[0].replace(",", "") for cell in cells if cell and cell != "-"]
    return bool(filled) and all(_is_number(cell) for cell in filled)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
