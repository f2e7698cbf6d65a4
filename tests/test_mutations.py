"""Mutations: what is changed, what of it lies in functions, which lines a test runs, and the whole campaign."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from esc_sim.storage import tables
from experiments.faults.covering import Covered, Lines
from experiments.faults.modules import ROOT, changed_functions, sources
from experiments.faults.mutate import drawn
from experiments.faults.sources import mutants
from tests.helpers.command import ENVIRONMENT

SOURCE = '''\
"""A text with 3 < 4."""
LIMIT = 2


class Shelf:
    size: int = 1

    def full(self, count: int, least: float = 0.5) -> bool:
        if (
            count < self.size
            and least
        ):
            return False
        return True


def twice(x: float) -> float:
    return min(x, 1.0) * 2
'''


def test_operators_constants_conditions_results_and_calls_are_changed() -> None:
    found = {(m.line, m.what) for m in mutants(SOURCE)}
    assert found == {
        (2, "2 -> 3"),
        (6, "1 -> 2"),
        (8, "0.5 -> 1.0"),
        (9, "if count < self.size and least -> if not (count < self.size and least)"),
        (10, "count < self.size and least -> count < self.size or least"),
        (10, "count < self.size -> count <= self.size"),
        (13, "False -> True"),
        (13, "return False -> return None"),
        (14, "True -> False"),
        (14, "return True -> return None"),
        (18, "return min(x, 1.0) * 2 -> return None"),
        (18, "min(x, 1.0) * 2 -> min(x, 1.0) / 2"),
        (18, "min(x, 1.0) -> max(x, 1.0)"),
        (18, "1.0 -> 2.0"),
        (18, "2 -> 3"),
    }


def test_a_change_is_made_where_it_says_and_nowhere_else() -> None:
    for mutant in mutants(SOURCE):
        before, after = ast.unparse(ast.parse(SOURCE)).splitlines(), ast.unparse(mutant.applied(SOURCE)).splitlines()
        differing = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        assert len(differing) == 1, mutant
    [inner] = [m for m in mutants(SOURCE) if m.what.endswith("count <= self.size")]
    assert inner.lines == (9, 12)  # the condition, not what depends on it


def test_functions_that_a_change_lies_in() -> None:
    by_line: dict[int, list[object]] = {}
    for mutant in mutants(SOURCE):
        functions = changed_functions("esc_sim/x.py", SOURCE, mutant)
        by_line.setdefault(mutant.line, []).append(None if functions is None else sorted(functions))
    on_import = {2, 6, 8}  # constants, bodies of classes, default values
    for line, found in by_line.items():
        expected = None if line in on_import else [("twice", 17) if line == 18 else ("Shelf.full", 8)]
        assert found == [expected] * len(found), line


def test_the_lines_that_are_run() -> None:
    watch = Lines()
    sys.settrace(watch.call)
    try:
        tables.harmless(3)
    finally:
        sys.settrace(None)
    function = tables.harmless.__code__
    seen = watch.seen()
    assert list(seen) == ["esc_sim/storage/tables.py"]
    test = Covered(0.0, seen)
    assert test.runs("esc_sim/storage/tables.py", function.co_firstlineno, function.co_firstlineno)
    assert not test.runs("esc_sim/storage/tables.py", 1, function.co_firstlineno - 1)
    assert not test.runs("esc_sim/storage/names.py", 1, 1000)
    assert watch.seen() == {}


def test_kernels_are_left_out() -> None:
    found = sources()
    assert "esc_sim/storage/tables.py" in found
    assert not [path for path in found if path.startswith(("esc_sim/behaviours/", "esc_sim/engine/compiled/"))]
    assert "esc_sim/sampling/compiled.py" not in found


def test_the_choice_depends_on_the_seed_alone() -> None:
    ten = drawn(10, 1, ["esc_sim/storage/*"])
    assert {path.rpartition("/")[0] for path, _, _ in ten} == {"esc_sim/storage"}
    assert ten == drawn(10, 1, ["esc_sim/storage/*"])
    assert ten != drawn(10, 2, ["esc_sim/storage/*"])
    assert set(ten) <= set(drawn(20, 1, ["esc_sim/storage/*"]))


@pytest.mark.slow
def test_a_campaign_ends_with_its_counts_and_goes_on_where_it_was(tmp_path: Path) -> None:
    words = ["mutate", "--count", "6", "--folder", str(tmp_path), "--tests", "tests/storage/test_tables.py"]
    command = [sys.executable, "-m", "experiments.faults", *words, "--", "esc_sim/storage/tables.py"]
    for _ in range(2):
        done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
        counts = re.search(r"^6 tried, (\d) noticed \(\d+%\), (\d) survived$", done.stdout, re.MULTILINE)
        assert counts is not None, done.stdout + done.stderr
        assert int(counts[1]) + int(counts[2]) == 6
        assert int(counts[1]) >= 5
        assert done.returncode == int(int(counts[1]) < 6 * 0.9)
    assert "in_place" not in done.stdout  # the second time nothing is left to try
    assert len((tmp_path / "lines.jsonl").read_text().splitlines()) == 1
