"""Kernels are compiled where nothing can be kept of them."""

from __future__ import annotations

import ast
import importlib
import inspect
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from esc_sim.allocations import registry as allocations
from esc_sim.behaviours import types
from esc_sim.engine.compiled import kernel, lean, lean_rows, lean_run, lean_trade
from esc_sim.fields import sequences
from esc_sim.policies import registry as policies
from tests.helpers.command import ENVIRONMENT

KERNEL = """
from numba import int64
from esc_sim.compile import cached_kernel

@cached_kernel(int64(int64))
def double(number):
    return 2 * number

print(double(21))
"""
TOLD = (
    "note: no folder can be written to in which compiled code could be kept, so that each start compiles again; "
    "name one in NUMBA_CACHE_DIR\n"
)


def test_a_full_disk_costs_the_cache_and_not_the_work(tmp_path: Path) -> None:
    def no_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    script = tmp_path / "kernel.py"
    script.write_text(KERNEL)
    done = subprocess.run(
        [sys.executable, "-B", str(script)],
        env={**ENVIRONMENT, "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        preexec_fn=no_files,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", TOLD)


OF_A_CLASS = """
import numba
from esc_sim.compile import cached_kernel
from kinds import KIND

@cached_kernel(numba.int64(numba.typeof(KIND(21))))
def double(row):
    return 2 * row.number

print(double(KIND(21)))
"""


def test_kernels_kept_by_a_version_with_other_classes_are_compiled_anew(tmp_path: Path) -> None:
    """The cache's index names the types of all kernels in it, and numba reads it whole."""
    script, kinds, cache = tmp_path / "kernel.py", tmp_path / "kinds.py", tmp_path / "cache"
    script.write_text(OF_A_CLASS)
    for name in ("Before", "After"):
        kinds.write_text(
            f"from typing import NamedTuple\n\nclass {name}(NamedTuple):\n    number: int\n\nKIND = {name}\n"
        )
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-B", str(script)],
                env={**ENVIRONMENT, "NUMBA_CACHE_DIR": str(cache)},
                capture_output=True,
                text=True,
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")
    assert len(list(cache.rglob("*.nbi"))) == 1


START = """
import resource, sys
from esc_sim.engine.compiled import ahead
from esc_sim.engine.compiled.kernel import kernel_keeping

def subprocess_started(event, _):
    assert event != "subprocess.Popen"

keeping = kernel_keeping(True)
assert keeping.folder is not None and keeping.can_keep() and not keeping.is_kept()
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
sys.addaudithook(subprocess_started)
print(ahead.start_compiling(True), keeping.can_keep())
"""


def test_nothing_is_compiled_ahead_where_a_kernel_finds_no_room(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START],
        env={**ENVIRONMENT, "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "False False\n", TOLD)


FUNCTIONS, ARRAYS = 198, 177
"""What kernels may be made of, one of them the polynomials of normal quantiles: each function, and each array handed to
the engine's, takes time to compile. What the switches of plain trade leave out is counted all the same."""
COUNTED = """
from esc_sim import compile
from esc_sim.engine.compiled import ahead, kernel

def arrays(layout):
    if not isinstance(layout, tuple):
        return 0
    return 1 if all(isinstance(part, int) for part in layout) else sum(map(arrays, layout))

ahead.compile_ahead(plain=True)
[(plain, layout)] = kernel._by_layout
print(len(compile._registered), arrays(layout))
"""


def test_what_has_to_be_compiled_keeps_to_its_budget() -> None:
    """In a process of its own, since tests of users' policies have more compiled."""
    done = subprocess.run([sys.executable, "-c", COUNTED], env=ENVIRONMENT, capture_output=True, text=True)
    functions, arrays = map(int, done.stdout.split())
    assert 100 < functions <= FUNCTIONS
    assert 100 < arrays <= ARRAYS


COMPILED = {
    kernel: {*kernel._RULES, *kernel._CHOSEN, *kernel._PHASES},
    lean_run: {*lean_run._RULES, lean, lean_rows, lean_trade},
}
NO_CODE = {types, sequences, allocations, policies}
"""Names of types, and tables of rules whose own modules are asked."""


def modules_read(module: ModuleType, is_compiled: bool) -> Iterator[ModuleType]:
    """Modules of the package that a module's constants are made of, and its functions where they are compiled."""
    tree = ast.parse(inspect.getsource(module))
    came = {
        name.asname or name.name: str(line.module)
        for line in tree.body
        if isinstance(line, ast.ImportFrom) and str(line.module).startswith("esc_sim")
        for name in line.names
    }
    read: list[ast.AST] = [
        line.value for line in tree.body if isinstance(line, ast.Assign | ast.AnnAssign) if line.value
    ]
    if is_compiled:
        read += [part for line in tree.body if isinstance(line, ast.FunctionDef) for part in line.body]
    for name in {node.id for part in read for node in ast.walk(part) if isinstance(node, ast.Name)} & came.keys():
        value = getattr(module, name)
        yield value if isinstance(value, ModuleType) else importlib.import_module(came[name])


@pytest.mark.parametrize("of", COMPILED, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_kernel_is_compiled_anew_when_anything_in_it_changes(of: ModuleType) -> None:
    """numba's cache does not look at what stands in other files; the key of a kernel has to."""
    sources = {module for module in of._SOURCES if isinstance(module, ModuleType)}
    read = {(m.__name__, n) for m in sources - NO_CODE for n in modules_read(m, m in COMPILED[of])}
    assert len(read) > 20
    assert {(reader, module.__name__) for reader, module in read if module not in sources | NO_CODE} == set()
