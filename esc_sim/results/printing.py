"""Tables and lines on a console: as they are on a terminal, plain elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

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


def print_tables(tables: Iterable[Table], lines: Iterable[str], console: Console) -> None:
    """Print tables, then lines; without boxes, colours and wrapping when the console is not a terminal.

    Args:
        tables: the tables.
        lines: the lines below them.
        console: where they go.
    """
    from rich.text import Text

    out = console_for_tables(console)
    for table in tables:
        if not console.is_terminal:
            table.box = None
        out.print(table)
        out.print()
    for line in lines:
        out.print(Text(line), soft_wrap=True)


def data_line(status: str, note: str) -> str:
    """One line that says where the numbers come from."""
    return f"Data: {status}" + (f" ({note})" if note else "")
