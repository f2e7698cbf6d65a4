"""Writes the tables of docs/background/measures.md from what measures declare: python docs/measures.py."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from esc_sim.measures import circular, goods, losses, money, recovery, service, tails, tiers  # noqa: E402
from esc_sim.measures.measure import Declaration  # noqa: E402
from esc_sim.measures.terms import Terms  # noqa: E402

PAGE: Final = ROOT / "docs" / "background" / "measures.md"
HEAD: Final = ("Name", "Symbol and definition", "Range", "Unit", "Better", "In the literature", "Declared in")

Declared = tuple[Declaration, str]


def _of(module: object, measures: Sequence[Declaration]) -> list[Declared]:
    return [(measure, str(vars(module)["__name__"]).removeprefix("esc_sim.")) for measure in measures]


_SERVICE: Final = {measure.name for measure in service.MEASURES}
GROUPS: Final[Mapping[str, Sequence[Declared]]] = {
    "Service to customers": _of(service, service.MEASURES),
    "Money": _of(money, money.MEASURES),
    "Goods, energy, emissions": _of(goods, [*goods.MEASURES, goods.SHARE_FROM_CLOSED]),
    "Risk and resilience": [
        *_of(tails, tails.MEASURES), *_of(losses, losses.MEASURES), *_of(recovery, recovery.MEASURES),
    ],
    "Circular flows": _of(circular, circular.MEASURES),
    # The fill rate of a tier stands in the words below the first table.
    "By tier": _of(tiers, [measure for measure in tiers.MEASURES if measure.name not in _SERVICE]),
}  # fmt: skip
"""Measures by the heading of their table."""


def range_words(limits: tuple[float | None, float | None]) -> str:
    """A range in words."""
    low, high = limits
    if low is None:
        return "any" if high is None else f"up to {high:g}"
    return f"{low:g} and more" if high is None else f"{low:g} to {high:g}"


def row(measure: Declaration, module: str) -> str:
    """A line of a table."""
    unit = measure.unit_words(Terms(period="period")).replace("/", " per ")
    unit = f"{unit} per year" if "{a_year}" in measure.unit else unit
    cells = (
        f"`{measure.name}`", measure.definition, range_words(measure.range), unit, measure.better or "",
        measure.literature, f"`{module}`",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def table(declared: Sequence[Declared]) -> list[str]:
    """The lines of a table."""
    return [
        f"| {' | '.join(HEAD)} |",
        f"|{'---|' * len(HEAD)}",
        *(row(measure, module) for measure, module in declared),
    ]


def filled(text: str) -> str:
    """The page with the first table under each heading replaced by what is declared."""
    lines, heading, done = [], "", set()
    for is_table, group in groupby(text.splitlines(), key=lambda line: line.startswith("|")):
        block = list(group)
        if is_table and heading in GROUPS and heading not in done:
            done.add(heading)
            block = table(GROUPS[heading])
        lines += block
        for line in block:
            found = re.fullmatch(r"## (.+)", line)
            heading = found[1] if found else heading
    if done != set(GROUPS):
        raise ValueError(f"no table under {', '.join(set(GROUPS) - done)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
