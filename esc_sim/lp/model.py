"""Index sets, blocks of variables and blocks of rows; their assembly into one sparse program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError
from esc_sim.lp.solution import FloatArray, Progress, Solution

if TYPE_CHECKING:
    from esc_sim.lp.problem import Problem

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """An index set: a name and the labels of its members, in order."""

    name: str
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Block:
    """A named block over index sets, with a place in the matrix.

    Attributes:
        name: the block's name.
        over: the index sets, one an axis.
        positions: columns (variables) or rows of the matrix, in the shape of the block.
        unit: user's units per solver's unit; the solver works on value / unit.
    """

    name: str
    over: tuple[Index, ...]
    positions: IntArray
    unit: float

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the index sets."""
        return tuple(len(i) for i in self.over)

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the index sets."""
        return tuple(i.name for i in self.over)

    def label(self, flat: int) -> str:
        """Readable name of one entry, such as ``demand[buyer=A3, scenario=7]``.

        Args:
            flat: position within the block, in C order.
        """
        if not self.over:
            return self.name
        place = np.unravel_index(flat, self.shape)
        parts = ", ".join(f"{i.name}={i.labels[int(p)]}" for i, p in zip(self.over, place, strict=True))
        return f"{self.name}[{parts}]"


@dataclass(frozen=True, eq=False)
class Variables(Block):
    """A block of variables (see `BlockModel.variables`).

    Attributes:
        lower, upper: bounds, of the block's shape, in the user's units.
        cost: objective coefficients, cost units per unit of the variable.
        integer: whole numbers only.
    """

    lower: FloatArray
    upper: FloatArray
    cost: FloatArray
    integer: bool


@dataclass(frozen=True, eq=False)
class Rows(Block):
    """A block of rows lower <= sum of terms <= upper (see `BlockModel.rows`); terms are added afterwards.

    Attributes:
        lower, upper: sides, of the block's shape, in the user's units.
        limit: what the rows limit, in words; "": nothing that a user could change.
        together: all sides come from one number of the user's.
        entries: rows, columns and coefficients of the terms added so far, by matrix position.
    """

    lower: FloatArray
    upper: FloatArray
    limit: str
    together: bool
    entries: list[tuple[IntArray, IntArray, FloatArray]] = field(default_factory=list)

    def add(self, block: Variables, coefficient: ArrayLike = 1.0, over: str | None = None) -> Rows:
        """Add coefficient * variable, summed over those of the variable's index sets that the rows do not have.

        Axes are matched by name, as in an einsum: rows over "scenario buyer" with a variable over "supplier buyer"
        take, in every scenario, the sum over suppliers.

        Args:
            block: variables.
            coefficient: a number, or an array over the index sets named by `over`.
            over: names of the coefficient's index sets, by default those of the variable.

        Returns:
            The same rows, so that terms can be chained.

        Raises:
            ValueError: index sets or shapes that do not fit.
        """
        values = np.asarray(coefficient, dtype=float)
        axes = () if values.ndim == 0 else (block.axes if over is None else tuple(over.split()))
        union = (*self.axes, *(a for a in block.axes if a not in self.axes))
        if len(axes) != values.ndim or any(a not in union for a in axes):
            term = f"rows {self.name!r}, term {block.name!r}"
            raise ValueError(f"{term}: a coefficient of shape {values.shape} over {axes} does not fit {union}")
        rows, columns, spread = np.broadcast_arrays(
            _aligned(self.positions, self.axes, union),
            _aligned(block.positions, block.axes, union),
            _aligned(values, axes, union),
        )
        return self.add_entries(rows, columns, spread)

    def add_matrix(self, block: Variables, matrix: Any) -> Rows:
        """Add matrix @ variables, both flattened in C order; for sums that follow arcs, time lags or other patterns.

        Args:
            block: variables.
            matrix: dense or SciPy sparse matrix of shape (rows of this block, variables of that block).
        """
        coo = sp.coo_array(matrix)
        if coo.shape != (self.positions.size, block.positions.size):
            raise ValueError(f"rows {self.name!r}, term {block.name!r}: matrix has shape {coo.shape}")
        return self.add_entries(self.positions.ravel()[coo.row], block.positions.ravel()[coo.col], coo.data)

    def add_entries(self, rows: ArrayLike, columns: ArrayLike, coefficients: ArrayLike) -> Rows:
        """Add single coefficients at matrix positions (arrays that broadcast; taken from the blocks' `positions`).

        Args:
            rows: positions of the rows.
            columns: positions of the variables.
            coefficients: in the user's units of row and variable.

        Raises:
            InputError: a coefficient that is not a finite number.
        """
        values = np.asarray(coefficients, dtype=float)
        at, of, value = np.broadcast_arrays(np.asarray(rows), np.asarray(columns), values)
        kept = value.ravel() != 0.0
        value = value.ravel()[kept]
        if not np.isfinite(value).all():
            raise InputError(f"rows {self.name!r}: a coefficient is not a finite number")
        self.entries.append((at.ravel()[kept].astype(np.int64), of.ravel()[kept].astype(np.int64), value))
        return self


def _aligned(array: NDArray[Any], axes: tuple[str, ...], union: tuple[str, ...]) -> NDArray[Any]:
    """Array over `axes`, transposed and padded with axes of length 1 to the order of `union`."""
    order = sorted(range(len(axes)), key=lambda i: union.index(axes[i]))
    shape = iter(np.transpose(array, order).shape)
    return np.transpose(array, order).reshape([next(shape) if a in axes else 1 for a in union])


@dataclass(frozen=True)
class Assembled:
    """The program in the solver's units: min cost x + offset, row_lower <= A x <= row_upper, lower <= x <= upper.

    Attributes:
        matrix: A, rows by variables.
        cost: objective coefficient of each variable.
        offset: constant of the objective.
        lower, upper: bounds of the variables.
        integer: which variables are whole numbers.
        row_lower, row_upper: sides of the rows.
    """

    matrix: sp.csc_array
    cost: FloatArray
    offset: float
    lower: FloatArray
    upper: FloatArray
    integer: NDArray[np.bool_]
    row_lower: FloatArray
    row_upper: FloatArray


class BlockModel:
    """A linear or mixed-integer program, minimised, made of named blocks.

    Args:
        name: what is designed; opens messages.
        objective_unit: user's units of cost per unit of the solver's objective (1e6 for costs in millions). Scaling
            matters: with costs of 1e8 and binaries in one unscaled model solvers lose digits.
    """

    def __init__(self, name: str, objective_unit: float = 1.0) -> None:
        self.name = name
        self.objective_unit = float(objective_unit)
        self.constant = 0.0
        self.indexes: dict[str, Index] = {}
        self.variable_blocks: dict[str, Variables] = {}
        self.row_blocks: dict[str, Rows] = {}
        self._columns = 0
        self._rows = 0

    def index(self, name: str, labels: int | Sequence[object]) -> Index:
        """Declare an index set by its labels, or by a count (labels "0", "1", ...)."""
        if name in self.indexes:
            raise ValueError(f"index set {name!r} is declared twice")
        texts = tuple(str(i) for i in (range(labels) if isinstance(labels, int) else labels))
        self.indexes[name] = Index(name, texts)
        return self.indexes[name]

    def variables(
        self,
        name: str,
        over: str = "",
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        unit: float = 1.0,
        integer: bool = False,
    ) -> Variables:
        """Add a block of variables.

        Args:
            name: unique name.
            over: names of index sets, separated by blanks; "" for a single variable.
            lower: lower bounds, broadcast to the block's shape.
            upper: upper bounds, broadcast.
            cost: objective coefficients in cost units per unit of the variable, broadcast.
            unit: user's units per solver's unit (1e3 for quantities in thousands); 1 for integers.
            integer: whole numbers only.

        Raises:
            InputError: a bound or cost that is not a number, or a lower bound above its upper bound.
            ValueError: a name that is taken, or whole numbers with a unit.
        """
        if name in self.variable_blocks or (integer and unit != 1.0):
            raise ValueError(f"variables {name!r}: declared twice, or integers with a unit")
        sets = self._sets(over)
        shape = tuple(len(i) for i in sets)
        positions = np.arange(self._columns, self._columns + int(np.prod(shape)), dtype=np.int64).reshape(shape)
        low, high, price = _spread(lower, shape), _spread(upper, shape), _spread(cost, shape)
        block = Variables(name, sets, positions, float(unit), low, high, price, integer)
        _check_bounds(block, block.lower, block.upper)
        if not np.isfinite(block.cost).all():
            raise InputError(f"{self.name}: cost of {block.label(_first(~np.isfinite(block.cost)))} is not a number")
        self.variable_blocks[name] = block
        self._columns += positions.size
        return block

    def rows(
        self,
        name: str,
        over: str = "",
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
        unit: float = 1.0,
        limit: str = "",
        together: bool = False,
    ) -> Rows:
        """Add a block of rows; terms are added with `Rows.add`.

        Args:
            name: unique name.
            over: names of index sets, separated by blanks.
            lower: lower sides, broadcast to the block's shape (-inf: none).
            upper: upper sides, broadcast (inf: none).
            unit: user's units per solver's unit of the row.
            limit: what this row limits, in words, if it is a limit that a user could change ("budget of a scenario").
                An infeasible model is explained in terms of these limits (of all rows when no block names one).
            together: the sides of all rows come from one number of the user's, so that they give way as one.

        Raises:
            InputError: a side that is not a number, or a lower side above its upper one.
            ValueError: a name that is taken.
        """
        if name in self.row_blocks:
            raise ValueError(f"rows {name!r} are declared twice")
        sets = self._sets(over)
        shape = tuple(len(i) for i in sets)
        positions = np.arange(self._rows, self._rows + int(np.prod(shape)), dtype=np.int64).reshape(shape)
        block = Rows(name, sets, positions, float(unit), _spread(lower, shape), _spread(upper, shape), limit, together)
        _check_bounds(block, block.lower, block.upper)
        self.row_blocks[name] = block
        self._rows += positions.size
        return block

    def set_objective(self, costs: Mapping[str, ArrayLike], unit: float = 1.0) -> None:
        """Replace the whole objective.

        Args:
            costs: block name -> cost per unit of the variable, broadcast to the block's shape; other blocks cost 0.
            unit: objective unit.
        """
        self.objective_unit, self.constant = float(unit), 0.0
        for name, block in self.variable_blocks.items():
            block.cost[...] = np.asarray(costs.get(name, 0.0), dtype=float)

    def _sets(self, over: str) -> tuple[Index, ...]:
        return tuple(self.indexes[name] for name in over.split())

    def assemble(self) -> Assembled:
        """The whole program as arrays in the solver's units."""
        n, m = self._columns, self._rows
        column_unit, row_unit = np.ones(n), np.ones(m)
        lower, upper, cost = np.empty(n), np.empty(n), np.empty(n)
        integer = np.zeros(n, dtype=bool)
        for v in self.variable_blocks.values():
            at = v.positions.ravel()
            column_unit[at], integer[at] = v.unit, v.integer
            lower[at], upper[at], cost[at] = v.lower.ravel() / v.unit, v.upper.ravel() / v.unit, v.cost.ravel() * v.unit
        row_lower, row_upper = np.empty(m), np.empty(m)
        parts: list[tuple[IntArray, IntArray, FloatArray]] = []
        for r in self.row_blocks.values():
            at = r.positions.ravel()
            row_unit[at], row_lower[at], row_upper[at] = r.unit, r.lower.ravel() / r.unit, r.upper.ravel() / r.unit
            parts.extend(r.entries)
        rows, columns, values = (
            (np.concatenate([p[i] for p in parts]) for i in range(3)) if parts else (np.empty(0, np.int64),) * 3
        )
        values = values * column_unit[columns] / row_unit[rows]
        matrix = sp.csc_array(sp.coo_array((values, (rows, columns)), shape=(m, n)))
        matrix.sum_duplicates()
        scale = self.objective_unit
        return Assembled(matrix, cost / scale, self.constant / scale, lower, upper, integer, row_lower, row_upper)

    def compile(self, *, relax: bool = False) -> Problem:
        """Hand the model to HiGHS; the `Problem` can be changed and solved again, starting from where it stood.

        Args:
            relax: drop the integrality of all variables.
        """
        from esc_sim.lp.problem import Problem

        return Problem(self, relax=relax)

    def solve(
        self,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        start: Mapping[str, ArrayLike] | None = None,
        progress: Callable[[Progress], None] | None = None,
        relax: bool = False,
        explain: bool = True,
    ) -> Solution:
        """Compile and solve once; see `Problem.solve`.

        Args:
            gap: relative gap at which the search may stop.
            time_limit: seconds; None: no limit.
            start: values of variables to start from, by block.
            progress: told of bounds and solutions.
            relax: leave out that variables are whole numbers.
            explain: say which limits cannot be kept together, where there is no solution.
        """
        problem = self.compile(relax=relax)
        return problem.solve(gap=gap, time_limit=time_limit, start=start, progress=progress, explain=explain)


def _spread(values: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    return np.broadcast_to(np.asarray(values, dtype=float), shape).copy()


def _first(mask: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(mask.ravel())[0])


def _check_bounds(block: Block, lower: FloatArray, upper: FloatArray) -> None:
    """Refuse bounds that are not numbers or that cross, naming the first bad entry."""
    bad = np.isnan(lower) | np.isnan(upper) | (lower > upper) | (lower == np.inf) | (upper == -np.inf)
    if bad.any():
        i = _first(bad)
        low, high = lower.ravel()[i], upper.ravel()[i]
        raise InputError(f"{block.label(i)}: no value lies between lower bound {low:g} and upper bound {high:g}")
