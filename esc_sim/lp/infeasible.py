"""Why a model has no solution: the limits that bind, found by elastic relaxation.

Each block of limits is relaxed in turn, at the least total change. If relaxing one block alone makes the model
feasible, its rows and the change they need are named; if none does, all limits are relaxed together
(Chinneck, Feasibility and Infeasibility in Optimization, 2008, ch. 6: elastic programs). A block whose rows all come
from one number of the user's (a budget, the level of demand) is relaxed by one common factor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.lp.solution import FloatArray

if TYPE_CHECKING:
    from esc_sim.lp.model import Assembled, BlockModel, Rows

SECONDS_PER_RELAXATION = 20.0
SHOWN = 5
SMALLEST = 1e-6
"""Relative change of a limit that counts."""


@dataclass(frozen=True)
class Binding:
    """A limit that would have to give way.

    Attributes:
        block: name of the block of rows.
        label: the row, such as ``budget[scenario=17]``, or the block if it moves as one.
        limit: what it limits, in words ("" if the block does not say).
        side: "upper" or "lower".
        value: the row's side now, in the user's units; nan for a block of different sides that moves as one.
        needed: the side it would need in the relaxation with the least total change of its block.
        alone: True when relaxing this block alone is enough, False when several blocks must give way together.
        factor: needed / value of a block that moves as one, else nan.
    """

    block: str
    label: str
    limit: str
    side: str
    value: float
    needed: float
    alone: bool
    factor: float = float("nan")

    def __str__(self) -> str:
        what = f"{self.label} ({self.limit})" if self.limit else self.label
        if math.isnan(self.value):
            verb = "rise" if self.factor > 1.0 else "fall"
            return f"{what}: would have to {verb} to {100.0 * self.factor:.6g} % of what it is"
        verb = "rise" if self.needed > self.value else "fall"
        return f"{what}: its {self.side} limit {self.value:.6g} would have to {verb} to {self.needed:.6g}"


class InfeasibleError(InputError):
    """No point satisfies all rows and bounds.

    Attributes:
        binding: the limits that bind; empty when no explanation was asked for.
    """

    def __init__(self, name: str, binding: Sequence[Binding]) -> None:
        self.binding = list(binding)
        super().__init__(_message(name, self.binding))


def explanation(model: BlockModel, data: Assembled) -> InfeasibleError:
    """The error that names the limits which bind.

    Args:
        model: the model, for names and units.
        data: its arrays as they stand (bounds may have been changed since assembly).
    """
    named = [r for r in model.row_blocks.values() if r.limit]
    soft = named or list(model.row_blocks.values())
    found: list[Binding] = []
    for block in soft:
        found.extend(_relaxed(data, [block], alone=True) or [])
    if not found:
        found = _relaxed(data, soft, alone=len(soft) == 1) or []
    if not found and named:
        found = _relaxed(data, list(model.row_blocks.values()), alone=False) or []
    return InfeasibleError(model.name, found)


def _relaxed(data: Assembled, blocks: Sequence[Rows], *, alone: bool) -> list[Binding] | None:
    """Least total change of the blocks' sides that makes the program feasible; None if none is found in time."""
    slacks = [s for b in blocks for s in _slacks(data, b)]
    used = _elastic(data, slacks) if slacks else None
    if used is None:
        return None
    return [_binding(data, s, amount, alone) for s, amount in zip(slacks, used, strict=True) if amount > SMALLEST]


@dataclass(frozen=True)
class _Slack:
    """One way to give way: rows that move, and by how much per unit of the slack (in the solver's units)."""

    block: Rows
    entries: NDArray[np.int64]
    rows: NDArray[np.int64]
    step: FloatArray
    lower: bool


def _slacks(data: Assembled, block: Rows) -> list[_Slack]:
    """The slacks of a block: one for all its rows if they move as one, else one a row; lower and upper sides apart.

    A unit of slack moves a side by its own size, so that changes are counted relative to the limits.
    """
    rows = block.positions.ravel()
    found: list[_Slack] = []
    for lower, side in ((True, data.row_lower), (False, data.row_upper)):
        there = np.flatnonzero(np.isfinite(side[rows]))
        if there.size == 0:
            continue
        size = np.abs(side[rows[there]])
        step = np.where(size > 0.0, size, 1.0)
        groups = [np.arange(there.size)] if block.together else [np.array([i]) for i in range(there.size)]
        found.extend(_Slack(block, there[g], rows[there[g]], step[g], lower) for g in groups)
    return found


def _binding(data: Assembled, slack: _Slack, amount: float, alone: bool) -> Binding:
    block, unit = slack.block, slack.block.unit
    side = data.row_lower if slack.lower else data.row_upper
    now = side[slack.rows]
    change = (-amount if slack.lower else amount) * slack.step
    value, needed, factor = float(now[0]) * unit, float(now[0] + change[0]) * unit, float("nan")
    label = block.name if block.together else block.label(int(slack.entries[0]))
    if block.together and now[0] != 0.0:
        factor = float((now[0] + change[0]) / now[0])
        if np.ptp(now) > 0.0:
            value = needed = float("nan")
    return Binding(block.name, label, block.limit, "lower" if slack.lower else "upper", value, needed, alone, factor)


def _elastic(data: Assembled, slacks: Sequence[_Slack]) -> FloatArray | None:
    """Minimise the summed slacks, shape (slacks,); None if the program stays infeasible."""
    from esc_sim.lp.problem import instance_of

    m, n = data.matrix.shape
    count = len(slacks)
    rows = np.concatenate([s.rows for s in slacks])
    columns = np.repeat(np.arange(count), [s.rows.size for s in slacks])
    values = np.concatenate([s.step if s.lower else -s.step for s in slacks])
    extra = sp.csc_array(sp.coo_array((values, (rows, columns)), shape=(m, count)))
    wide = replace(
        data,
        matrix=sp.csc_array(sp.hstack([data.matrix, extra])),
        cost=np.concatenate([np.zeros(n), np.ones(count)]),
        offset=0.0,
        lower=np.concatenate([data.lower, np.zeros(count)]),
        upper=np.concatenate([data.upper, np.full(count, np.inf)]),
        integer=np.concatenate([data.integer, np.zeros(count, dtype=bool)]),
    )
    h = instance_of(wide, relax=False)
    h.setOptionValue("time_limit", SECONDS_PER_RELAXATION)
    h.run()
    if h.getInfo().primal_solution_status != 2 or h.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None
    return np.asarray(h.getSolution().col_value)[n:]


def _message(name: str, binding: Sequence[Binding]) -> str:
    if not binding:
        return f"{name}: no plan meets every limit"
    alone = binding[0].alone
    lines = [
        f"{name}: no plan meets every limit. "
        + ("Any one of these changes alone would be enough:" if alone else "These would have to give way together:")
    ]
    for block in dict.fromkeys(b.block for b in binding):
        of_block = [b for b in binding if b.block == block]
        lines.extend(f"  {b}" for b in of_block[:SHOWN])
        if len(of_block) > SHOWN:
            lines.append(f"  ... and {len(of_block) - SHOWN} more rows of '{block}', to be changed with them")
    return "\n".join(lines)
