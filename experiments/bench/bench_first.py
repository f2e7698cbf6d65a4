"""How long until the first table is on the screen, and the last file on the disk: nothing compiled, and all compiled.

Times are those of the clock on the wall, from the start of the interpreter, because that is what a user waits for; the
processor's time stands beside them. Nothing compiled is a copy of the package without caches, not even Python's own:
what a fresh checkout is. Its command compiles the engine in another process and goes on; that process is ended after
each round. The peers do what they do first: they import their package and play four stages in a row for as many periods
as the quickstart has (see ``bench_peers``).

    python -m experiments.bench.bench_first "quickstart: table"

measures one row (``--help`` lists them).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from experiments.bench.bench_peers import SCRIPTS, Program, environment_of, programs, python_with
from experiments.bench.rows import Row, median_ratio, small_run
from experiments.choice import parse_names

NAME = "first"
ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "import sys; from esc_sim.cli import main; sys.exit(main(sys.argv[1:]))"
_COLD = "ESC_SIM_BENCH_COLD"
"""Marks all processes of a round without caches, to be ended together."""
PERIODS = 180
PEERS = ("SupplyNetPy", "stockpyl")


class Wait(NamedTuple):
    """Seconds of a command: until its table begins, until it ends, of the processor."""

    table: float
    end: float
    cpu: float


class Start(NamedTuple):
    """What a row measures.

    Attributes:
        wait: runs a command.
        end: whether its end counts, or its table.
        target: seconds aimed at, such as "<= 10".
    """

    wait: Callable[[], Wait]
    end: bool
    target: str


def starts(names: tuple[str, ...]) -> dict[str, Start]:
    """What is measured of scenarios, by the name of the row."""
    found = {f"{name}, nothing compiled: table": Start(partial(_run_cold, name), False, "<= 10") for name in names}
    found |= {f"{name}: table": Start(partial(_run, name), False, "<= 1.5") for name in names}
    return found | {f"{name} --out: last file": Start(partial(_run_saved, name), True, "<= 3") for name in names}


def measure() -> list[Row]:
    """Commands in turn, round after round, beside the peers."""
    with ExitStack() as stack:
        kept = os.environ.get("ESC_SIM_BENCH_PEERS")
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory()))
        peers = {p: python for p in programs() if p.name in PEERS and (python := python_with(p.package, folder))}
        names = ("quickstart",) if small_run() else ("quickstart", "oil_gas")
        return waited(starts(names), peers, 1 if small_run() else 5)


def waited(ours: Mapping[str, Start], peers: Mapping[Program, Path], rounds: int) -> list[Row]:
    """Rows of our commands and of the peers, taken in turn so many times."""
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", _COMMAND, "warm"], cwd=ROOT, env=own, check=True, stdout=subprocess.DEVNULL)
    rows = dict(ours)
    for program, python in peers.items():
        words = [str(python), str(SCRIPTS / program.script), str(PERIODS), *program.arguments[1:]]
        peer = partial(_wait, words, environment_of(program), ROOT)
        rows[f"{program.name}: first run"] = Start(peer, True, "")
    waits: dict[str, list[Wait]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, start in rows.items():
            waits[name].append(start.wait())
    seconds = {name: [w.end if rows[name].end else w.table for w in waits[name]] for name in rows}
    found = [_row(name, seconds[name], waits[name], start.target) for name, start in rows.items()]
    first = "quickstart: table"
    if first in ours:
        for peer_name in (program.name for program in peers):
            ratio = median_ratio(seconds[first], seconds[f"{peer_name}: first run"])
            found.append(Row(f"{first} / {peer_name}", ratio, "times"))
    return found


def _row(what: str, seconds: list[float], waits: list[Wait], target: str = "") -> Row:
    note = f"{statistics.median(wait.cpu for wait in waits):.1f} CPU seconds"
    return Row(what, statistics.median(seconds), "seconds", target, note)


def _run_cold(name: str) -> Wait:
    """A run from a copy of the package that has no caches; what it has set going is ended."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copytree(ROOT / "esc_sim", Path(folder) / "esc_sim", ignore=shutil.ignore_patterns("__pycache__"))
        try:
            return _run(name, package=Path(folder), marked={_COLD: folder})
        finally:
            _end_all_with(f"{_COLD}={folder}")


def _run_saved(name: str) -> Wait:
    """A run that writes tables and figures."""
    with tempfile.TemporaryDirectory() as folder:
        return _run(name, "--out", f"{folder}/out")


def _run(name: str, *words: str, package: Path = ROOT, marked: Mapping[str, str] | None = None) -> Wait:
    own = {**os.environ, "PYTHONPATH": str(package), "PYTHONUNBUFFERED": "1", **(marked or {})}
    for left_out in ("PYTHONDONTWRITEBYTECODE", *(("NUMBA_CACHE_DIR",) if marked else ())):
        own.pop(left_out, None)
    return _wait([sys.executable, "-c", _COMMAND, "run", str(ROOT / "scenarios" / name), *words], own, package)


def _wait(words: list[str], environment: dict[str, str], folder: Path) -> Wait:
    """Run a command and look at the clock when it prints its first line, the head of its table."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    seen = 0.0
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() and not seen:
                seen = time.perf_counter() - start
    end = time.perf_counter() - start
    if process.returncode or not seen:
        raise RuntimeError(f"{' '.join(words)} ended with status {process.returncode} and no table")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Wait(seen, end, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _end_all_with(setting: str) -> None:
    """End the processes that were started with a setting in their environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if setting.encode() in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGTERM)


def main() -> None:
    """Measure the rows that are named, without the peers."""
    from experiments.bench.__main__ import line_of

    ours = starts(("quickstart", "oil_gas"))
    parser = argparse.ArgumentParser(prog="python -m experiments.bench.bench_first", description=main.__doc__)
    chosen = parse_names(parser, list(ours), "measure").names
    for row in waited({name: ours[name] for name in chosen}, {}, 1 if small_run() else 5):
        print(line_of(row))


if __name__ == "__main__":
    main()
