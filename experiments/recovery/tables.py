"""Tables of the study: spread over fresh networks beside the reference instance."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from esc_sim.storage.tables import write_rows
from experiments.recovery.study import Row

TABLES = Path(__file__).parent / "tables"
FRESH = "fresh networks"


def spread(rows: Iterable[Row], keys: Sequence[str], values: Sequence[str] = ("rn",)) -> list[Row]:
    """Rows of the fresh networks (or of several search seeds) brought together: n, and mean, sd, least and largest of
    each value, for every combination of the keys. The order of first appearance is kept."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        name = FRESH if str(row["network"]).startswith("fresh") else row["network"]
        groups.setdefault((name, *(row[key] for key in keys)), []).append(row)
    found = []
    for (name, *key), members in groups.items():
        line: Row = {"network": name, **dict(zip(keys, key, strict=True)), "n": len(members)}
        for value in values:
            numbers = [float(member[value]) for member in members]
            line[f"{value}_mean"] = round(statistics.fmean(numbers), 1)
            line[f"{value}_sd"] = round(statistics.stdev(numbers), 1) if len(numbers) > 1 else 0.0
            line[f"{value}_min"], line[f"{value}_max"] = round(min(numbers), 1), round(max(numbers), 1)
        found.append(line)
    return found


def write(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Write rows as NAME.csv in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / f"{name}.csv", rows)


def read(folder: Path, name: str) -> list[Row]:
    """Rows of NAME.csv in a folder, numbers as numbers; none where it is not there."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(file)]


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
