"""Delimited text of which nothing is known but that it is a table: which row is its header, what separates cells."""

from __future__ import annotations

import pytest

from esc_sim.delimited import lines_of, several_names
from esc_sim.errors import InputError


@pytest.mark.parametrize(
    ("cells", "header"),
    [
        (["period", "demand"], True),
        (["Our demand", ""], False),
        (["demand"], False),
        ([], False),
        (["1", "demand"], False),
        (["1", "2.5e3"], False),
    ],
)
def test_a_header_holds_several_names_and_no_number(cells: list[str], header: bool) -> None:
    assert several_names(cells) is header


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_what_the_header_holds_most_of(separator: str) -> None:
    other = "," if separator == ";" else ";"
    cells = ["period", "demand", f"price{other} net"]
    text = separator.join(cells) + "\n" + separator.join(["1", "2", "3"]) + "\n"
    assert list(lines_of(text, "x.csv")) == [(1, cells), (2, ["1", "2", "3"])]


def test_a_title_above_names_is_refused_and_one_row_of_names_is_enough() -> None:
    with pytest.raises(InputError, match=r"^x\.csv:1: 'Our demand' stands above the row .* which is line 3: delete"):
        lines_of("Our demand\n\nperiod;demand\n1;2\n", "x.csv")
    assert list(lines_of("period;demand\n", "x.csv")) == [(1, ["period", "demand"])]


def test_where_no_row_can_be_the_header_the_first_line_decides() -> None:
    assert list(lines_of("1;2,5;0\n3;4,5;0\n", "x.csv")) == [(1, ["1", "2,5", "0"]), (2, ["3", "4,5", "0"])]
    assert list(lines_of("", "x.csv")) == []
