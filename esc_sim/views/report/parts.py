"""What a report is made of: sections of words, tables and pictures. Texts are plain text; ``document`` escapes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Command:
    """A line to be typed."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        head: names of the columns.
        rows: cells; a first cell that begins with two blanks is a part of the row above.
        numbers: whether all columns but the first (and a last one named "unit") are numbers, set to the right.
        note: words below it.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: bool = True
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure: its file's content (PNG), and what it shows."""

    png: bytes
    caption: str


Part = Words | Command | Grid | Picture


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes:
        title: its title.
        kind: what was done: run, optimize.
        data: status of the data: measured, printed, calibrated, synthetic, assumed; empty when not known.
        data_note: where the data come from.
        sections: in order.
        question: what was asked, in words.
        answer: what came out, in a sentence or two.
        notices: what the reader must know.
    """

    title: str
    kind: str
    data: str
    data_note: str
    sections: Sequence[Section]
    notices: Sequence[str] = field(default_factory=list)
    question: str = ""
    answer: str = ""
