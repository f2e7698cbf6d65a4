"""The scenarios that are shipped, as the files that `esc-sim check` reads of each."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from esc_sim.scenario.reader import read_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
_WORKBOOK_CELLS = 2_000


@dataclass(frozen=True)
class Shipped:
    """A scenario as its files by name, and how often it is taken."""

    name: str
    files: dict[str, bytes]
    weight: float


@cache
def shipped() -> tuple[Shipped, ...]:
    """Every scenario of the folder `scenarios`, and those with small tables once more as a workbook.

    A large one is taken less often than a small one, by the root of its size.
    """
    found = []
    for folder in sorted(path for path in SCENARIOS.iterdir() if (path / "scenario.yaml").is_file()):
        read = read_scenario(folder)
        files = {str(file.relative_to(folder.resolve())): file.read_bytes() for file in read.files}
        found.append(_weighed(folder.name, files))
        tables = {name: raw.decode() for name, raw in files.items() if name.endswith(".csv")}
        if tables and sum(text.count(",") for text in tables.values()) < _WORKBOOK_CELLS:
            head = files["scenario.yaml"] + b"\ntables: book.xlsx\n"
            found.append(_weighed(f"{folder.name} (workbook)", {"scenario.yaml": head, "book.xlsx": _book(tables)}))
    return tuple(found)


def _weighed(name: str, files: dict[str, bytes]) -> Shipped:
    return Shipped(name, files, sum(map(len, files.values())) ** -0.5)


def _book(tables: dict[str, str]) -> bytes:
    """A workbook with a sheet for each table."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in tables.items():
        sheet = book.create_sheet(name.removesuffix(".csv"))
        for row in csv.reader(io.StringIO(text)):
            sheet.append([_cell(cell) for cell in row])
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _cell(text: str) -> float | str | None:
    try:
        return float(text)
    except ValueError:
        return text or None
