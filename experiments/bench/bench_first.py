"""How long until the first table is on the screen, and the last file on the disk: nothing compiled, and all compiled.

Times are those of the clock on the wall, from the start of the interpreter, because that is what a user waits for; the
processor's time stands beside them. Where nothing is compiled, the command compiles the engine in another process and
goes on; that process is ended after each round. The peers do what they do first: they import their package and play
four stages in a row for as many periods as the quickstart has (see ``bench_peers``).
"""

from __future__ import annotations

import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from experiments.bench.bench_peers import SCRIPTS, Program, environment_of, programs, python_with
from experiments.bench.rows import Row, median_ratio, small_run

NAME = "first"
ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "import sys; from esc_sim.cli import main; sys.exit(main(sys.argv[1:]))"
PERIODS = 180
PEERS = ("SupplyNetPy", "stockpyl")


class Wait(NamedTuple):
    """Seconds of a command: until its table begins, until it ends, of the processor."""

    table: float
    end: float
    cpu: float


def measure() -> list[Row]:
    """Commands in turn, round after round, beside the peers."""
    with ExitStack() as stack:
        kept = os.environ.get("ESC_SIM_BENCH_PEERS")
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory()))
        peers = {p: python for p in programs() if p.name in PEERS and (python := python_with(p.package, folder))}
        return waited(peers, 1 if small_run() else 5)


def waited(peers: dict[Program, Path], rounds: int) -> list[Row]:
    """Rows of our commands and of the peers, taken in turn so many times."""
    ours = ("quickstart",) if small_run() else ("quickstart", "oil_gas")
    subprocess.run([sys.executable, "-c", _COMMAND, "warm"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    warm: dict[str, list[Wait]] = {name: [] for name in ours}
    cold: dict[str, list[Wait]] = {name: [] for name in ours}
    saved: list[Wait] = []
    others: dict[str, list[Wait]] = {program.name: [] for program in peers}
    for _ in range(rounds):
        for name in ours:
            warm[name].append(_run(name))
            cold[name].append(_run_cold(name))
        with tempfile.TemporaryDirectory() as folder:
            saved.append(_run("quickstart", "--out", f"{folder}/out"))
        for program, python in peers.items():
            words = [str(python), str(SCRIPTS / program.script), str(PERIODS), *program.arguments[1:]]
            others[program.name].append(_wait(words, environment_of(program)))
    rows = [
        _row(f"{name}, nothing compiled: table", [w.table for w in cold[name]], cold[name], "<= 10") for name in ours
    ]
    rows += [_row(f"{name}: table", [w.table for w in warm[name]], warm[name], "<= 1.5") for name in ours]
    rows.append(_row("quickstart --out: last file", [wait.end for wait in saved], saved, "<= 3"))
    rows += [_row(f"{name}: first run", [w.end for w in waits], waits) for name, waits in others.items()]
    for name, waits in others.items():
        ratio = median_ratio([w.table for w in warm["quickstart"]], [w.end for w in waits])
        rows.append(Row(f"quickstart: table / {name}", ratio, "times"))
    return rows


def _row(what: str, seconds: list[float], waits: list[Wait], target: str = "") -> Row:
    note = f"{statistics.median(wait.cpu for wait in waits):.1f} CPU seconds"
    return Row(what, statistics.median(seconds), "seconds", target, note)


def _run_cold(name: str) -> Wait:
    """A run that finds nothing compiled; what it has set going is ended."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        try:
            return _run(name, cache=cache)
        finally:
            _end_all_with(f"NUMBA_CACHE_DIR={cache}")


def _run(name: str, *words: str, cache: str = "") -> Wait:
    own = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **({"NUMBA_CACHE_DIR": cache} if cache else {}),
    }
    return _wait([sys.executable, "-c", _COMMAND, "run", f"scenarios/{name}", *words], own)


def _wait(words: list[str], environment: dict[str, str]) -> Wait:
    """Run a command and look at the clock when it prints its first line, the head of its table."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    seen = 0.0
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
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
