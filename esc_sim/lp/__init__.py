"""A small sparse builder of linear and mixed-integer programs over HiGHS.

A model is made of named blocks: index sets, blocks of variables over index sets, blocks of rows over index sets.
The matrix is assembled with NumPy broadcasting and handed to HiGHS in one piece.

Example (a transport problem; two sources, three sinks):

    >>> import numpy as np
    >>> from esc_sim.lp import BlockModel
    >>> model = BlockModel("transport")
    >>> _ = model.index("source", ["north", "south"])
    >>> _ = model.index("sink", ["a", "b", "c"])
    >>> ship = model.variables("ship", "source sink", cost=np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    >>> _ = model.rows("supply", "source", upper=[40.0, 60.0]).add(ship)
    >>> _ = model.rows("demand", "sink", lower=[30.0, 20.0, 45.0]).add(ship)
    >>> solution = model.solve()
    >>> round(solution.objective, 6)
    115.0
    >>> solution["ship"].shape
    (2, 3)
    >>> solution.duals["demand"].round(6).tolist()
    [1.0, 2.0, 1.0]
"""

from __future__ import annotations

from esc_sim.lp.infeasible import Binding, InfeasibleError
from esc_sim.lp.model import BlockModel, Index, Rows, Variables
from esc_sim.lp.problem import Problem, UnboundedError
from esc_sim.lp.solution import Progress, Solution, without_dust

__all__ = [
    "Binding",
    "BlockModel",
    "Index",
    "InfeasibleError",
    "Problem",
    "Progress",
    "Rows",
    "Solution",
    "UnboundedError",
    "Variables",
    "without_dust",
]
