"""Peak of memory of `run` with 10,000 and with 100,000 replications of the quickstart, with and without --out."""

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


def _peak(replications: int, out: bool) -> float:
    """Largest resident memory of the command, MB."""
    words = ["run", "scenarios/quickstart", "--replications", str(replications), "--workers", "1"]
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
