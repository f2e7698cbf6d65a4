"""How long a user waits before anything happens: importing the package, asking for help."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from experiments.bench.rows import Row, interleaved, small_run

NAME = "start"
ROOT = Path(__file__).resolve().parents[2]
_CALLS = {
    "python alone": "pass",
    "import esc_sim": "import esc_sim",
    "esc-sim --help": "import sys; sys.argv = ['esc-sim', '--help']; from esc_sim.cli import main; main()",
}


def measure() -> list[Row]:
    """CPU time of fresh interpreters, their own start included."""
    found = interleaved({name: _seconds(code) for name, code in _CALLS.items()}, 1 if small_run() else 9)
    middle = {name: statistics.median(values) for name, values in found.items()}
    return [
        Row("python alone", middle["python alone"], "CPU seconds", note="for comparison"),
        Row("import esc_sim", middle["import esc_sim"], "CPU seconds", "<= 0.3", "with the interpreter's start"),
        Row("esc-sim --help", middle["esc-sim --help"], "CPU seconds", "<= 0.6", "with the interpreter's start"),
    ]


def _seconds(code: str) -> Callable[[], float]:
    def measured() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return measured
