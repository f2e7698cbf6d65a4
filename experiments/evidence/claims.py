"""Claims judged over fresh instances: share on which each holds, with its interval, and the figure it speaks of."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from scipy.stats import binomtest

from esc_sim.storage.tables import write_rows

TABLES: Final = Path(__file__).resolve().parent / "tables"
MOST: Final = 0.8
"""Share of instances that the whole interval must reach for a claim to hold."""
HALF: Final = 0.5
"""Share that it must reach for a claim to hold in part; a claim fails where all of the interval is below."""
Measured = Mapping[str, float | str]
"""What was measured on one instance, by name; an empty text where there was no plan."""


@dataclass(frozen=True)
class Claim:
    """What a paper claims of its one instance, as a question to any instance.

    Attributes:
        words: the claim.
        paper: what the paper prints, or "".
        holds: whether it holds on an instance.
        needs: names of measured values without which the claim says nothing; instances that lack one are left out.
        figure: name of the measured value whose median and range are shown, or "".
    """

    words: str
    paper: str
    holds: Callable[[Measured], bool]
    needs: tuple[str, ...]
    figure: str = ""


def summary(claims: Sequence[Claim], instances: Sequence[Measured]) -> list[dict[str, object]]:
    """A row for each claim: instances judged, share that holds with its 95 % Clopper-Pearson interval, median, range.

    Args:
        claims: what is claimed.
        instances: what was measured on each.
    """
    rows: list[dict[str, object]] = []
    for claim in claims:
        needed = [name for name in (*claim.needs, claim.figure) if name]
        judged = [found for found in instances if all(found[name] != "" for name in needed)]
        row: dict[str, object] = {"claim": claim.words, "paper": claim.paper, "instances": len(judged)}
        if judged:
            held = sum(claim.holds(found) for found in judged)
            interval = binomtest(held, len(judged)).proportion_ci(0.95, method="exact")
            row |= {"holds": held, "share": held / len(judged), "low": interval.low, "high": interval.high}
            row["verdict"] = verdict(interval.low, interval.high)
        values = [number(found, claim.figure) for found in judged] if claim.figure else []
        if values:
            row |= {"figure": claim.figure, "median": statistics.median(values), "least": min(values)}
            row["most"] = max(values)
        rows.append({name: _short(row.get(name, "")) for name in HEADER})
    return rows


HEADER: Final = (
    "claim", "paper", "instances", "holds", "share", "low", "high", "verdict", "figure", "median", "least", "most",
)  # fmt: skip


def ledger_row(row: Mapping[str, str], study: str) -> str:
    """A row of :func:`summary`, as read from its table, as the ledger has it (experiments/README.md).

    Args:
        row: texts by column.
        study: name of the study, as the command takes it.
    """
    if row["share"] == "":
        cells = ["-", "-", f"`V {study}`", "not shown: no instance has the plans that it needs"]
    else:
        low, high = (f"{100.0 * float(row[end]):.0f}" for end in ("low", "high"))
        held = f"{row['holds']} of {row['instances']} ({low} to {high} %)"
        middle, least, most = (_digits(row[name]) for name in ("median", "least", "most"))
        figure = f"{row['figure']}: {middle} ({least} to {most})" if row["figure"] else "-"
        cells = [held, figure, f"`V {study}`", row["verdict"]]
    return "| " + " | ".join([row["claim"], row["paper"] or "-", *cells]) + " |"


def _digits(text: str) -> str:
    """A number with three or four digits, or whole."""
    if text == "":
        return ""
    size = abs(float(text))
    return f"{float(text):,.0f}" if size >= 1000.0 else f"{float(text):.{1 if size >= 10.0 else 2}f}"


def verdict(low: float, high: float) -> str:
    """The word for a share whose interval is from low to high.

    An interval on both sides of a half says neither that the claim holds nor that it fails.
    """
    if high < HALF:
        return "fails"
    return "holds" if low >= MOST else "holds in part" if low >= HALF else "not shown"


def number(found: Measured, name: str) -> float:
    """A measured number."""
    return float(found[name])


def below(less: str, more: str) -> Callable[[Measured], bool]:
    """The question whether one measured value lies below another."""
    return lambda found: number(found, less) < number(found, more)


def falls(found: Measured, *names: str) -> bool:
    """Whether the values fall from each to the next."""
    values = [number(found, name) for name in names]
    return all(later < earlier for earlier, later in pairwise(values))


def write(name: str, rows: Sequence[Mapping[str, object]], folder: Path) -> None:
    """Write rows as NAME.csv and say so."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / f"{name}.csv", [{key: _short(value) for key, value in row.items()} for row in rows])
    print(folder.name + f"/{name}.csv", flush=True)


def read(name: str, folder: Path = TABLES) -> list[dict[str, str]]:
    """Rows of NAME.csv."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _short(value: object) -> object:
    return float(f"{value:.7g}") if isinstance(value, float) else value
