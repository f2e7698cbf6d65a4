"""A compiled model inside HiGHS: solve, change, solve again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from esc_sim.errors import EscSimError, InputError
from esc_sim.lp.infeasible import InfeasibleError, explanation
from esc_sim.lp.solution import FloatArray, Progress, Solution, Status, ended, relative_gap

if TYPE_CHECKING:
    from esc_sim.lp.model import Assembled, BlockModel, IntArray, Rows, Variables

SMALL = 20_000
"""Non-zeros below which a linear program is solved in the caller's thread."""

_STATUS = highspy.HighsModelStatus
_STOPS: dict[Any, Status] = {
    _STATUS.kOptimal: "optimal",
    _STATUS.kTimeLimit: "time limit",
    _STATUS.kInterrupt: "stopped",
    _STATUS.kIterationLimit: "stopped",
    _STATUS.kSolutionLimit: "stopped",
}


class UnboundedError(InputError):
    """The cost can fall without limit."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: the cost can fall without limit; check the signs of costs and prices")


class Problem:
    """A `BlockModel` compiled into HiGHS. All quantities going in and out are in the user's units.

    Args:
        model: the model; later changes to it do not reach the problem.
        relax: solve the linear relaxation.
    """

    def __init__(self, model: BlockModel, *, relax: bool = False) -> None:
        self.model = model
        self.data: Assembled = model.assemble()
        self.relaxed = relax or not self.data.integer.any()
        self._cuts: list[tuple[IntArray, FloatArray, float, float]] = []
        self._highs: Any = instance_of(self.data, relax=self.relaxed)

    def solve(
        self,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        start: Mapping[str, ArrayLike] | None = None,
        progress: Callable[[Progress], None] | None = None,
        explain: bool = True,
    ) -> Solution:
        """Minimise.

        Ctrl-C stops the solver within a moment and raises KeyboardInterrupt; the problem can be solved again.

        Args:
            gap: relative gap at which a mixed-integer search may stop.
            time_limit: seconds for the search, or None.
            start: a known point of a mixed-integer program, by block name; integers suffice, the rest is completed.
            progress: called with a `Progress` while a mixed-integer search runs, from the solver's thread.
            explain: say in the error of an infeasible model which limits bind (a few more solves).

        Raises:
            InfeasibleError: no point satisfies all rows and bounds (an InputError).
            UnboundedError: the cost can fall without limit (an InputError).
            EscSimError: the solver failed numerically.
        """
        begin = time.perf_counter()
        h = self._highs
        h.setOptionValue("mip_rel_gap", gap)
        h.setOptionValue("mip_abs_gap", 0.0)
        h.setOptionValue("time_limit", time_limit if time_limit is not None else np.inf)
        if start is not None and not self.relaxed:
            self._pass_start(start)
        return self._result(self._stopped(progress, explain), begin, gap)

    def optimum(self) -> float:
        """The least cost of a linear program alone, without the point that has it: much quicker for small changes.

        Raises:
            InfeasibleError, UnboundedError, EscSimError: as :meth:`solve`; an infeasible model is not explained.
        """
        if not self.relaxed:
            raise ValueError(f"{self.model.name}: has whole numbers; solve it")
        status = self._stopped(None, False)
        if status != "optimal":
            raise EscSimError(f"{self.model.name}: the solver stopped before it was done ({status})")
        return float(self._highs.getInfo().objective_function_value * self.model.objective_unit)

    def _stopped(self, progress: Callable[[Progress], None] | None, explain: bool) -> Status:
        """Run the solver until it stops, and again where that helps."""
        h = self._highs
        self._run(progress)
        status = h.getModelStatus()
        if status in (
            _STATUS.kUnknown,
            _STATUS.kSolveError,
        ):  # a start from the last basis may fail where a fresh one does not
            h.clearSolver()
            self._run(progress)
            status = h.getModelStatus()
        if status == _STATUS.kUnboundedOrInfeasible:
            _, presolve = h.getOptionValue("presolve")
            h.setOptionValue("presolve", "off")
            self._run(None)
            h.setOptionValue("presolve", presolve)
            status = h.getModelStatus()
        if status == _STATUS.kInfeasible:
            raise explanation(self.model, self._as_solved()) if explain else InfeasibleError(self.model.name, [])
        if status == _STATUS.kUnbounded:
            raise UnboundedError(self.model.name)
        if status not in _STOPS:
            raise EscSimError(f"{self.model.name}: the solver stopped with '{h.modelStatusToString(status)}'")
        return _STOPS[status]

    def without_presolve(self) -> None:
        """Skip presolve in later solves: they start from the last basis, and infeasibility leaves a dual ray."""
        self._highs.setOptionValue("presolve", "off")

    def by_interior_point(self, *, on: bool = True) -> None:
        """Solve linear programs by the interior point method, or again as HiGHS chooses.

        Programs over many periods are often solved several times quicker by it; from a basis, the simplex method is.
        """
        self._highs.setOptionValue("solver", "ipm" if on else "choose")

    @property
    def basis(self) -> Any:
        """The basis of the last solve, for :meth:`start_from`."""
        return self._highs.getBasis()

    def start_from(self, basis: Any) -> None:
        """Start the next solve from a basis and from nothing else, so that what it finds depends on no other solve."""
        self._highs.clearSolver()  # weights and factors of the last solve would show in the last digits
        self._highs.setBasis(basis)

    def forget(self) -> None:
        """Start the next solve afresh, so that which of several best points it finds depends on the data alone."""
        self._highs.clearSolver()

    def without_heuristics(self) -> None:
        """Search for the bound only: HiGHS's sub-searches for better points, which may take most of the time, are off.

        For programs with few integers, whose points come from the relaxation by themselves.
        """
        self._highs.setOptionValue("mip_heuristic_effort", 0.0)
        for name in ("rins", "rens", "root_reduced_cost", "feasibility_jump"):
            self._highs.setOptionValue(f"mip_heuristic_run_{name}", False)

    def set_bounds(self, name: str, lower: ArrayLike | None = None, upper: ArrayLike | None = None) -> None:
        """Change the bounds of a block of variables (None leaves a side as it is); broadcast to its shape.

        Args:
            name: name of the block.
            lower: new lower bounds.
            upper: new upper bounds.
        """
        block = self.model.variable_blocks[name]
        at = block.positions.ravel()
        _change(self.data.lower, self.data.upper, block, lower, upper)
        self._highs.changeColsBounds(at.size, at.astype(np.int32), self.data.lower[at], self.data.upper[at])

    def set_row_bounds(self, name: str, lower: ArrayLike | None = None, upper: ArrayLike | None = None) -> None:
        """Change the sides of a block of rows (None leaves a side as it is); broadcast to its shape.

        Args:
            name: name of the block.
            lower: new lower sides.
            upper: new upper sides.
        """
        block = self.model.row_blocks[name]
        at = block.positions.ravel()
        _change(self.data.row_lower, self.data.row_upper, block, lower, upper)
        self._highs.changeRowsBounds(at.size, at.astype(np.int32), self.data.row_lower[at], self.data.row_upper[at])

    def set_cost(self, name: str, cost: ArrayLike) -> None:
        """Change the cost of a block of variables, in cost units per unit of the variable; broadcast to its shape."""
        block = self.model.variable_blocks[name]
        at = block.positions.ravel()
        values = np.broadcast_to(np.asarray(cost, dtype=float), block.shape).ravel()
        self.data.cost[at] = values * block.unit / self.model.objective_unit
        self._highs.changeColsCost(at.size, at.astype(np.int32), self.data.cost[at])

    def add_cut(self, terms: Mapping[str, ArrayLike], lower: float = -np.inf, upper: float = np.inf) -> None:
        """Add one row lower <= sum of terms <= upper that belongs to no block (a Benders cut).

        Args:
            terms: block name -> coefficients, in the shape of the block.
            lower: lower side, in the units in which the coefficients times the variables are given.
            upper: upper side.
        """
        columns, values = [], []
        for name, coefficients in terms.items():
            block = self.model.variable_blocks[name]
            spread = np.broadcast_to(np.asarray(coefficients, dtype=float), block.shape).ravel() * block.unit
            kept = np.flatnonzero(spread)
            columns.append(block.positions.ravel()[kept])
            values.append(spread[kept])
        at, value = np.concatenate(columns), np.concatenate(values)
        size = float(np.abs(value).max()) if value.size else 1.0
        self._cuts.append((at, value / size, lower / size, upper / size))
        self._highs.addRow(lower / size, upper / size, at.size, at.astype(np.int32), value / size)

    def dual_ray(self) -> dict[str, FloatArray] | None:
        """After an infeasible solve of a linear program: multipliers y of the rows that prove it, by block name.

        For every x within its bounds, y A x stays above what y times the rows' sides allows (a Farkas certificate).
        In the user's units: multiply by a row's change of side to see whether it helps. None when there is none.
        """
        _, exists, ray = self._highs.getDualRay()
        return self._rows_by_block(np.asarray(ray), 1.0) if exists else None

    def _pass_start(self, start: Mapping[str, ArrayLike]) -> None:
        at, values = [], []
        for name, given in start.items():
            block = self.model.variable_blocks[name]
            at.append(block.positions.ravel())
            values.append(np.broadcast_to(np.asarray(given, dtype=float), block.shape).ravel() / block.unit)
        columns = np.concatenate(at)
        self._highs.setSolution(columns.size, columns.astype(np.int32), np.concatenate(values))

    def _run(self, progress: Callable[[Progress], None] | None) -> None:
        """Run HiGHS in a thread of its own, so that Ctrl-C reaches this one.

        Small linear programs run right here: they end before anybody could press a key, and a thread costs more.
        """
        h, begin = self._highs, time.perf_counter()
        if self.relaxed and self.data.matrix.nnz < SMALL:
            h.run()
            return
        stop = threading.Event()
        errors: list[BaseException] = []

        def watch(event: Any) -> None:
            event.interrupt(stop.is_set())  # always set: HiGHS keeps the flag from one run to the next

        def report(event: Any) -> None:
            out, unit = event.data_out, self.model.objective_unit
            best, bound = out.mip_primal_bound * unit, out.mip_dual_bound * unit
            try:
                assert progress is not None
                gap = relative_gap(best, bound)
                progress(Progress(time.perf_counter() - begin, best, bound, gap, int(out.mip_node_count)))
            except BaseException as error:  # it must not unwind through the solver's C++ frames
                errors.append(error)
                stop.set()

        handlers = [(c, watch) for c in (h.cbSimplexInterrupt, h.cbIpmInterrupt, h.cbMipInterrupt)]
        if progress is not None and not self.relaxed:
            handlers += [(h.cbMipImprovingSolution, report), (h.cbMipLogging, report)]
        for callback, handler in handlers:
            callback.subscribe(handler)
        try:
            _run_beside(h, stop)
        finally:
            for callback, handler in handlers:
                callback.unsubscribe(handler)
        if errors:
            raise errors[0]

    def _result(self, status: Status, begin: float, wanted: float) -> Solution:
        h, unit = self._highs, self.model.objective_unit
        info = h.getInfo()
        found = info.primal_solution_status == 2
        bound = info.objective_function_value if self.relaxed else info.mip_dual_bound
        if not found:
            spent = time.perf_counter() - begin
            return Solution(status, np.inf, bound * unit, np.inf, spent, max(int(info.mip_node_count), 0))
        point = h.getSolution()
        x = np.asarray(point.col_value)
        duals: tuple[FloatArray, FloatArray] | None = None
        objective = info.objective_function_value
        if self.relaxed:
            duals = np.asarray(point.row_dual), np.asarray(point.col_dual)
        else:
            # Integers come back within 1e-6: round them and solve the rest again, for clean values and for duals.
            polished = self._polished(x)
            if polished is not None:
                x, objective, duals = polished
        gap = 0.0 if self.relaxed and status == "optimal" else relative_gap(objective, bound)
        status = ended(status, gap, wanted)
        values = {
            v.name: (np.rint(x[v.positions]) if v.integer and not self.relaxed else x[v.positions]) * v.unit
            for v in self.model.variable_blocks.values()
        }
        nodes = 0 if self.relaxed else int(info.mip_node_count)
        result = Solution(status, objective * unit, bound * unit, gap, time.perf_counter() - begin, nodes, values)
        if duals is None:
            return result
        reduced = {v.name: duals[1][v.positions] * unit / v.unit for v in self.model.variable_blocks.values()}
        return replace(result, duals=self._rows_by_block(duals[0], unit), reduced_costs=reduced)

    def _polished(self, x: FloatArray) -> tuple[FloatArray, float, tuple[FloatArray, FloatArray]] | None:
        """The linear program at the rounded integers: (x, objective, (row duals, reduced costs)), if it is feasible."""
        d = self._as_solved()
        fixed = np.rint(x)
        lower, upper = np.where(d.integer, fixed, d.lower), np.where(d.integer, fixed, d.upper)
        h = instance_of(replace(d, lower=lower, upper=upper), relax=True)
        h.run()
        if h.getModelStatus() != _STATUS.kOptimal:
            return None
        point = h.getSolution()
        duals = np.asarray(point.row_dual), np.asarray(point.col_dual)
        return np.asarray(point.col_value), h.getInfo().objective_function_value, duals

    def _as_solved(self) -> Assembled:
        """The program as it stands in the solver, with its cuts as last rows."""
        d = replace(self.data, integer=np.zeros_like(self.data.integer)) if self.relaxed else self.data
        if not self._cuts:
            return d
        counts = [at.size for at, *_ in self._cuts]
        rows = np.repeat(np.arange(len(counts)), counts)
        columns, values = (np.concatenate([c[i] for c in self._cuts]) for i in (0, 1))
        extra = sp.csc_array(sp.coo_array((values, (rows, columns)), shape=(len(counts), d.matrix.shape[1])))
        return replace(
            d,
            matrix=sp.csc_array(sp.vstack([d.matrix, extra])),
            row_lower=np.append(d.row_lower, [c[2] for c in self._cuts]),
            row_upper=np.append(d.row_upper, [c[3] for c in self._cuts]),
        )

    def _rows_by_block(self, values: FloatArray, unit: float) -> dict[str, FloatArray]:
        return {r.name: values[r.positions] * unit / r.unit for r in self.model.row_blocks.values()}


def _run_beside(h: Any, stop: threading.Event) -> None:
    """Run HiGHS in a thread of its own; on Ctrl-C stop it first.

    Its own ``startSolve`` has one lock for all instances, so that programs could not be solved side by side.
    """
    done = threading.Event()  # a thread whose join was interrupted counts as ended, though it still runs

    def work() -> None:
        try:
            h.run()
            h.resetGlobalScheduler(False)  # what helped this thread goes with it
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    try:
        while not done.wait(0.1):
            pass
    except KeyboardInterrupt:
        stop.set()
        done.wait()
        raise


def _change(
    lower: FloatArray,
    upper: FloatArray,
    block: Variables | Rows,
    new_lower: ArrayLike | None,
    new_upper: ArrayLike | None,
) -> None:
    at = block.positions.ravel()
    for side, given in ((lower, new_lower), (upper, new_upper)):
        if given is not None:
            side[at] = np.broadcast_to(np.asarray(given, dtype=float), block.shape).ravel() / block.unit


def instance_of(data: Assembled, *, relax: bool) -> highspy.Highs:
    """A quiet HiGHS instance holding the program."""
    m, n = data.matrix.shape
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, m
    lp.col_cost_, lp.offset_ = data.cost, data.offset
    lp.col_lower_, lp.col_upper_ = data.lower, data.upper
    lp.row_lower_, lp.row_upper_ = data.row_lower, data.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = data.matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = data.matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = data.matrix.data
    if not relax and data.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(i)] for i in data.integer]
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    if h.passModel(lp) == highspy.HighsStatus.kError:
        raise EscSimError("the solver refused the model: a bound, cost or coefficient is out of range")
    return h
