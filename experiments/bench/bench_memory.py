"""Peak of memory of `run`: many replications of the quickstart, many periods of network_1000."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments.bench.rows import Row, small_run

NAME = "memory"
ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "import sys; from esc_sim.cli import main; sys.exit(main(sys.argv[1:]))"


def measure() -> Iterator[Row]:
    """Rows: megabytes of the smaller run, and how many times as many the larger one takes."""
    tiny = small_run()
    few, many = (20, 40) if tiny else (10_000, 100_000)
    for words in ("",) if tiny else ("", ", --out"):
        peaks = [_peak(count, bool(words)) for count in (few, many)]
        yield Row(f"peak of memory, {few:,} replications{words}", peaks[0], "MB")
        target = "" if tiny else "<= 1.2 times"
        yield Row(f"{many:,} replications against {few:,}{words}", peaks[1] / peaks[0], "times", target)
    yield from _long_runs()


def _long_runs() -> Iterator[Row]:
    """The same of runs that trace 1,000 nodes for a long time."""
    scenario, (short, long) = ("quickstart", (10, 20)) if small_run() else ("network_1000", (500, 5_000))
    for words, out in ((", --trace --out", True),) if small_run() else (("", False), (", --trace --out", True)):
        peaks = [
            _peak(2, out, scenario, "--set", f"run.periods={count}", *["--trace"] * out) for count in (short, long)
        ]
        yield Row(f"peak of memory, {scenario}, {short:,} periods{words}", peaks[0], "MB")
        target = "" if small_run() else "<= 1.2 times"
        yield Row(f"{scenario}, {long:,} periods against {short:,}{words}", peaks[1] / peaks[0], "times", target)


def _peak(replications: int, out: bool, scenario: str = "quickstart", *more: str) -> float:
    """Largest resident memory of the command, MB."""
    words = ["run", f"scenarios/{scenario}", "--replications", str(replications), "--workers", "1", *more]
    words += ["--engine", "agents" if small_run() else "compiled"]
    with tempfile.TemporaryDirectory() as folder:
        words += ["--out", f"{folder}/out"] if out else []
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *words], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"esc-sim {' '.join(words)} ended with status {process.returncode}")
    return used.ru_maxrss / 1024.0
