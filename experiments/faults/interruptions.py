"""Every command that writes results, sent Ctrl-C, SIGTERM or SIGHUP at a random moment.

It ends with the exit status of the signal or with success, without a traceback; results are whole or not there, and the
same command, with --resume where it has that, ends with the results of one that was never interrupted.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from experiments.faults.commands import WRITERS, add_only, left_in, quietly, snapshot, told

_SIGNALS: Final = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP}
_RESUMED: Final = ("run", "sweep", "stress", "optimize")
_PROGRAM: Final = "import sys; sys.argv[0] = 'esc-sim'; from esc_sim.cli import main; sys.exit(main())"


def seconds_of(words: list[str]) -> float:
    """How long a command takes in a process of its own."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", _PROGRAM, *words], capture_output=True, check=True)
    return time.monotonic() - start


def wrong_after(name: str, word: str, delay: float, whole: dict[str, bytes] | None, folder: Path) -> str | None:
    """What went wrong with a command that got a signal after so many seconds; None where nothing did.

    Args:
        name: of the command, in ``WRITERS``.
        word: of the signal.
        delay: seconds.
        whole: what the command gives undisturbed.
        folder: an empty one.
    """
    out = folder / "out"
    words = [*WRITERS[name], "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    time.sleep(delay)
    process.send_signal(_SIGNALS[word])
    said = process.communicate()[1]
    # Until Python has read the command line's code, a signal does what it does to any program.
    if process.returncode not in (0, 128 + _SIGNALS[word], -_SIGNALS[word]):
        return f"ended with {process.returncode}: {said.strip()[-300:]}"
    if "Traceback" in said and process.returncode >= 0:
        return "a traceback"
    foreign = set(left_in(folder)) - {"out", "out.checkpoint"}
    if foreign:
        return f"left {', '.join(sorted(foreign))}"
    goes_on = name in _RESUMED and (name == "run" or not out.exists())  # a finished sweep has nothing to go on with
    status, said = quietly([*words, "--resume" if goes_on else "--force"])
    if status:
        return f"the next command ended with {status}: {said.strip()}"
    found = snapshot(out) or {}
    names = {"run": "periods.parquet", "sweep": "sweep.csv", "stress": "ranking.csv", "optimize": "front.csv"}
    if name in names and found.get(names[name]) != (whole or {}).get(names[name]):
        return "resumed, it gave other results"
    return None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    add_only(parser)
    parser.add_argument("--count", type=int, default=30, help="signals to each command; default 30")
    parser.add_argument("--seed", type=int, default=1, help="seed of moments and signals")


def main(arguments: argparse.Namespace) -> int:
    """Interrupt every command again and again; print what came of it."""
    chance = random.Random(arguments.seed)

    def of(name: str) -> Iterator[tuple[str, str | None]]:
        with tempfile.TemporaryDirectory() as kept:
            longest = seconds_of([*WRITERS[name], "--out", str(Path(kept) / "out")])
            whole = snapshot(Path(kept) / "out")
        for _ in range(arguments.count):
            word, delay = chance.choice(list(_SIGNALS)), chance.uniform(0.0, longest)
            with tempfile.TemporaryDirectory() as folder:
                yield f"{word} after {delay:.2f} s", wrong_after(name, word, delay, whole, Path(folder))

    return told(arguments.only, of, "ended well")
