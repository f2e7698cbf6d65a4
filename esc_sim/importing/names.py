"""The usual names of sheets and columns, read from ``usual_names.yaml`` beside this file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from esc_sim.importing.words import Words, words_of

Kind = Literal["text", "number", "time", "money", "date"]


@dataclass(frozen=True)
class Concept:
    """What a column may hold.

    Attributes:
        key: its name in a mapping file.
        kind: how its cells are read.
        names: usual headings, separated by commas.
        needed: a table without it is refused.
    """

    key: str
    kind: Kind
    names: str
    needed: bool = False


@dataclass(frozen=True)
class Usual:
    """A table that a workbook may hold.

    Attributes:
        key: its name in a mapping file.
        about: what a row of it is.
        sheets: usual names of its sheet, separated by commas, by the role that its members have.
        concepts: its columns.
    """

    key: str
    about: str
    sheets: dict[str, str]
    concepts: tuple[Concept, ...]


FILE = Path(__file__).with_name("usual_names.yaml")
_LIST: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
_LIST.pop("shared")
ROLES: dict[str, str] = _LIST.pop("roles")
"""Usual words for what a member is, by role."""


def _concept(key: str, entry: dict[str, Any]) -> Concept:
    names = entry["names"]
    listed = names if isinstance(names, str) else ", ".join(names)
    return Concept(key, entry["kind"], listed, entry.get("needed", False))


TABLES: tuple[Usual, ...] = tuple(
    Usual(key, entry["about"], entry["sheets"], tuple(_concept(*column) for column in entry["columns"].items()))
    for key, entry in _LIST.items()
)
BY_KEY = {table.key: table for table in TABLES}
ANY = "any"
"""Stands for the role where the name of a sheet says none."""


_LAST = 100
"""A heading such as 'Units' is rather that of the amounts than of what they are counted in."""


def split(names: str) -> Iterator[str]:
    """The single names of a list."""
    return (name.strip() for name in names.split(","))


def _by_words(names: str) -> dict[Words, int]:
    """Rank of each name: the first is the most usual."""
    found: dict[Words, int] = {}
    for rank, name in enumerate(split(names)):
        found.setdefault(words_of(name).words, rank)
    return found


_SHEETS = {
    words: (table.key, "" if role == ANY else role)
    for table in TABLES
    for role, names in table.sheets.items()
    for words in _by_words(names)
}  # fmt: skip
_COLUMNS = {(table.key, concept.key): _by_words(concept.names) for table in TABLES for concept in table.concepts}
_ROLES = {words: role for role, names in ROLES.items() for words in _by_words(names)}


def sheet_called(name: str) -> tuple[str, str, bool] | None:
    """Table and role of a sheet, and whether all of its name says so; None where nothing does."""
    words = words_of(name).words
    if words in _SHEETS:
        return (*_SHEETS[words], True)
    parts = [known for known in _SHEETS if known < words]
    best = max(parts, key=lambda known: (len(known), sorted(known)), default=None)
    tied = {_SHEETS[known] for known in parts if best is not None and len(known) == len(best)}
    return (*_SHEETS[best], False) if best is not None and len(tied) == 1 else None


def concepts_called(table: str, heading: str) -> list[tuple[int, str]]:
    """The columns of a table that a heading may name, each after how usual the name is for it (0: most)."""
    keys = [concept.key for concept in BY_KEY[table].concepts]
    found = words_of(heading)
    # 'Lead time (min)' is the shortest one where there is such a column, 'Capacity (max)' a capacity.
    for words in (found.qualified, found.words):
        called = [
            (_COLUMNS[table, key][words] + (_LAST if key == "unit" else 0), key)
            for key in keys
            if words in _COLUMNS[table, key]
        ]
        if called:
            return sorted(called)
    return []


def concept_of(table: str, key: str) -> Concept:
    """A column of a table."""
    return next(concept for concept in BY_KEY[table].concepts if concept.key == key)


def role_called(text: str) -> str | None:
    """The role that a word means; None for one that is not in the list."""
    return _ROLES.get(words_of(text).words)
