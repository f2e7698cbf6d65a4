"""A column that an engine does not write is an error of the run, in both engines; every writer is taken out in turn."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, Final

import numpy as np
import pytest

from esc_sim.behaviours import farming, written
from esc_sim.engine import outputs
from esc_sim.engine.agents import farming as agent_farming
from esc_sim.engine.agents import record
from esc_sim.engine.compiled import farming as compiled_farming
from esc_sim.engine.compiled import phases, walk
from esc_sim.engine.outputs import (
    UnwrittenColumnError,
    blank_rows,
    blank_sums,
    summed_numbers,
    written_numbers,
)
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import (
    FIELD_COLUMNS,
    FLOW_COLUMNS,
    ITEM_COLUMNS,
    NODE_COLUMNS,
    PERIOD_COLUMNS,
    SERVICE_COLUMNS,
    TALLY_COLUMNS,
)
from esc_sim.scenario.schema import Scenario
from tests.engine.test_mutation import positions
from tests.helpers.farms import farm
from tests.helpers.networks import scenario_of
from tests.helpers.plain_kernel import plain_kernel
from tests.helpers.runs import agents, compiled, differences

WRITERS = {
    ("write_money", "write_goods", "write_service"): PERIOD_COLUMNS,
    ("write_item",): ITEM_COLUMNS,
    ("write_node",): NODE_COLUMNS,
    ("add_tally",): TALLY_COLUMNS,
    ("add_flow",): FLOW_COLUMNS,
    ("add_service",): SERVICE_COLUMNS,
}
"""Which behaviours write which columns."""
SHOWING: Final = ("show_field",)
"""The behaviour that writes what a field shows."""


CASES = [
    pytest.param(names, column, id=f"{names[-1]}-{column}") for names, columns in WRITERS.items() for column in columns
]


AB = np.dtype([("a", "f8"), ("b", "f8")])


@cache
def scenario() -> Scenario:
    """Two products, backorders, orders by position: every kind of output is kept."""
    content = positions()
    run = content["run"] | {"periods": 2}
    return scenario_of(content | {"run": run, "products": [{"id": "goods"}, {"id": "others"}]})


class WithoutWriter(ast.NodeTransformer):
    """Takes out of some functions the assignment that writes a column."""

    def __init__(self, functions: tuple[str, ...], column: str) -> None:
        self.functions, self.column, self.inside, self.count = functions, column, False, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.inside = node.name in self.functions
        return self.generic_visit(node)

    def _kept(self, node: ast.Assign | ast.AugAssign) -> ast.AST | None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        row = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id
        if self.inside and row in ("out", "tally", "flow", "service") and getattr(target, "attr", None) == self.column:
            self.count += 1
            return None
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return self._kept(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | None:
        return self._kept(node)


def take_out(functions: tuple[str, ...], column: str, user: ModuleType, patch: pytest.MonkeyPatch) -> None:
    """Let a module of an engine call behaviours that do not write a column."""
    source = farming if functions == SHOWING else written
    change = WithoutWriter(functions, column)
    tree = change.visit(ast.parse(inspect.getsource(source)))
    assert change.count == 1
    mutant = ModuleType(source.__name__)
    exec(compile(ast.fix_missing_locations(tree), str(source.__file__), "exec"), mutant.__dict__)
    for name in functions:
        patch.setattr(user, name, getattr(mutant, name))


def test_the_loops_that_are_compiled_give_the_same_as_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "kernel_for", plain_kernel)
    assert differences(compiled(scenario()), agents(scenario())) == []


@pytest.mark.parametrize(("functions", "column"), CASES)
@pytest.mark.parametrize("engine", ["agents", "compiled"])
def test_a_writer_that_is_missing(
    engine: str, functions: tuple[str, ...], column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_out(functions, column, record if engine == "agents" else phases, monkeypatch)
    monkeypatch.setattr(walk, "kernel_for", plain_kernel)
    with pytest.raises(UnwrittenColumnError, match=rf"does not write these columns of [a-z ]+: {column}$"):
        (agents if engine == "agents" else compiled)(scenario())


@pytest.mark.parametrize("mark_all", [False, True])
def test_the_mark_is_seen_in_the_first_period_and_in_tests_everywhere(
    mark_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "mark_all", mark_all)

    def kept(leave: Callable[[np.recarray], Any]) -> np.ndarray:
        rows = blank_rows((2, 3), AB)
        values = np.arange(12.0).reshape(2, 3, 2)
        outputs.as_numbers(rows)[...] = values
        leave(rows)
        return written_numbers(rows, "periods")

    np.testing.assert_array_equal(kept(lambda rows: None), np.arange(12.0).reshape(2, 3, 2))
    with pytest.raises(UnwrittenColumnError, match=r"columns of periods: b$"):
        kept(lambda rows: rows.b.__setitem__((1, 0), outputs.UNWRITTEN))
    # A number that arithmetic gives, infinite or none at all, was written.
    assert np.isnan(kept(lambda rows: rows.b.__setitem__((1, 0), np.inf - np.inf))[1, 0, 1])
    if mark_all:
        with pytest.raises(UnwrittenColumnError, match=r"columns of periods: a$"):
            kept(lambda rows: rows.a.__setitem__((0, 2), outputs.UNWRITTEN))


@pytest.mark.parametrize("column", FIELD_COLUMNS)
@pytest.mark.parametrize("loops", [agent_farming, compiled_farming], ids=["agents", "compiled"])
def test_a_series_that_a_field_does_not_show(loops: ModuleType, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = farm()
    monkeypatch.setattr(walk, "kernel_for", plain_kernel)
    run = agents if loops is agent_farming else compiled
    assert not np.isnan(run(made).observed).any()
    take_out(SHOWING, column, loops, monkeypatch)
    name = instance_of(made).observed[FIELD_COLUMNS.index(column)].name
    with pytest.raises(UnwrittenColumnError, match=rf"columns of what features show: {name}$"):
        run(made)


def test_sums_of_nothing_but_zeros_were_written() -> None:
    sums = blank_sums((2, 2), AB)
    sums.a += 0.0
    with pytest.raises(UnwrittenColumnError, match=r"columns of flows: b$"):
        summed_numbers(sums, "flows")
    sums.b[0] += 1.5
    found = summed_numbers(sums, "flows")
    np.testing.assert_array_equal(found[..., 1], [[1.5, 1.5], [0.0, 0.0]])
    assert not np.signbit(found).any()
    assert summed_numbers(blank_sums((2, 0), AB), "flows").shape == (2, 0, 2)
