"""The entry point: finds the commands, and turns errors into a message and an exit status."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from esc_sim import __version__
from esc_sim.cli import commands
from esc_sim.cli.outcome import INTERRUPTED
from esc_sim.cli.output import note, prepared_output, say
from esc_sim.cli.signals import SIGNALS
from esc_sim.compile import is_compiling
from esc_sim.errors import EscSimError, InputError

_ORDER = (
    "new import fit calibrate check schema run stress optimize recover design compare sweep discover plot table report "
    "export app completion warm"
)
ORDER = _ORDER.split()
MAX_PROBLEMS = 100
PROGRAM = "esc-sim"
COMPLETE = "_ESC_SIM_COMPLETE"  # what a shell sets when it asks how a word goes on
USAGE, BROKEN_PIPE, UNWRITABLE = 2, 141, 1
_MADE_BETWEEN = 50_000
"""Objects made between two looks for garbage, a few megabytes."""
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}

_INTERRUPTED = "esc-sim: interrupted"
_EPILOG = "Begin with: esc-sim new my_chain && esc-sim check my_chain. Each command's --help has an example."


class _InterruptedError(Exception):
    """Ctrl-C, in a shape that typer leaves alone."""


class _ClosedError(Exception):
    """The reader of our output has gone."""


class _Group(TyperGroup):
    def make_context(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().make_context(*arguments, **options)
        except KeyboardInterrupt:
            raise _InterruptedError from None

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _InterruptedError from None
        except BrokenPipeError:
            raise _ClosedError from None


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"esc-sim {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Simulate supply networks under disruption."""


def build_app(asked: str = "") -> typer.Typer:
    """The application with the commands found in ``esc_sim.cli.commands``.

    Args:
        asked: the command that is to run; all others are then left out, since reading them takes its time. Where there
            is none of that name, every command is there.
    """
    app = typer.Typer(
        cls=_Group,
        name=PROGRAM,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=_EPILOG,
    )
    app.callback()(_root)
    names = [module.name for module in pkgutil.iter_modules(commands.__path__) if not module.name.startswith("_")]
    named = {name.rstrip("_"): name for name in names}  # `import` is a word of Python: its module is `import_`
    wanted = [asked] if asked in named else named
    for name in sorted(wanted, key=lambda n: (ORDER.index(n) if n in ORDER else len(ORDER), n)):
        module = importlib.import_module(f"{commands.__name__}.{named[name]}")
        app.command(name, no_args_is_help=False)(getattr(module, named[name]))
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the words after `esc-sim`; by default those of the process.

    Returns:
        Exit status: 0; 2 for input or usage that cannot be used (one message, no traceback); 130 after Ctrl-C, 143
        after SIGTERM; 141 where the reader of the output has gone, 1 where the output cannot be written.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    with prepared_output(), SIGNALS.listening(), _seldom_collected():
        try:
            status = _status(words)
            sys.stdout.flush()
            if status == INTERRUPTED and is_compiling():  # Ctrl-C once more; Python itself would wait for that thread
                os._exit(SIGNALS.status(status))
        except KeyboardInterrupt:  # before the command has begun, or while it ends
            note(_INTERRUPTED)
            return SIGNALS.status(INTERRUPTED)
        except BrokenPipeError:
            _drop_output()
            return BROKEN_PIPE
        except OSError as error:
            return _refused(error)
        return SIGNALS.status(status)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Within the block garbage is looked for less often: what a command imports stays, and looking through it again and
    again takes a tenth of a short command's time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_MADE_BETWEEN, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _refused(error: OSError) -> int:
    """Say which file, or output, the operating system has refused; what is neither of the two is raised."""
    if error.errno in _UNWRITABLE:
        _drop_output()
        note(f"error: {error.filename or 'the output'}: cannot be written: {error.strerror}")
        return UNWRITABLE
    if not isinstance(error.filename, (str, bytes)):
        raise error
    note(_harmless(f"error: {os.fsdecode(error.filename)}: cannot be used: {error.strerror}"))
    return USAGE


def _status(words: list[str]) -> int:
    completing = COMPLETE in os.environ
    command = typer.main.get_command(build_app(words[0] if words and not completing else ""))
    if completing:
        from typer.completion import completion_init

        completion_init()
    try:
        status = command.main(args=words, prog_name=PROGRAM, standalone_mode=False)
    except EscSimError as error:
        note(error_text(error))
        return USAGE
    except _InterruptedError:
        note(_INTERRUPTED)
        return INTERRUPTED
    except _ClosedError:
        raise BrokenPipeError from None
    except typer.Abort:
        note("esc-sim: stopped")
        return INTERRUPTED
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1
    except Exception as error:
        # Usage errors of click, which typer carries under different names from release to release.
        show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
        if SIGNALS.received is not None:  # compiled code has made another error of our KeyboardInterrupt
            note(_INTERRUPTED)
            return INTERRUPTED
        if not callable(show) or not isinstance(code, int):
            raise
        show()
        return code
    return status if isinstance(status, int) else 0


def error_text(error: EscSimError) -> str:
    """The message of an error, long lists cut, and nothing in it that a terminal would obey."""
    if not isinstance(error, InputError) or len(error.problems) <= 1:
        return _harmless(f"error: {error}")
    shown = [_harmless(problem) for problem in error.problems[:MAX_PROBLEMS]]
    more = len(error.problems) - len(shown)
    return "\n".join([f"{len(error.problems)} errors:", *shown, *([f"... and {more} more"] if more else [])])


def _harmless(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _drop_output() -> None:
    """Leave nothing for Python to flush at exit into what cannot be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
