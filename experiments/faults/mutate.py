"""Do the tests of a module notice when its source changes? Its mutants, each tried against the module's own tests.

A mutant runs in a process of its own, which imports the changed source in place of the file; the file stays as it is.
Subprocesses that tests start see the file. The kernels are left out: what they compute is compared with the agents'.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import pickle
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from experiments.faults.sources import Mutant, mutants

ROOT: Final = Path(__file__).parents[2]
OWN: Final = ("esc_sim", "tests", "experiments")
SOURCING: Final = ("tests/design/test_sourcing_forms.py", "tests/design/test_sourcing_electrolyte.py")
TESTS: Final = {
    "comparison": ("tests/test_comparison.py", "tests/inventory/test_compare.py"),
    "design/sourcing/model": ("tests/design/test_sourcing_model.py", *SOURCING),
    "design/sourcing/recheck": ("tests/design/test_sourcing_recheck.py", *SOURCING),
    "design/uncertainty/sets": ("tests/design/test_uncertainty.py",),
    "lp/problem": ("tests/design/test_blocks.py",),
    "recovery/memetic": ("tests/recovery/test_memetic.py", "tests/recovery/test_search.py"),
    "results/sums": ("tests/test_results_sums.py", "tests/test_service.py"),
    "scenario/located": ("tests/scenario/test_located.py", "tests/scenario/test_reading.py"),
    "scenario/meaning": ("tests/scenario/test_meaning.py", "tests/scenario/test_reading.py"),
    "sweep/designs": ("tests/sweep/test_designs.py",),
}
"""Modules of `esc_sim` without kernels, and the tests of each, those that find most first."""
LEAST_SECONDS: Final = 20
TIMES: Final = 10
"""Processor time after which a mutant counts as noticed: so many times what the tests take, and no less than this."""


@dataclass(frozen=True)
class Tried:
    """What came of a module's mutants."""

    module: str
    count: int
    survivors: tuple[Mutant, ...]


def tried(module: str, count: int | None, seed: int) -> Tried:
    """Try mutants of a module.

    Args:
        module: one of :data:`TESTS`.
        count: how many, drawn by chance; None tries all.
        seed: of the draw.

    Raises:
        RuntimeError: the tests fail on the source as it stands, or do not look at it.
    """
    file = ROOT / "esc_sim" / f"{module}.py"
    found = mutants(file.read_text(encoding="utf-8"))
    if count is not None and count < len(found):
        found = sorted(random.Random(seed).sample(found, count), key=lambda mutant: mutant.line)
    name = f"esc_sim.{module.replace('/', '.')}"
    tests = [path for path in TESTS[module] if (ROOT / path).exists()]
    for other in _run(None, name, tests, 0)[1]:
        importlib.import_module(other)
    begun = time.process_time() + _children()
    unchanged = ast.unparse(ast.parse(file.read_text(encoding="utf-8")))
    if not _run(unchanged, name, tests, 0)[0]:
        raise RuntimeError(f"{', '.join(tests)}: fail without any change")
    if _run("raise ImportError", name, tests, 0)[0]:
        raise RuntimeError(f"{', '.join(tests)}: do not import {name}")
    seconds = max(LEAST_SECONDS, TIMES * (time.process_time() + _children() - begun))
    survivors = []
    for mutant in found:
        if _run(mutant.source, name, tests, int(seconds))[0]:
            survivors.append(mutant)
            print(f"  {module}.py:{mutant.line}: {mutant.what}", flush=True)
    return Tried(module, len(found), tuple(survivors))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(source: str | None, name: str, tests: Sequence[str], seconds: int) -> tuple[bool, list[str]]:
    """Whether the tests pass in a child with this source of a module, and which packages of others they import."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        status = 1
        try:
            status = _in_child(source, name, tests, seconds, said)
        finally:
            os._exit(status)
    os.close(said)
    with open(heard, "rb") as pipe:
        raw = pipe.read()
    _, ended = os.waitpid(child, 0)
    return ended == 0, pickle.loads(raw) if raw else []  # written by our own child


def _in_child(source: str | None, name: str, tests: Sequence[str], seconds: int, said: int) -> int:
    import pytest

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.chdir(ROOT)
    if seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    for module in [module for module in sys.modules if module.partition(".")[0] in OWN]:
        del sys.modules[module]  # what this campaign itself has imported is not changed
    if source is not None:
        sys.meta_path.insert(0, _Changed(name, compile(source, f"<mutant of {name}>", "exec")))
    status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]))
    if source is None:
        loaded = {module for module in sys.modules if module.partition(".")[0] not in OWN}
        os.write(said, pickle.dumps(sorted(loaded & _INTEREST)))
    return status


_INTEREST: Final = {
    *("numpy", "scipy", "scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.stats.qmc", "pydantic", "yaml", "rich"),
    *("typer", "networkx", "pyarrow.parquet", "highspy", "mesa", "simpy", "sklearn.svm"),
    *("matplotlib.pyplot", "openpyxl", "SALib.sample.sobol", "pymoo.core.problem", "numba"),
}
"""Packages that take long to import; those of them that the tests need are imported once, before the children."""


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from changed code."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The changed module; nothing for others."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=f"<mutant of {fullname}>")

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(self.code, module.__dict__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(TESTS)}; default all")
    parser.add_argument("--count", type=int, default=3, help="mutants of each module, 0 for all; default 3")
    parser.add_argument("--seed", type=int, default=1, help="seed of their choice")


def main(arguments: argparse.Namespace) -> int:
    """Try mutants; print those that no test noticed, and the score. Exit status 1 below 90 %."""
    unknown = [module for module in arguments.modules if module not in TESTS]
    if unknown:
        print(f"no tests are known of {', '.join(unknown)}; modules: {', '.join(TESTS)}")
        return 2
    count = survived = 0
    for module in arguments.modules or TESTS:
        found = tried(module, arguments.count or None, arguments.seed)
        count, survived = count + found.count, survived + len(found.survivors)
        print(f"{module}: {found.count} tried, {found.count - len(found.survivors)} noticed", flush=True)
    score = 1.0 - survived / count if count else 1.0
    print(f"{count} tried, {count - survived} noticed ({score:.0%}), {survived} survived")
    return int(score < 0.9)
