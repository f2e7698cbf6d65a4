"""A mapping meets a later state of its workbook: columns that moved, further months, headings that are gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from esc_sim.importing import Imported, import_source
from esc_sim.importing.mapping import text_of
from tests.importing.test_import import LANES, SITES, Rows, arcs, refused

Change = Callable[[openpyxl.Workbook], Any]
MONTHS: Rows = [
    ["Sales", None, None, None, None],
    ["Store", "Remark", "Jan 2025", "Feb 2025", "Total"],
    ["Corner shop", "c", 30, 31, 61],
    ["Market hall", "m", 28, 27, 55],
]


def workbook(path: Path, change: Change | None = None) -> Path:
    """The small network as a workbook, with demand by month, perhaps changed."""
    made = openpyxl.Workbook()
    for name, rows in {"Sites": SITES, "Lanes": LANES, "Demand": MONTHS}.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del made[made.sheetnames[0]]
    if change is not None:
        change(made)
    made.save(path)
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """The mapping that an import of the workbook writes."""
    path = tmp_path / "mapping.yaml"
    path.write_text(text_of(import_source(workbook(tmp_path / "old.xlsx"), step="day").mapping), encoding="utf-8")
    return path


def again(mapping: Path, change: Change) -> Imported:
    """The import repeated on the changed workbook."""
    return import_source(workbook(mapping.parent / "book.xlsx", change), mapping=mapping)


def refused_again(mapping: Path, change: Change) -> str:
    """What is said of the changed workbook."""
    return refused(workbook(mapping.parent / "book.xlsx", change), mapping=mapping)


def test_an_inserted_column_moves_the_others(mapping: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Lanes"].insert_cols(3)
        book["Lanes"]["C1"] = "Carrier"

    imported = again(mapping, change)
    found = arcs(imported)["mill", "depot_north"]
    assert (found.lead_time, found.other_cost) == (3.0, 2.5)
    assert any("'Lead time (days)' (C to D) and 'Cost' (D to E)" in text for text in imported.found.understood)
    assert any("'Carrier' (C)" in text for text in imported.found.left_out)


def test_headings_that_change_places_are_followed_and_lines_above_them_too(mapping: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for row in book["Lanes"].iter_rows():
            row[2].value, row[3].value = row[3].value, row[2].value
        book["Sites"].insert_rows(1)
        book["Sites"]["A1"] = "Our sites"

    found = arcs(again(mapping, change))["mill", "depot_north"]
    assert (found.lead_time, found.other_cost) == (3.0, 2.5)


def test_another_month_is_read_and_the_run_begins_after_it(mapping: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Demand"]
        sheet.insert_cols(5)
        for row, value in zip((2, 3, 4), ("Mar 2025", 33, 29), strict=True):
            sheet.cell(row, 5, value)

    imported = again(mapping, change)
    history = imported.content.history
    assert history.series["corner_shop", "goods"] == [30, 31, 33]
    assert imported.scenario.run.start == "2025-04-01"
    assert any("E2: 'Mar 2025' is new since the mapping" in text for text in imported.found.understood)
    assert any("'Total' (F)" in text for text in imported.found.left_out)


def test_months_may_drop_off_at_the_beginning_alone(mapping: Path) -> None:
    imported = again(mapping, lambda book: book["Demand"].delete_cols(3))
    assert imported.content.history.series["corner_shop", "goods"] == [31]
    assert any("no longer in the sheet: 'Jan 2025'" in text for text in imported.found.left_out)
    assert "'Feb 2025'" in refused_again(mapping, lambda book: book["Demand"].delete_cols(4))


def test_a_heading_that_is_gone_is_refused_with_its_cell(mapping: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Lanes"]["D1"] = "Emissions (kg CO2 per unit)"

    text = refused_again(mapping, change)
    assert "book.xlsx[Lanes]!D1: mapping.yaml has 'Cost' here as 'other_cost'" in text
    assert "'Emissions (kg CO2 per unit)' stands here" in text
    # A heading that no column needs may go.
    assert again(mapping, lambda book: book["Demand"].__setitem__("B2", "Town")).scenario.nodes


def test_a_heading_that_stands_twice_now_is_refused(mapping: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Lanes"].insert_cols(1)
        book["Lanes"]["A1"], book["Lanes"]["F1"] = "Cost", "Cost"
        book["Lanes"]["D1"], book["Lanes"]["E1"] = "Lead time (days)", "Cost"

    assert "'Cost' stands in A, E and F: name the column" in refused_again(mapping, change)


def test_columns_that_a_mapping_names_twice_or_that_are_not_there(mapping: Path, tmp_path: Path) -> None:
    text = mapping.read_text(encoding="utf-8")
    source = workbook(tmp_path / "book.xlsx")
    mapping.write_text(text.replace("is: lead_time,", "is: other_cost,"), encoding="utf-8")
    assert "columns C and D: both are 'other_cost'" in refused(source, mapping=mapping)
    mapping.write_text(
        text.replace("column: D, is: other_cost, heading: Cost", "column: Z, is: other_cost"), encoding="utf-8"
    )
    assert "[Lanes]!Z1: mapping.yaml has a column here as 'other_cost'; the sheet has no such" in refused(
        source, mapping=mapping
    )
    mapping.write_text(text.replace("column: B, is: to", "column: A, is: to"), encoding="utf-8")
    assert "column A: stands here twice" in refused(source, mapping=mapping)


@pytest.mark.parametrize("more", ["", "\n  header: [1]"])
def test_a_hidden_sheet_is_taken_in_by_its_mapping(tmp_path: Path, more: str) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Stock on hand")
        for row in (["Site", "On hand"], ["Depot North", 777]):
            sheet.append(row)
        sheet.sheet_state = "hidden"

    source = workbook(tmp_path / "book.xlsx", hide)
    first = import_source(source)
    path = tmp_path / "mapping.yaml"
    text = text_of(first.mapping)
    assert "the sheet is hidden" in text
    path.write_text(text.replace("sheet: Stock on hand\n  table: null", f"sheet: Stock on hand\n  table: stocks{more}"))
    stocks = {line.node: line.initial_stock for line in import_source(source, mapping=path).scenario.stocks}
    assert stocks["depot_north"] == 777
    assert {line.node: line.initial_stock for line in first.scenario.stocks}["depot_north"] != 777
