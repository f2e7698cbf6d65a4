"""How commands were started, what they tell of the files that they wrote, and what becomes of interrupted ones."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def command_line() -> str:
    """The command as it was typed, for manifests."""
    return shlex.join(["esc-sim", *sys.argv[1:]])


def folder_to_resume(out: Path | None, what: str) -> Path:
    """The folder of --out, which --resume needs.

    Args:
        out: the folder, None where none was named.
        what: word for what was interrupted, "search".

    Raises:
        InputError: no folder was named.
    """
    from esc_sim.errors import InputError

    if out is None:
        raise InputError(f"--resume: name the folder of the interrupted {what} with --out")
    return out


def tell_interrupted(out: Path | None, what: str, done: str = "") -> typer.Exit:
    """Say that work was interrupted and how it goes on; gives the exit to raise.

    Args:
        out: the folder of --out, None where none was named.
        what: word for the work, "search".
        done: what is finished of it, if there is something to say.
    """
    again = "the same command with --resume goes on" if out else f"with --out DIR an interrupted {what} can go on"
    typer.echo(f"interrupted: {done + '; ' if done else ''}{again}", err=True)
    return typer.Exit(INTERRUPTED)


@contextmanager
def told_when_interrupted(out: Path | None, what: str) -> Iterator[None]:
    """Ctrl-C within the block ends the command with a word on how it goes on, see :func:`tell_interrupted`."""
    try:
        yield
    except KeyboardInterrupt:
        raise tell_interrupted(out, what) from None


def tell_unread(scenario: Scenario) -> None:
    """Say on stderr which changes the command does not read, before its work begins."""
    for notice in scenario.notices:
        typer.echo(f"note: {notice}", err=True)


def tell_notices(notices: Iterable[str], scenario: Scenario) -> None:
    """Say what there is to know in the end, without what :func:`tell_unread` has said."""
    for notice in notices:
        if notice not in scenario.notices:
            typer.echo(f"note: {notice}")


def tell_files(out: Path, what: str) -> None:
    """Say where the files are, and name the figures."""
    typer.echo(f"\n{what}: {out}/")
    for figure in sorted(out.glob("*.png")):
        typer.echo(f"  {figure}")
