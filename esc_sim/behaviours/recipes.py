"""How often a recipe is run in a period, and what a run uses and makes."""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid


def runs_within(runs: float, amount: float, per_run: float) -> float:
    """The runs that an amount allows: of an input on hand, of room for an output, of energy.

    Args:
        runs: runs that all else allows.
        amount: what there is.
        per_run: what a run takes, above 0.
    """
    if amount <= 0.0:
        return 0.0
    most = amount / per_run
    if most < runs:
        return most
    return runs


def recipe_amount(per_run: float, runs: float, most: float, offset: float) -> float:
    """What so many runs use or make of a product, on the grid of goods, and never more than there is (or room for).

    Args:
        per_run: units per run.
        runs: number of runs, a real number.
        most: units that there are, or that there is room for.
        offset: of the grid of goods.
    """
    amount = to_grid(per_run * runs, offset)
    if amount > most:
        return most
    return amount
