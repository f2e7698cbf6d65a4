"""Which lines of `esc_sim` does each test run? Measured, one child process per file of tests, and kept in a file."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from experiments.faults.modules import ROOT

SECONDS: Final = 3.0
"""Of processor time after which a test is broken off, and not used: a mutant should cost seconds."""
PATIENCE: Final = 60.0
"""Seconds after which a test that waits is broken off."""
CALLS: Final = 2000
"""After so many calls of a function in one test, no further lines of it are looked for."""
OWN: Final = str(ROOT / "esc_sim") + os.sep


class BrokenOffError(BaseException):
    """A test takes too long, or starts a process, which would import the files as they are."""


@dataclass
class Covered:
    """What a test runs.

    Attributes:
        seconds: of processor time that it took while its lines were watched.
        lines: those of each path, line n as bit n of a number.
    """

    seconds: float
    lines: dict[str, int]

    def runs(self, path: str, first: int, last: int) -> bool:
        """Whether any of some lines is run."""
        return self.lines.get(path, 0) >> first & (1 << (last - first + 1)) - 1 > 0


@dataclass
class Lines:
    """Watches which lines are run; set by `sys.settrace`."""

    missing: dict[CodeType, set[int]] = field(default_factory=dict)
    calls: dict[CodeType, int] = field(default_factory=dict)
    foreign: set[CodeType] = field(default_factory=set)

    def call(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        """A function is entered: its lines are watched when it is ours and has lines not yet seen."""
        code = frame.f_code
        if code in self.foreign:
            return None
        if code not in self.missing:
            if not code.co_filename.startswith(OWN):
                self.foreign.add(code)
                return None
            self.missing[code], self.calls[code] = _lines(code), 0
        self.calls[code] += 1
        self.missing[code].discard(frame.f_lineno)
        return self.line if self.missing[code] and self.calls[code] < CALLS else None

    def line(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        """A line is run."""
        if event == "line":
            missing = self.missing[frame.f_code]
            missing.discard(frame.f_lineno)
            if not missing:
                frame.f_trace = None  # nothing left to see here
                return None
        return self.line

    def seen(self) -> dict[str, int]:
        """The lines run since the last time, and forget them."""
        found: dict[str, int] = {}
        for code, missing in self.missing.items():
            path = os.path.relpath(code.co_filename, ROOT)
            for line in _lines(code) - missing:
                found[path] = found.get(path, 0) | 1 << line
        self.missing, self.calls = {}, {}
        return found


def _lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line}


def covered(session: Any, file: Path, outcome: Callable[[], bool]) -> dict[str, Covered]:
    """What each test of a session runs that can be used, by its name; read from a file where that still holds.

    Args:
        session: of pytest, its tests collected.
        file: to which measurements are added, a line for each file of tests.
        outcome: whether the last test that was run passed.
    """
    kept = dict(_kept(file))
    found: dict[str, Covered] = {}
    groups = [(path, list(items)) for path, items in groupby(session.items, key=lambda item: _path(item))]
    for number, (path, items) in enumerate(groups):
        if path not in kept:
            kept[path] = dict(_measured(items, outcome))
            _keep(file, path, kept[path])
            print(f"  {number + 1} of {len(groups)}: {path}, {len(kept[path])} of {len(items)} tests", flush=True)
        found.update(kept[path])
    return found


def _path(item: Any) -> str:
    return os.path.relpath(item.path, ROOT)


def _hash(path: str) -> str:
    file = ROOT / path
    return hashlib.blake2b(file.read_bytes() if file.exists() else b"", digest_size=8).hexdigest()


def _kept(file: Path) -> Iterator[tuple[str, dict[str, Covered]]]:
    """Measurements whose tests and sources have not changed since."""
    now: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        record = json.loads(line)
        if all(now.setdefault(path, _hash(path)) == value for path, value in record["hashes"].items()):
            tests = {name: (seconds, lines) for name, seconds, lines in record["tests"]}
            yield (
                record["file"],
                {
                    name: Covered(seconds, {path: int(mask, 16) for path, mask in lines.items()})
                    for name, (seconds, lines) in tests.items()
                },
            )


def _keep(file: Path, path: str, tests: dict[str, Covered]) -> None:
    hashes = {name: _hash(name) for name in {path}.union(*(test.lines for test in tests.values()))}
    rows = [(name, test.seconds, {of: f"{mask:x}" for of, mask in test.lines.items()}) for name, test in tests.items()]
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"file": path, "hashes": hashes, "tests": rows}) + "\n")


def _measured(items: Sequence[Any], outcome: Callable[[], bool]) -> Iterator[tuple[str, Covered]]:
    """What each test of a file runs, measured in a child; in a further one from the test after which a child ends."""
    done = 0
    while done < len(items):
        heard, said = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            try:
                _in_child(items[done:], outcome, said)
            finally:
                os._exit(0)
        os.close(said)
        before = done
        with open(heard, encoding="utf-8") as pipe:
            for line in pipe:
                name, passed, seconds, lines = json.loads(line)
                done += 1
                if passed and lines:
                    yield name, Covered(seconds, {path: int(mask, 16) for path, mask in lines.items()})
        os.waitpid(child, 0)
        done += 1 if done < len(items) or done == before else 0  # the test that ended the child


def _in_child(items: Sequence[Any], outcome: Callable[[], bool], said: int) -> None:
    quiet()
    signal.signal(signal.SIGALRM, _break_off)
    signal.signal(signal.SIGPROF, _break_off)
    sys.addaudithook(_no_processes)
    watch = Lines()
    for number, item in enumerate(items):
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        sys.settrace(watch.call)
        try:
            following = items[number + 1] if number + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        finally:
            sys.settrace(None)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        lines = {path: f"{mask:x}" for path, mask in watch.seen().items()}
        row = [item.nodeid, outcome(), round(time.process_time() - begun, 4), lines]
        os.write(said, json.dumps(row).encode() + b"\n")


def quiet() -> None:
    """Send what this process prints nowhere."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def _break_off(number: int, frame: FrameType | None) -> None:
    raise BrokenOffError


def _no_processes(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn"):
        raise BrokenOffError
