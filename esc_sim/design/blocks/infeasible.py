"""Why a model has no solution: the limits that bind, found by elastic relaxation.

Each block of limits is relaxed in turn, at the least total change. If relaxing one block alone makes the model
feasible, its rows and the change they need are named; if none does, all limits are relaxed together
(Chinneck, Feasibility and Infeasibility in Optimization, 2008, ch. 6: elastic programs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
import scipy.sparse as sp

from esc_sim.design.blocks.solution import FloatArray
from esc_sim.errors import InputError

if TYPE_CHECKING:
    from esc_sim.design.blocks.model import Assembled, BlockModel, Rows

SECONDS_PER_RELAXATION = 20.0
SHOWN = 5


@dataclass(frozen=True)
class Binding:
    """One row that would have to give way.

    Attributes:
        block: name of the block of rows.
        label: the row, such as ``budget[scenario=17]``.
        limit: what it limits, in words ("" if the block does not say).
        side: "upper" or "lower".
        value: the row's side now, in the user's units.
        needed: the side it would need in the relaxation with the least total change of its block.
        alone: True when relaxing this block alone is enough, False when several blocks must give way together.
    """

    block: str
    label: str
    limit: str
    side: str
    value: float
    needed: float
    alone: bool

    def __str__(self) -> str:
        verb = "rise" if self.needed > self.value else "fall"
        what = f"{self.label} ({self.limit})" if self.limit else self.label
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
    rows = np.concatenate([b.positions.ravel() for b in blocks]) if blocks else np.empty(0, dtype=np.int64)
    if rows.size == 0:
        return None
    shortfall, excess = _elastic(data, rows)
    if shortfall is None or excess is None:
        return None
    found: list[Binding] = []
    offset = 0
    for block in blocks:
        for i, row in enumerate(block.positions.ravel()):
            down, up = shortfall[offset + i], excess[offset + i]
            if max(down, up) <= 1e-6 * max(1.0, _size(data, int(row))):
                continue
            side, value, change = "upper", data.row_upper[row], up
            if down > up:
                side, value, change = "lower", data.row_lower[row], -down
            now, needed = value * block.unit, (value + change) * block.unit
            found.append(Binding(block.name, block.label(i), block.limit, side, now, needed, alone))
        offset += block.positions.size
    return found


def _size(data: Assembled, row: int) -> float:
    sides = np.array([data.row_lower[row], data.row_upper[row]])
    return float(np.abs(sides[np.isfinite(sides)]).max(initial=0.0))


def _elastic(data: Assembled, rows: np.ndarray) -> tuple[FloatArray | None, FloatArray | None]:
    """Minimise the rows' violations, each relative to its limit: (how far below the lower, above the upper side)."""
    from dataclasses import replace

    from esc_sim.design.blocks.problem import _instance

    m, n = data.matrix.shape
    k = rows.size
    ones = np.ones(k)
    sizes = np.array([_size(data, int(row)) for row in rows])
    weight = 1.0 / np.where(sizes > 0.0, sizes, 1.0)
    slack = sp.csc_array(sp.coo_array((ones, (rows, np.arange(k))), shape=(m, k)))
    wide = replace(
        data,
        matrix=sp.csc_array(sp.hstack([data.matrix, slack, -slack])),
        cost=np.concatenate([np.zeros(n), weight, weight]),
        offset=0.0,
        lower=np.concatenate([data.lower, np.zeros(2 * k)]),
        upper=np.concatenate(
            [
                data.upper,
                np.where(np.isfinite(data.row_lower[rows]), np.inf, 0.0),
                np.where(np.isfinite(data.row_upper[rows]), np.inf, 0.0),
            ]
        ),
        integer=np.concatenate([data.integer, np.zeros(2 * k, dtype=bool)]),
    )
    h = _instance(wide, relax=False)
    h.setOptionValue("time_limit", SECONDS_PER_RELAXATION)
    h.run()
    if h.getInfo().primal_solution_status != 2 or h.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None, None
    x = np.asarray(h.getSolution().col_value)
    return x[n : n + k], x[n + k :]


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
