"""How commands were started, what they tell of the files that they wrote, and what becomes of interrupted ones."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from esc_sim.cli.output import note, say
from esc_sim.cli.signals import SIGNALS

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Place

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def command_line() -> str:
    """The command as it was typed, for manifests."""
    return shlex.join(["esc-sim", *sys.argv[1:]])


def place_for(
    out: Path | None, *, kind: str, force: bool, drawn: Collection[str] = ()
) -> AbstractContextManager[Place | None]:
    """The place of --out, claimed for the whole work, see :func:`esc_sim.storage.place.claimed`.

    Args:
        out: what --out says; without it there is no place (None).
        kind: format of the results, as in their manifest.
        force: replace earlier results of that kind.
        drawn: names of figure files that may be added later, and go with what is replaced.
    """
    from esc_sim.storage.place import claimed

    return nullcontext() if out is None else claimed(out, kind=kind, force=force, drawn=drawn)


def shown_then_saved(place: Place | None, show: Callable[[], object], save: Callable[[Place], object]) -> None:
    """Show first, so that nobody waits for files and figures to see numbers; save whatever becomes of the output.

    Signals wait until the tables are saved, and so does the error of an output that cannot be written to. Figures do
    not keep them waiting: those that are not drawn by then are left out, and named.

    Args:
        place: where to save; None where nobody asked for it.
        show: prints the results.
        save: saves them.

    Raises:
        EscSimError: they could not be saved.
    """
    if place is None:
        show()
        return
    from esc_sim.findings.plots import broken_off_when

    is_saved = False
    missing: list[str] = []
    try:
        with SIGNALS.held(), broken_off_when(lambda: SIGNALS.is_waiting) as missing:
            try:
                show()
                sys.stdout.flush()
            finally:
                save(place)
                is_saved = True
    except KeyboardInterrupt:
        if not is_saved:
            raise
        note(_while_saving(place.out, missing))
        raise typer.Exit(INTERRUPTED) from None


def _while_saving(out: Path, missing: Collection[str]) -> str:
    """What an interruption has left of the results."""
    if not missing:
        return f"interrupted: {out} is complete"
    names = ", ".join(dict.fromkeys(missing))
    again = shlex.join(["esc-sim", "plot", str(out)])
    return f"interrupted: {out} holds all tables, but not the figures {names}; `{again}` draws them"


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
    note(f"interrupted: {done + '; ' if done else ''}{again}")
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
        note(f"note: {notice}")


def tell_notices(notices: Iterable[str], scenario: Scenario) -> None:
    """Say what there is to know in the end, without what :func:`tell_unread` has said."""
    for notice in notices:
        if notice not in scenario.notices:
            say(f"note: {notice}")


def tell_files(out: Path, what: str) -> None:
    """Say where the files are, and name the figures."""
    say(f"\n{what}: {out}/")
    for figure in sorted(out.glob("*.png")):
        say(f"  {figure}")
