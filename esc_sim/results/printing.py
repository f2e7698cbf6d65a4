"""Tables and lines on a console: fitted to a terminal's width, plain elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from esc_sim.results.fitting import fitted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PLAIN_WIDTH: Final = 160


def console_for_tables(console: Console, plain_width: int = _PLAIN_WIDTH) -> Console:
    """The console itself on a terminal; else one without colours, ``plain_width`` characters wide.

    Units stand in brackets, which rich would take for markup: consoles are made with ``markup=False``.
    """
    from rich.console import Console as NewConsole

    if console.is_terminal:
        return console
    return NewConsole(file=console.file, width=plain_width, color_system=None, markup=False)


def print_tables(
    tables: Iterable[Table], lines: Iterable[str], console: Console, plain_width: int = _PLAIN_WIDTH
) -> None:
    """Print tables, then lines; without boxes, colours and wrapping when the console is not a terminal.

    Args:
        tables: the tables.
        lines: the lines below them.
        console: where they go.
        plain_width: characters of a line where the console is not a terminal.
    """
    from rich.text import Text

    out = console_for_tables(console, plain_width)
    with out.capture() as captured:
        for table in tables:
            if not console.is_terminal:
                table.box = None
            for part in fitted(table, out.width):
                out.print(part)
            out.print()
        for line in lines:
            out.print(Text(line), soft_wrap=not console.is_terminal)
    out.file.write(captured.get())  # rich would end the program where the reader has gone


def data_line(status: str, note: str) -> str:
    """One line that says where the numbers come from."""
    return f"Data: {status}" + (f" ({note})" if note else "")
