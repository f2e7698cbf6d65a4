"""Dividing goods that are short among claims, one class of customers after the other; run by both engines."""

from __future__ import annotations

from esc_sim.allocations.registry import share_by_rule
from esc_sim.behaviours.accept import granted
from esc_sim.fields.sequences import Changing, Floats, Integers


def divide(
    rule: int,
    asked: Floats,
    classes: Integers,
    first: int,
    last: int,
    limit: float,
    offset: float,
    given: Changing,
) -> None:
    """Divide what there is among claims: nobody gets more than it asks for, nor all more than there is.

    Args:
        rule: number of the rule of allocation (``registry.SHARES``).
        asked: units that each claim asks for.
        classes: of customers, ascending from ``first`` to ``last``; the lowest has its claims first.
        first, last: the claims meant, from ``first`` to the one before ``last``.
        limit: what there is, units.
        offset: of the grid of goods.
        given: units for each claim, written.
    """
    while first < last:
        end = first
        while end < last and classes[end] == classes[first]:
            given[end] = 0.0
            end += 1
        share_by_rule(rule, asked, first, end, limit, offset, given)
        for k in range(first, end):
            given[k] = granted(given[k], asked[k], limit, offset)
            limit -= given[k]
        first = end
