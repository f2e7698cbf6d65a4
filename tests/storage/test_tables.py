"""Tables as CSV: cells that spreadsheet programs would carry out, numbers, and the one place that writes files."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import esc_sim
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.storage.tables import csv_text, harmless, restored, write_frame, write_rows
from tests.helpers.runs import SCENARIOS

LIBRARY = Path(esc_sim.__file__).parent


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-a", "@SUM(1)", "\tx", "\rx", "'=x", "''=x", "-1 2"])
def test_formulas_are_made_harmless_and_read_back(cell: str) -> None:
    assert harmless(cell)[0] == "'"
    assert restored(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["a=b", "", "'x", "-1.5", "+3", "-1e-300", "'", "nan", 3, -1.5, None, True])
def test_all_else_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) == cell
    if isinstance(cell, str):
        assert restored(cell) == cell


def test_headers_and_numbers() -> None:
    text = csv_text(["=a", "b"], [["-x", -1.5], [None, float("nan")], [np.float64(0.1), True]])
    assert text == "'=a,b\n'-x,-1.5\n,\n0.1,True\n"


def test_a_frame_is_written_as_pandas_would_but_for_formulas(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"n": [1, 2], "x": [0.1, np.nan], "y": [1.0, -1e-17], "kept": [True, False], "t": ["a,b", "c"]}
    )
    write_frame(tmp_path / "t.csv", frame)
    assert (tmp_path / "t.csv").read_text() == frame.to_csv(index=False, lineterminator="\n")


def test_rows_by_name_have_the_columns_of_the_first(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.csv", [{"a": 1, "b": "=x"}, {"b": 2.5, "c": 3, "d": 4}])
    assert (tmp_path / "t.csv").read_text() == "a,b\n1,'=x\n,2.5\n"


def test_a_scenario_whose_ids_look_like_formulas_is_written_and_read_back(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIOS / "quickstart")
    old = scenario.nodes[0].id
    text = scenario.model_dump_json(by_alias=True).replace(f'"{old}"', '"=1+1"')
    renamed = type(scenario).model_validate_json(text)
    write_scenario(renamed, tmp_path)
    assert "'=1+1" in (tmp_path / "nodes.csv").read_text()
    assert load_scenario(tmp_path) == renamed


WRITING = {"write_text", "write_bytes", "to_csv", "to_parquet", "mkdir", "rename", "rmtree", "mkstemp", "writer"}


def calls(path: Path) -> list[str]:
    """Names of the functions that a module calls, those of esc_sim.storage apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("esc_sim.storage")
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "open" and any(isinstance(a, ast.Constant) and str(a.value)[:1] in "wax" for a in node.args):
                name = "open for writing"
            found += [] if name in ours else [name]
    return found


def test_nothing_but_storage_writes_files() -> None:
    assert {"mkdir", "rename", "rmtree", "writer"} <= {name for p in LIBRARY.glob("storage/*.py") for name in calls(p)}
    for path in LIBRARY.rglob("*.py"):
        if path.parent.name != "storage":
            assert not {*WRITING, "open for writing"} & set(calls(path)), path
