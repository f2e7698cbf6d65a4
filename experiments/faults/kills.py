"""Every command that writes results, killed at each of its calls that write, in turn.

After each kill the place holds the old results whole or the new ones whole, and the next command leaves nothing else.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from esc_sim.storage.files import WRITE_EVENT
from experiments.faults.commands import CHANGES, WRITERS, add_only, done, left_in, quietly, snapshot, told

_CALLS: Final = {WRITE_EVENT, "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate"}
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def killed_at(number: int, work: Callable[[], object], root: Path) -> bool:
    """Do work in a process that is killed before its n-th call that writes below ``root``; False where it has fewer."""
    child = os.fork()
    if child == 0:
        _kill_before(number, str(root))
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _kill_before(number: int, root: str) -> None:
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event not in _CALLS:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        if event != WRITE_EVENT and not str(arguments[0]).startswith(root):
            return  # a name alone is below the folder that is being removed, which was counted
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def failures(name: str, every: int = 1) -> Iterator[tuple[str, str | None]]:
    """For each call of a command at which it was killed, what went wrong, None where nothing did.

    Args:
        name: of the command, in ``WRITERS``.
        every: take only one call in so many.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        out, kept = root / "results" / "out", root / "kept"
        old = [*WRITERS[name], "--out", str(out)]
        new = [*old, *CHANGES[name], "--force"]
        done(old)
        shutil.copytree(out, kept)
        states = [snapshot(out)]
        done(new)
        states.append(snapshot(out))
        for number in range(1, 10_000, every):
            shutil.rmtree(out.parent)
            shutil.copytree(kept, out)
            if not killed_at(number, lambda: quietly(new), root):
                return
            yield f"killed at call {number}", _wrong(out, states, new)


def _wrong(out: Path, states: list[dict[str, bytes] | None], again: list[str]) -> str | None:
    if snapshot(out) not in states:
        return "neither the old results nor the new ones are whole"
    status, said = quietly(again)
    if status:
        return f"the next command ended with {status}: {said.strip()}"
    if snapshot(out) != states[1]:
        return "the next command gave other results"
    if left_in(out.parent) != ["out"]:
        return f"the next command left {', '.join(left_in(out.parent))}"
    return None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    add_only(parser)
    parser.add_argument("--every", type=int, default=1, help="kill at one call in so many; default 1")


def main(arguments: argparse.Namespace) -> int:
    """Kill every command at all calls; print what came of it."""
    return told(arguments.only, lambda name: failures(name, arguments.every), "left whole results")
