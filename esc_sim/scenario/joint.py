"""Joint disruptions: a table of cases with probabilities, one of which holds in each period or replication."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, model_validator

from esc_sim.disruptions.registry import CASES, CaseEffects, JointEffects, is_learnt
from esc_sim.errors import InputError
from esc_sim.fields.parts import Identifier, Part, Share
from esc_sim.scenario.cells import number_of, rows_of
from esc_sim.scenario.numerals import number_advice
from esc_sim.scenario.parts import DurationOrLaw

TOLERANCE = 1e-6
"""How far from 1 the sum of probabilities may be; they are divided by it."""
SPREAD = "demand_spread"
GROUPS = (*(case.key for _, case in CASES), SPREAD)
"""What a case sets; columns of a table are named health.NODE, price.NODE and so on."""
_SHARES = tuple(case.key for kind, case in CASES if kind.is_share)


class Chance(Part):
    """Of a case."""

    name: Identifier = Field(description="name of the case")
    probability: Share = Field(description="probability of this case; those of all cases sum to 1")


class JointCase(CaseEffects, Chance):
    """One case: what it leaves of capacities, and by what it multiplies prices, final demands and lead times."""


class JointDisruption(JointEffects):
    """Exactly one of several cases is drawn, for each period or for the whole replication."""

    name: Identifier = Field(description="name of the disruption, unlike any other")
    drawn: Literal["period", "replication"] = Field(default="period", description="how often a case is drawn")
    cases: list[JointCase] = Field(default=[], description="the cases; their probabilities sum to 1")
    table: str | None = Field(
        default=None,
        description=f"CSV file with the cases instead: case, probability, {'.NODE, '.join(GROUPS)}.NODE",
    )
    known_after: DurationOrLaw | None = Field(
        default=None,
        description="when buyers learn that a case holds, and of its end: so long after it; default that of rules",
    )

    @model_validator(mode="after")
    def _a_law(self) -> JointDisruption:
        if not self.cases:
            raise ValueError("give cases, or the name of a table of cases beside scenario.yaml")
        if self.table is not None:
            raise ValueError("give cases or a table, not both")
        if self.known_after is not None and not any(is_learnt(case.touched(self)) for _, case in CASES):
            raise ValueError("known_after is for what buyers are to learn of: nodes that cannot ship")
        names = [case.name for case in self.cases]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"case '{name}' is given twice")
        total = sum(case.probability for case in self.cases)
        if abs(total - 1.0) > TOLERANCE:
            raise ValueError(f"the cases' probabilities sum to {total:.9g}; they must sum to 1")
        return self

    @property
    def hinders_buyers(self) -> bool:
        """Whether a case hits what contracts rest on: what nodes can ship."""
        learnt = [case.key for _, case in CASES if is_learnt(case.touched(self))]
        return any(getattr(case, key) for case in self.cases for key in learnt)


def read_cases(text: str, source: str) -> list[dict[str, Any]]:
    """Cases from a table: columns case, probability, and health.NODE, price.NODE and so on where wanted.

    Args:
        text: the whole text, separated by commas, semicolons or tabs (as its first row is).
        source: the file's name, for messages.

    Raises:
        InputError: columns of another kind, cells that are no numbers or out of range, each with its line.
    """
    rows = rows_of(text, source, lambda cells: "case" in cells and "probability" in cells)
    columns = rows[0][1] if rows else []
    problems = [f"{source}:1: column '{name}' is missing" for name in ("case", "probability") if name not in columns]
    for name in columns:
        group, dot, node = name.partition(".")
        if name not in ("case", "probability") and (group not in GROUPS or not dot or not node):
            problems.append(
                f"{source}:1: column '{name}': columns are case, probability, {'.NODE, '.join(GROUPS)}.NODE"
            )
        if columns.count(name) > 1:
            problems.append(f"{source}:1: column '{name}' stands here twice")
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return _cases(rows, source)


def _cases(rows: list[tuple[int, list[str]]], source: str) -> list[dict[str, Any]]:
    columns, found, problems = rows[0][1], [], []
    for line, cells in rows[1:]:
        if len(cells) != len(columns):
            problems.append(f"{source}:{line}: {len(cells)} cells, but the header names {len(columns)}")
            continue
        case: dict[str, Any] = {}
        for name, cell in zip(columns, cells, strict=True):
            if name == "case":
                case["name"] = cell
                continue
            group, _, node = name.partition(".")
            most = 1.0 if group in (*_SHARES, "probability") else math.inf
            value = number_of(cell)
            if value is None or not 0.0 <= value <= most:
                advice = number_advice(cell) if value is None else ""
                span = "of at least 0" if most == math.inf else "between 0 and 1"
                problems.append(f"{source}:{line}: column '{name}': the cell '{cell}' is no number {span}{advice}")
            elif node:
                case.setdefault(group, {})[node] = value
            else:
                case["probability"] = value
        found.append(case)
    if not found and not problems:
        problems.append(f"{source}: the table has no cases")
    if problems:
        raise InputError(problems)
    return found
