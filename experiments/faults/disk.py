"""Every command that writes results, with a limit on the size of files, as a full disk has it, or on a small disk.

It ends with one message and no traceback; what it computed is shown; nothing half-written is left, and what was there
stays.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from esc_sim.cli import main as main_of_command
from experiments.faults.commands import CHANGES, WRITERS, add_only, done, left_in, snapshot, told

LIMITS: Final = (0, 1_000, 20_000, 200_000, 1_100_000)
"""Bytes that a file may have: less than any results, less than some, and just more than is tried before the work."""


def limited(words: list[str], limit: int) -> tuple[int, str]:
    """Run a command, in a process of its own, whose files may have so many bytes.

    Returns:
        Exit status, and what it said on standard error.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        sys.dont_write_bytecode = True
        # Streams of its own: those that are there may be files, and believe that they can be wound back.
        with open(os.devnull, "w") as sys.stdout, open(writing, "w", encoding="utf-8") as sys.stderr:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            _be(words)
    os.close(writing)
    with open(reading, encoding="utf-8") as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def _be(words: list[str]) -> NoReturn:
    status = 1
    try:
        sys.argv = ["esc-sim", *words]
        status = main_of_command(words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


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
    status, said = limited(words, limit)
    if "Traceback" in said:
        return said.strip().splitlines()[-1]
    if status == 0:
        return None if limit > 2**20 else "ended well"
    if status != 2 or len(said.strip().splitlines()) > 3:
        return f"ended with {status}: {said.strip()[-300:]}"
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
