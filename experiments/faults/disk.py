"""Every command that writes results, with a limit on the size of files, as a full disk has it, or on a small disk.

It ends with one message and no traceback; what it computed is shown; nothing half-written is left, and what was there
stays.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from experiments.faults.commands import CHANGES, WRITERS, add_only, done, left_in, snapshot, told

LIMITS: Final = (0, 1_000, 20_000, 200_000, 1_100_000)
"""Bytes that a file may have: less than any results, less than some, and just more than is tried before the work."""
_PROGRAM: Final = "import sys; sys.argv[0] = 'esc-sim'; from esc_sim.cli import main; sys.exit(main())"


def limited(words: list[str], limit: int) -> subprocess.CompletedProcess[str]:
    """Run a command whose files may have so many bytes."""

    def set_limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-B", "-c", _PROGRAM, *words]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=set_limit)


def failures(name: str) -> Iterator[tuple[str, str | None]]:
    """For each limit, what went wrong with a command under it, None where nothing did."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results" / "out"
        words = [*WRITERS[name], "--out", str(out)]
        done(words)
        before = snapshot(out)
        for limit in LIMITS:
            yield _named(limit), _wrong(limit, [*words, *CHANGES[name], "--force"], out, before)
        shutil.rmtree(out)
        for limit in LIMITS[:-1]:
            yield _named(limit), _wrong(limit, words, out, None)


def _named(limit: int) -> str:
    return f"files of {limit} bytes at most"


def _wrong(limit: int, words: list[str], out: Path, before: dict[str, bytes] | None) -> str | None:
    ended = limited(words, limit)
    if "Traceback" in ended.stderr:
        return ended.stderr.strip().splitlines()[-1]
    if ended.returncode == 0:
        return None if limit > 2**20 else "ended well"
    if ended.returncode != 2 or len(ended.stderr.strip().splitlines()) > 3:
        return f"ended with {ended.returncode}: {ended.stderr.strip()[-300:]}"
    if snapshot(out) != before:
        return "what was there is not there any more"
    foreign = set(left_in(out.parent)) - {"out", "out.checkpoint"} if out.parent.exists() else set()
    return f"left {', '.join(foreign)}" if foreign else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    add_only(parser)


def main(arguments: argparse.Namespace) -> int:
    """Let every command meet every limit; print what came of it."""
    return told(arguments.only, failures, "ended with a message and kept what was there")
