"""Do the tests notice when a line changes? Mutants drawn from all modules, each against the tests that run its line.

The fast tests are collected once. Which lines each of them runs is measured and kept. A mutant is tried in a child of
this process, in which the changed functions get their new code. What the tests do not notice there, and what takes
effect on import, is tried once more with the changed module and the tests imported anew. The files stay as they are;
processes that tests start would import those, so tests that start any are left out. The kernels are left out as well:
what they compute is compared with the agents'.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib.abc
import importlib.util
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final, TextIO

import pytest

from experiments.faults.covering import Covered, covered, quiet
from experiments.faults.modules import (
    ROOT,
    changed_functions,
    forget,
    module_of,
    put_in_place,
    sources,
    text_of,
)
from experiments.faults.sources import Mutant, mutants

LEFT_OUT: Final = ("tests/page/test_browser*.py", "tests/engine/test_mutation.py", "tests/test_notebooks.py")
"""Tests of a browser, those that compile kernels, and those that start notebooks."""
LEAST_SECONDS, TIMES = 30, 3
"""Processor time after which a mutant counts as noticed: so much, and so many times what its tests took."""


@dataclass(frozen=True)
class Trial:
    """A mutant and the tests it is tried against.

    Attributes:
        path: of its module, from the root of the project.
        source: of the module as it stands.
        mutant: the change.
        tests: their names, the quickest first.
        seconds: of processor time after which the change counts as noticed.
    """

    path: str
    source: str
    mutant: Mutant
    tests: tuple[str, ...]
    seconds: int

    @property
    def key(self) -> str:
        """Name of the change, another one when the module is another."""
        text = f"{self.source} {self.mutant.part} {self.mutant.kind}"
        return f"{self.path} {hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"

    def record(self) -> dict[str, Any]:
        """What is kept of it beside the outcome."""
        where = f"{self.path}:{self.mutant.line}"
        return {"key": self.key, "where": where, "what": self.mutant.what, "tests": _name(self.tests)}

    def shown(self) -> str:
        """For the list of those that are not noticed."""
        return f"{self.path}:{self.mutant.line}: {self.mutant.what} ({len(self.tests)} tests)"


def drawn(count: int, seed: int, only: Sequence[str] = ()) -> list[tuple[str, str, Mutant]]:
    """Mutants of all modules without kernels, drawn by chance: path, source and change of each, in their order.

    A change elsewhere leaves the choice as it is.

    Args:
        count: how many; 0 for all.
        seed: of the choice.
        only: patterns of paths, such as "esc_sim/lp/*"; empty for all modules.
    """
    found = [
        (path, source, mutant)
        for path, source in sources().items()
        if not only or any(fnmatch(path, pattern) for pattern in only)
        for mutant in mutants(source)
    ]

    def lot(one: tuple[str, str, Mutant]) -> bytes:
        path, source, mutant = one
        around = source.splitlines()[mutant.line - 1].strip()
        return hashlib.blake2b(f"{seed} {path} {around} {mutant.what}".encode(), digest_size=8).digest()

    chosen = sorted(found, key=lot)[: count or None]
    return sorted(chosen, key=lambda one: (one[0], one[2].part, one[2].kind))


class Campaign:
    """A plugin of pytest that, in place of running the tests, tries mutants against them."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.passed = True
        self.items: dict[str, Any] = {}
        self.fair: dict[str, bool] = {}
        self.unfair_anew: dict[str, set[str]] = {}
        self.records: list[dict[str, Any]] = []

    def pytest_collection(self) -> None:
        """Let property tests stop at the first counterexample, without looking for the smallest."""
        from hypothesis import Phase, settings

        settings.register_profile("mutants", settings.default, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember whether the test at hand has passed."""
        self.passed = report.passed and (self.passed or report.when == "setup")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        """Measure what the tests run, then try the mutants."""
        folder = Path(self.arguments.folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        file = self.arguments.map or folder / "lines.jsonl"
        tests = covered(session, Path(file), lambda: self.passed)
        print(f"{len(tests)} of {len(session.items)} tests run lines of the package and can be used", flush=True)
        gc.unfreeze()
        if not self.arguments.only_map:
            self.records = self._tried(tests, folder / "mutants.jsonl")
        return True

    def _tried(self, tests: dict[str, Covered], file: Path) -> list[dict[str, Any]]:
        """What came of each mutant; one noticed earlier is not tried again, nor a survivor of the same tests."""
        known = {}
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
            record = json.loads(line)
            known[record["key"]] = record
        chosen = drawn(self.arguments.count, self.arguments.seed, self.arguments.modules)
        trials = [_trial(path, source, mutant, tests, self.arguments.seconds) for path, source, mutant in chosen]
        for attempt in (self._in_place, self._anew):  # all in the cheaper way first
            for number, trial in enumerate(trials):
                record = known.get(trial.key, {})
                old = record.get("tests") != _name(trial.tests)
                if not record.get("noticed") and (old or attempt.__name__ not in record["ways"]):
                    by = attempt(trial)
                    ways = [*([] if old else record["ways"]), attempt.__name__]
                    known[trial.key] = record = trial.record() | {"noticed": by is not None, "by": by, "ways": ways}
                    with file.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(record) + "\n")
                    print(f"  {attempt.__name__} {number + 1} of {len(trials)}: {by or trial.shown()}", flush=True)
        return [known[trial.key] for trial in trials]

    def _in_place(self, trial: Trial) -> str | None:
        """The test that notices new code of functions, or "time"; None when all pass, or other code is changed."""
        tests = list(trial.tests)
        functions = changed_functions(trial.path, trial.source, trial.mutant)
        while tests and functions:
            failed = self._run(tests, trial, functions)
            if failed is None:
                return None
            if failed == len(tests):
                return "time"
            name = tests[failed]
            if name not in self.fair:
                self.fair[name] = self._run([name], None, None) is None
            if self.fair[name]:
                return name
            tests.remove(name)  # fails on its own without any change
        return None

    def _anew(self, trial: Trial) -> str | None:
        """A test that notices the changed module when that and the tests are imported anew."""
        failed = _failing_anew(trial.tests, trial) if trial.tests else set()
        if not failed:
            return None
        name = _name(trial.tests)
        if name not in self.unfair_anew:
            self.unfair_anew[name] = _failing_anew(trial.tests, None)
        return min(failed - self.unfair_anew[name], default=None)

    def _run(self, tests: list[str], trial: Trial | None, functions: dict[tuple[str, int], CodeType] | None) -> Any:
        """Number of the first test that fails in a child with changed functions, of tests when it takes too long."""
        heard, said = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            try:
                quiet()
                if trial is not None and functions is not None:
                    resource.setrlimit(resource.RLIMIT_CPU, (trial.seconds, trial.seconds))
                    put_in_place(trial.path, functions)
                os.write(said, self._in_child(tests).to_bytes(4, "little", signed=True))
            finally:
                os._exit(0)
        os.close(said)
        with open(heard, "rb") as pipe:
            raw = pipe.read()
        os.waitpid(child, 0)
        failed = int.from_bytes(raw, "little", signed=True) if raw else len(tests)
        return None if failed < 0 else failed

    def _in_child(self, tests: list[str]) -> int:
        items = [self.items[name] for name in tests]
        for number, item in enumerate(items):
            following = items[number + 1] if number + 1 < len(items) else None
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except BaseException:
                return number
            if not self.passed:
                return number
        return -1


def _name(tests: Sequence[str]) -> str:
    """Short name of a choice of tests, as their files stand."""
    digest = hashlib.blake2b("\n".join(tests).encode(), digest_size=8)
    for file in sorted({test.partition("::")[0] for test in tests}):
        digest.update((ROOT / file).read_bytes())
    return digest.hexdigest()


def _trial(path: str, source: str, mutant: Mutant, tests: dict[str, Covered], budget: float) -> Trial:
    first, last = mutant.lines
    on_import = changed_functions(path, source, mutant) is None
    users = [(test.seconds, name) for name, test in tests.items() if path in test.lines]
    found = [] if on_import else [(cost, name) for cost, name in users if tests[name].runs(path, first, last)]
    used: list[str] = []
    seconds = 0.0
    for cost, name in sorted(found or users):  # a function that no test calls may run when modules are imported
        if used and seconds + cost > budget:
            break
        used.append(name)
        seconds += cost
    return Trial(path, source, mutant, tuple(used), LEAST_SECONDS + int(TIMES * seconds))


def _failing_anew(tests: Sequence[str], trial: Trial | None) -> set[str]:
    """The tests that fail in a child that imports the changed module, or that as it stands, and the tests anew."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            quiet()
            os.chdir(ROOT)
            forget("esc_sim", "tests")
            if trial is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (trial.seconds + 30, trial.seconds + 30))
                code = text_of(trial.path, trial.source, trial.mutant)
                sys.meta_path.insert(0, _Changed(module_of(trial.path), ROOT / trial.path, code))
            with open(said, "w", encoding="utf-8", closefd=False) as pipe:
                pytest.main(["-q", "-p", "no:cacheprovider", "--timeout=0", *tests], [_Passes(pipe)])
        finally:
            os._exit(0)
    os.close(said)
    with open(heard, encoding="utf-8") as lines:
        passed = {line.rstrip("\n") for line in lines}
    os.waitpid(child, 0)
    return set(tests) - passed


class _Passes:
    """A plugin of pytest that tells which tests pass; those that time or an error on import keeps away do not."""

    def __init__(self, pipe: TextIO) -> None:
        self.pipe = pipe

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Tell of a test that has passed."""
        if report.when == "call" and report.passed:
            print(report.nodeid, file=self.pipe, flush=True)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from changed code."""

    def __init__(self, name: str, file: Path, code: CodeType) -> None:
        self.name, self.file, self.code = name, file, code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The changed module; nothing for others."""
        if fullname != self.name:
            return None
        folders = [str(self.file.parent)] if self.file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self.file, loader=self, submodule_search_locations=folders
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(self.code, module.__dict__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    parser.add_argument("modules", nargs="*", metavar="PATTERN", help='of paths, such as "esc_sim/lp/*"; default all')
    parser.add_argument("--count", type=int, default=30, help="mutants to try, 0 for all; default 30")
    parser.add_argument("--seed", type=int, default=1, help="seed of their choice")
    parser.add_argument("--tests", nargs="+", default=["tests"], help="files or folders of tests; default all")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="of tests for a mutant, as long as the map took; default 10"
    )
    parser.add_argument("--folder", default="results/mutations", help="where lines and results are kept")
    parser.add_argument("--map", help="file of the lines that each test runs; default lines.jsonl in the folder")
    parser.add_argument("--only-map", action="store_true", help="measure the lines and stop")


def main(arguments: argparse.Namespace) -> int:
    """Try mutants; print those that no test noticed, and the score. Exit status 1 below 90 %."""
    os.chdir(ROOT)
    campaign = Campaign(arguments)
    options = ["-s", "-q", "-m", "not slow", "-p", "no:cacheprovider", "--timeout=0", "--no-header", "--no-summary"]
    status = pytest.main(
        [*options, *(f"--ignore-glob={ROOT / name}" for name in LEFT_OUT), *arguments.tests], [campaign]
    )
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(status)
    survivors = [record for record in campaign.records if not record["noticed"]]
    for record in survivors:
        print(f"{record['where']}: {record['what']}")
    count = len(campaign.records)
    score = 1.0 - len(survivors) / count if count else 1.0
    print(f"{count} tried, {count - len(survivors)} noticed ({score:.0%}), {len(survivors)} survived")
    return int(score < 0.9)
