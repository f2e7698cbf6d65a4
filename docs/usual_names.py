"""Writes the page of the usual names of sheets and columns that an import recognises; docs/conf.py calls it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from esc_sim.importing.names import ANY, ROLES, TABLES, Usual, split  # noqa: E402

HEAD: Final = """(usual-names)=
# Usual names of sheets and columns

What `esc-sim import` recognises ([](../../guides/import.md)), made from the list that it reads. Case, accents, spaces,
underscores, plurals, units in a heading and the order of its words do not matter. More usual names stand first: where
two columns could be the same, the first in the list is. A table without a column in bold is refused.
"""


def page() -> str:
    """The page as Markdown."""
    roles = [f"| {role} | {_names(names)} |" for role, names in ROLES.items()]
    parts = [HEAD, *(part for table in TABLES for part in _table(table))]
    parts += ["## Roles of sites\n\n| Role | Words in a column of roles |\n|---|---|\n" + "\n".join(roles)]
    return "\n\n".join(parts) + "\n"


def _table(table: Usual) -> Iterator[str]:
    yield f"## `{table.key}`: {table.about}"
    yield "\n".join(
        f"- Sheets{'' if role == ANY else f', of members with the role {role}'}: {_names(names)}"
        for role, names in table.sheets.items()
    )
    rows = [
        f"| {f'**{concept.key}**' if concept.needed else concept.key} | {concept.kind} | {_names(concept.names)} |"
        for concept in table.concepts
    ]
    yield "| Column | Holds | Usual headings |\n|---|---|---|\n" + "\n".join(rows)


def _names(names: str) -> str:
    return ", ".join(dict.fromkeys(split(names)))
