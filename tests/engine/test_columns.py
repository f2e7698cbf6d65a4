"""A column that an engine does not write is an error of the run, in both engines; every writer is taken out in turn."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from esc_sim.behaviours import farming
from esc_sim.engine import outputs
from esc_sim.engine.agents import farming as agent_farming
from esc_sim.engine.agents import model, record
from esc_sim.engine.compiled import farming as compiled_farming
from esc_sim.engine.compiled import kernel, making, phases, walk
from esc_sim.engine.outputs import (
    UnwrittenColumnError,
    blank_rows,
    blank_sums,
    row_type,
    summed_numbers,
    written_numbers,
)
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import (
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

COMPILED = {
    ("_write_money", "_write_goods", "write_totals"): PERIOD_COLUMNS,
    ("keep_traces",): (*ITEM_COLUMNS, *NODE_COLUMNS),
    ("keep_tally",): TALLY_COLUMNS,
    ("keep_balance",): FLOW_COLUMNS,
    ("_serve",): SERVICE_COLUMNS,
}
"""Which functions of the compiled engine write which columns."""
AGENTS = {
    ("_money", "_goods", "_service_of_period"): PERIOD_COLUMNS,
    ("_keep_items",): ITEM_COLUMNS,
    ("_keep_nodes",): NODE_COLUMNS,
    ("_keep_tally",): TALLY_COLUMNS,
    ("_keep_flows",): FLOW_COLUMNS,
    ("_service_of_period",): SERVICE_COLUMNS,
}


def cases(writers: dict[tuple[str, ...], tuple[str, ...]]) -> list[Any]:
    return [
        pytest.param(names, column, id=f"{names[-1]}-{column}")
        for names, columns in writers.items()
        for column in columns
    ]


@cache
def scenario() -> Scenario:
    """Two products, backorders, orders by position: every kind of output is kept."""
    content = positions()
    run = content["run"] | {"periods": 2}
    return scenario_of(content | {"run": run, "products": [{"id": "goods"}, {"id": "others"}]})


class WithoutWriter(ast.NodeTransformer):
    """Takes out of some functions what writes a column: assignments to a field, or entries of a dictionary."""

    def __init__(self, functions: tuple[str, ...], column: str) -> None:
        self.functions, self.column, self.inside, self.count = functions, column, False, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        before, self.inside = self.inside, self.inside or node.name in self.functions
        self.generic_visit(node)
        self.inside = before
        return node

    def _kept(self, node: ast.Assign | ast.AugAssign) -> ast.AST | None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        row = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id
        if self.inside and row in ("out", "row", "flows") and getattr(target, "attr", None) == self.column:
            self.count += 1
            return None
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        return self._kept(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | None:
        return self._kept(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        places = [
            k for k, key in enumerate(node.keys)
            if self.inside and isinstance(key, ast.Constant) and key.value == self.column
        ]  # fmt: skip
        self.count += len(places)
        node.keys = [key for k, key in enumerate(node.keys) if k not in places]
        node.values = [value for k, value in enumerate(node.values) if k not in places]
        return node


def without(module: ModuleType, change: WithoutWriter) -> ModuleType:
    """A module whose functions do not write a column."""
    tree = change.visit(ast.parse(inspect.getsource(module)))
    mutant = ModuleType(module.__name__)
    exec(compile(ast.fix_missing_locations(tree), str(module.__file__), "exec"), mutant.__dict__)
    return mutant


def test_the_loops_that_are_compiled_give_the_same_as_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "kernel_for", plain_kernel)
    assert differences(compiled(scenario()), agents(scenario())) == []


@pytest.mark.parametrize(("functions", "column"), cases(COMPILED))
def test_a_writer_that_is_missing_in_the_compiled_engine(
    functions: tuple[str, ...], column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = WithoutWriter(functions, column)
    changed_making, changed_phases = without(making, change), without(phases, change)
    assert change.count == 1
    for name in ("write_totals", "keep_balance"):
        setattr(changed_phases, name, getattr(changed_making, name))
    monkeypatch.setattr(kernel, "phases", changed_phases)
    monkeypatch.setattr(walk, "kernel_for", plain_kernel)
    with pytest.raises(UnwrittenColumnError, match=rf"does not write these columns of [a-z ]+: {column}$"):
        compiled(scenario())


@pytest.mark.parametrize(("functions", "column"), cases(AGENTS))
def test_a_writer_that_is_missing_in_the_agent_engine(
    functions: tuple[str, ...], column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = WithoutWriter(functions, column)
    mutant = without(record, change)
    assert change.count >= 1
    monkeypatch.setattr(model, "Recorder", mutant.Recorder)
    with pytest.raises(UnwrittenColumnError, match=rf"does not write these columns of [a-z ]+: {column}$"):
        agents(scenario())


@pytest.mark.parametrize("mark_all", [False, True])
def test_the_mark_is_seen_in_the_first_period_and_in_tests_everywhere(
    mark_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "mark_all", mark_all)

    def written(leave: Callable[[np.recarray], Any]) -> np.ndarray:
        rows = blank_rows((2, 3), row_type(("a", "b")))
        values = np.arange(12.0).reshape(2, 3, 2)
        outputs.as_numbers(rows)[...] = values
        leave(rows)
        return written_numbers(rows, "periods")

    np.testing.assert_array_equal(written(lambda rows: None), np.arange(12.0).reshape(2, 3, 2))
    with pytest.raises(UnwrittenColumnError, match=r"columns of periods: b$"):
        written(lambda rows: rows.b.__setitem__((1, 0), outputs.UNWRITTEN))
    # A number that arithmetic gives, infinite or none at all, was written.
    assert np.isnan(written(lambda rows: rows.b.__setitem__((1, 0), np.inf - np.inf))[1, 0, 1])
    if mark_all:
        with pytest.raises(UnwrittenColumnError, match=r"columns of periods: a$"):
            written(lambda rows: rows.a.__setitem__((0, 2), outputs.UNWRITTEN))


@pytest.mark.parametrize("loops", [agent_farming, compiled_farming], ids=["agents", "compiled"])
def test_a_series_that_a_feature_does_not_show(loops: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The organic nitrogen in the soil of a field, its second series."""
    made, shown = farm(), farming.show_field
    monkeypatch.setattr(walk, "kernel_for", plain_kernel)
    run = agents if loops is agent_farming else compiled
    assert not np.isnan(run(made).observed).any()

    def all_but_one(field: Any, table: Any, place: int) -> None:
        before = table[place + 1]
        shown(field, table, place)
        table[place + 1] = before

    monkeypatch.setattr(loops, "show_field", all_but_one)
    with pytest.raises(
        UnwrittenColumnError, match=rf"columns of what features show: {instance_of(made).observed[1].name}$"
    ):
        run(made)


def test_sums_of_nothing_but_zeros_were_written() -> None:
    sums = blank_sums((2, 2), row_type(("a", "b")))
    sums.a += 0.0
    with pytest.raises(UnwrittenColumnError, match=r"columns of flows: b$"):
        summed_numbers(sums, "flows")
    sums.b[0] += 1.5
    found = summed_numbers(sums, "flows")
    np.testing.assert_array_equal(found[..., 1], [[1.5, 1.5], [0.0, 0.0]])
    assert not np.signbit(found).any()
    assert summed_numbers(blank_sums((2, 0), row_type(("a", "b"))), "flows").shape == (2, 0, 2)
