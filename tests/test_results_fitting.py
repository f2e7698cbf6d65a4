"""Tables in narrow terminals: labels stay whole as long as they can, and every word stays to be read."""

from __future__ import annotations

import io

import pytest
from rich import box
from rich.console import Console
from rich.table import Table

from esc_sim.results.fitting import fitted

LABEL, VALUE = "a label of words", "12.25 \N{PLUS-MINUS SIGN} 0.5"


def table_of(label: str, *values: str) -> Table:
    """A table of one row; columns cost 3 characters each, and the table one more."""
    table = Table(title="Title", box=box.SIMPLE_HEAD)
    table.add_column("")
    for number in range(len(values)):
        table.add_column(f"v{number}", justify="right")
    table.add_row(label, *values)
    return table


def printed(tables: list[Table]) -> list[str]:
    """Lines of tables on a wide console, which itself wraps and cuts nothing."""
    out = io.StringIO()
    console = Console(file=out, width=500, color_system=None)
    for table in tables:
        console.print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (34, [None, None]),  # 16 + 11 + 7: it fits
        (33, [16, 10]),  # the value gives way, as far as its longest word
        (28, [16, 5]),
        (27, [15, 5]),  # then the label does
        (17, [5, 5]),  # as far as its longest word
    ],
)
def test_values_wrap_between_words_first_then_labels_do(width: int, widths: list[int | None]) -> None:
    (table,) = fitted(table_of(LABEL, VALUE), width)
    assert [column.width for column in table.columns] == widths
    lines = printed([table])
    assert max(map(len, lines)) <= width
    assert set(f"{LABEL} {VALUE}".split()) <= {word for line in lines for word in line.split()}


@pytest.mark.parametrize("width", [16, 12, 9])
def test_words_are_broken_where_none_fits_any_more(width: int) -> None:
    (table,) = fitted(table_of(LABEL, VALUE), width)
    assert sum(column.width or 0 for column in table.columns) == width - 7


def test_columns_that_find_no_room_stand_below_with_the_labels() -> None:
    parts = fitted(table_of(LABEL, VALUE, VALUE, VALUE), 48)
    assert [[column.header for column in part.columns] for part in parts] == [["", "v0", "v1"], ["", "v2"]]
    assert [part.title for part in parts] == ["Title", None]
    lines = printed(parts)
    assert max(map(len, lines)) <= 48
    assert [line.count(VALUE) for line in lines if LABEL in line] == [2, 1]
