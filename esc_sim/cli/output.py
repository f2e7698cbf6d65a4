"""What commands print: after all is saved, on any terminal, and at no cost to the work when it cannot be printed."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO

_ERRORS: Final = "esc-sim"
_PLAIN: Final = {
    "\N{PLUS-MINUS SIGN}": "+-",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{SUPERSCRIPT TWO}": "2",
}
"""What stands for characters that a terminal does not know; others are written as escapes."""


def say(text: str = "", *, at_once: bool = False) -> None:
    """Print a line on standard output.

    Args:
        text: the line.
        at_once: for commands that go on, so that whoever reads from a pipe or a file sees it now.
    """
    print(text, flush=at_once)


def note(text: str) -> None:
    """Print a line on standard error; where that is impossible, nothing."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


class Unfailing:
    """A stream for progress: what cannot be written to it is dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if possible."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def prepared_output() -> Iterator[None]:
    """Within the block every character can be printed, and what a full disk takes only in part raises OSError."""
    codecs.register_error(_ERRORS, _plain)
    before = sys.stdout, sys.stderr
    sys.stdout = _whole(sys.stdout)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        sys.stdout, sys.stderr = before


def _whole(stream: TextIO) -> TextIO:
    """A stream that notices when the system takes a part of what is written: unbuffered ones (python -u) do not."""
    raw = getattr(stream, "buffer", None)
    if not isinstance(raw, io.RawIOBase) or isinstance(raw, io.BytesIO):
        return stream
    owned = io.FileIO(raw.fileno(), "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(owned), encoding=stream.encoding, line_buffering=True)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_PLAIN.get(c) or c.encode("unicode_escape").decode() for c in text), error.end
