"""Workbooks as real people make them: one company's tables, each time with something odd in them.

``tables`` is the company's data in order; every maker writes a workbook of it in which one thing is as it should not
be, but often is. ``BOOKS`` says of each whether it means the same as the tidy one, or which cell makes it unreadable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Row = list[Any]
Tables = dict[str, list[Row]]
"""Rows by sheet; the first row of each has the headings."""

MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))
SALES: dict[tuple[str, str], tuple[int, ...]] = {
    ("Wien Mitte", "OV-60"): (310, 295, 322, 341, 338, 305, 287, 279, 330, 352, 377, 402),
    ("Wien Mitte", "EM-15"): (1240, 1180, 1215, 1302, 1275, 1190, 1105, 1090, 1260, 1345, 1420, 1510),
    ("Graz Süd", "OV-60"): (121, 118, 130, 127, 135, 119, 108, 104, 125, 139, 148, 160),
    ("Graz Süd", "EM-15"): (512, 498, 505, 541, 530, 487, 455, 449, 520, 560, 588, 631),
}
"""Units sold a month, by shop and SKU."""


def tables() -> Tables:
    """What the company knows: two components, one plant, one depot, two shops, two products, two modes on one lane."""
    return {
        "Sites": [
            ["Name", "Type", "Country", "Latitude", "Longitude"],
            ["Brno", "Plant", "CZ", 49.1951, 16.6068],
            ["Linz Nord", "Depot", "AT", 48.3369, 14.3158],
            ["Wien Mitte", "Shop", "AT", 48.2082, 16.3738],
            ["Graz Süd", "Shop", "AT", 47.0380, 15.4395],
        ],
        "Suppliers": [
            ["Supplier", "Component", "Unit price", "Currency", "Country", "Latitude", "Longitude"],
            ["Heizstab AG", "HE-2", 14.5, "EUR", "DE", 48.1351, 11.5820],
            ["Taipei Pumps", "PU-9", 31.25, "USD", "TW", 25.0330, 121.5654],
        ],
        "SKUs": [
            ["SKU", "Description", "Price", "Currency"],
            ["OV-60", "Oven 60 cm", 389.5, "EUR"],
            ["EM-15", "Espresso machine 15 bar", 1249.9, "EUR"],
        ],
        "BOM": [
            ["Product", "Component", "Quantity"],
            ["OV-60", "HE-2", 2],
            ["EM-15", "HE-2", 1],
            ["EM-15", "PU-9", 1],
        ],
        "Lanes": [
            ["From", "To", "Mode", "Min lead time (days)", "Usual lead time (days)", "Max lead time (days)", "Cost"],
            ["Heizstab AG", "Brno", "road", 2, 3, 6, 0.8],
            ["Taipei Pumps", "Brno", "sea", 35, 42, 60, 1.1],
            ["Taipei Pumps", "Brno", "air", 5, 7, 10, 6.4],
            ["Brno", "Linz Nord", "road", 1, 2, 4, 3.2],
            ["Linz Nord", "Wien Mitte", "road", 1, 1, 3, 2.1],
            ["Linz Nord", "Graz Süd", "road", 1, 2, 3, 2.6],
        ],
        "Demand history": [["Store", "SKU", *MONTHS], *([*key, *sold] for key, sold in SALES.items())],
        "Rates": [["Currency", "Rate (EUR)"], ["EUR", 1], ["USD", 0.92]],
    }


def written(path: Path, sheets: Tables) -> Workbook:
    """A workbook of these sheets, saved; a maker may change and save it again."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def tidy(path: Path) -> None:
    """Nothing odd at all."""
    written(path, tables())


def title_rows(path: Path) -> None:
    """The company's name, the date and an empty row above every heading."""
    above: list[Row] = [["Alpenherd GmbH: master data of the supply chain"], ["Stand / as of", "31.01.2026"], []]
    written(path, {name: above + rows for name, rows in tables().items()})


def merged_cells(path: Path) -> None:
    """A supplier that stands once beside its two lanes, in merged cells; so do country and shop; a merged title."""
    sheets = tables()
    sheets["Lanes"].insert(0, ["Transport lanes of all sites"])
    book = written(path, sheets)
    _merge(book["Lanes"], "A1:G1")
    _merge(book["Lanes"], "A4:A5")
    _merge(book["Sites"], "C3:C5")
    _merge(book["Demand history"], "A2:A3")
    _merge(book["Demand history"], "A4:A5")
    book.save(path)


def blank_lines(path: Path) -> None:
    """Tables that begin in column C, with an empty row below the heading and one between any two groups."""
    made: Tables = {}
    for name, rows in tables().items():
        spaced: list[Row] = [[], rows[0], []]
        for before, row in zip([rows[1], *rows[1:]], rows[1:], strict=False):
            spaced += [[], row] if row[1] != before[1] else [row]
        made[name] = [[None, None, *row] if row else [] for row in spaced]
    written(path, made)


def totals(path: Path) -> None:
    """Subtotals by shop, a grand total below, a column of totals on the right, and counts below other tables."""
    sheets = tables()
    header, *rows = sheets["Demand history"]
    with_sums: list[Row] = [[*header, "Total"]]
    for shop in ("Wien Mitte", "Graz Süd"):
        of_shop = [[*row, sum(row[2:])] for row in rows if row[0] == shop]
        with_sums += [*of_shop, [f"Subtotal {shop}", None, *_sums(of_shop)]]
    every = [[*row, sum(row[2:])] for row in rows]
    sheets["Demand history"] = [*with_sums, ["Grand total", None, *_sums(every)]]
    sheets["Lanes"].append(["Total", None, None, None, None, None, 16.2])
    sheets["Sites"] += [[], ["Total: 4 sites"]]
    written(path, sheets)


def text_numbers(path: Path) -> None:
    """Numbers that are texts: with spaces, an apostrophe, a currency, a unit, thousands apart by a space."""
    sheets = tables()
    for row in sheets["Demand history"][1:]:
        row[2:] = [f"{units:,}".replace(",", "\N{NO-BREAK SPACE}") for units in row[2:]]
    for row in sheets["Lanes"][1:]:
        row[3:6] = [f"{days} days" for days in row[3:6]]
        row[6] = f" {row[6]} "
    for row in sheets["SKUs"][1:]:
        row[2] = f"\N{EURO SIGN} {row[2]:.2f}"
    for row in sheets["Sites"][1:]:
        row[3:] = [f"'{degrees}" for degrees in row[3:]]
    written(path, sheets)


def decimal_commas(path: Path) -> None:
    """Texts of a German spreadsheet: 1.249,90 and 48,2082."""
    sheets = tables()
    for row in sheets["Demand history"][1:]:
        row[2:] = [_german(units, 2) for units in row[2:]]
    for name, column, digits in (("SKUs", 2, 2), ("Lanes", 6, 2), ("Suppliers", 2, 2), ("Rates", 1, 2)):
        for row in sheets[name][1:]:
            row[column] = _german(row[column], digits)
    for name, first in (("Sites", 3), ("Suppliers", 5)):
        for row in sheets[name][1:]:
            row[first:] = [_german(degrees, 4) for degrees in row[first:]]
    written(path, sheets)


def long_text_dates(path: Path) -> None:
    """One row a month, shop and SKU, with dates that are texts, day first: 31.01.2025; the rows are not in order."""
    ends = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    rows: list[Row] = [
        [f"{ends[month]:02d}.{month + 1:02d}.2025", shop, sku, sold[month]]
        for (shop, sku), sold in SALES.items()
        for month in (*range(6, 12), *range(6))
    ]
    written(path, tables() | {"Demand history": [["Month ending", "Store", "SKU", "Qty sold"], *rows]})


def two_header_rows(path: Path) -> None:
    """The year stands once, merged, above the months; the lead times stand below one heading of their own."""
    sheets = tables()
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    sheets["Demand history"] = [["Store", "SKU", 2025], [None, None, *names], *sheets["Demand history"][1:]]
    sheets["Lanes"] = [
        ["From", "To", "Mode", "Lead time (days)", None, None, "Cost"],
        [None, None, None, "min", "usual", "max", None],
        *sheets["Lanes"][1:],
    ]
    book = written(path, sheets)
    _merge(book["Demand history"], f"C1:{get_column_letter(14)}1")
    _merge(book["Lanes"], "D1:F1")
    book.save(path)


def hidden_sheets(path: Path) -> None:
    """Last year's sites and a pivot table, both hidden; a sheet of notes that is no table."""
    sheets = tables()
    sheets["Sites old"] = [["Name", "Type", "Country"], ["Brno", "Plant", "CZ"], ["Graz Nord", "Shop", "AT"]]
    sheets["Sales 2019"] = [["Store", "SKU", "2019-01"], ["Graz Nord", "OV-60", 77]]
    sheets["Read me"] = [["Ask logistics before you change anything."], ["Last changed by Petra."]]
    book = written(path, sheets)
    book["Sites old"].sheet_state = "hidden"
    book["Sales 2019"].sheet_state = "veryHidden"
    book.save(path)


def notes_beside(path: Path) -> None:
    """Remarks beside and below the tables, headings with units and breaks, columns nobody asked for."""
    sheets = tables()
    sheets["Lanes"][0] = [
        "From", "To", "Mode", "Min lead time\n[days]", "Usual lead time\n[days]", "Max lead time\n[days]",
        "Cost\n(EUR / unit)",
    ]  # fmt: skip
    sheets["Lanes"][2] += [None, "since March by the new carrier"]
    sheets["Lanes"][4] += [None, "ask Petra"]
    sheets["Lanes"] += [[], ["* costs without customs"], ["Source: tender 2025"]]
    sheets["SKUs"][0][2] = "Price (EUR/pc)"
    sheets["SKUs"] = [[*row, remark] for row, remark in zip(sheets["SKUs"], ["Colour", "steel", "black"], strict=True)]
    sheets["Demand history"][1] += [None, None, "shop closed for two days in August"]
    written(path, sheets)


def spelling(path: Path) -> None:
    """Names that differ in case, in spaces, in accents; a site that stands twice, both times the same."""
    sheets = tables()
    sheets["Lanes"][4][0] = "BRNO"
    sheets["Lanes"][5][0] = "Linz  Nord "
    sheets["Lanes"][6][1] = "Graz Sud"
    sheets["Demand history"][1][0] = "wien mitte"
    sheets["BOM"][2][0] = "em-15"
    sheets["Sites"].append(list(sheets["Sites"][3]))
    written(path, sheets)


def ambiguous_numbers(path: Path) -> None:
    """Sales as texts of which nobody can say whether 1.240 are twelve hundred: refused."""
    sheets = tables()
    for row in sheets["Demand history"][1:]:
        row[2:] = [_german(units, 0) for units in row[2:]]
    written(path, sheets)


def contradicting_sites(path: Path) -> None:
    """One shop twice, at two places: refused."""
    sheets = tables()
    sheets["Sites"].append(["Wien Mitte", "Shop", "AT", 48.3000, 16.3738])
    written(path, sheets)


def errors_in_cells(path: Path) -> None:
    """An error value where a lead time belongs, and a word where units belong: refused, both at once."""
    sheets = tables()
    sheets["Lanes"][5][4] = "#N/A"
    sheets["Demand history"][3][6] = "many"
    written(path, sheets)


def formulas_never_computed(path: Path) -> None:
    """A formula whose value was never stored, as some programs write it: refused."""
    sheets = tables()
    sheets["Lanes"][3][6] = "=2*3.2"
    written(path, sheets)


@dataclass(frozen=True)
class Book:
    """A workbook.

    Attributes:
        make: writes it.
        refused: the cells that the refusal must name, as ``Sheet!B2``; none: it means the same as the tidy book.
        told: words that the page of what was understood must hold.
    """

    make: Callable[[Path], None]
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its maker's name."""
        return self.make.__name__


BOOKS = (
    Book(title_rows),
    Book(merged_cells),
    Book(blank_lines),
    Book(totals, told=("Grand total", "Subtotal Wien Mitte")),
    Book(text_numbers),
    Book(decimal_commas),
    Book(long_text_dates),
    Book(two_header_rows),
    Book(hidden_sheets, told=("Sites old", "Sales 2019", "Read me")),
    Book(notes_beside, told=("Colour",)),
    Book(spelling, told=("Graz Sud",)),
    Book(ambiguous_numbers, refused=("Demand history!C3",)),
    Book(contradicting_sites, refused=("Sites!D6",)),
    Book(errors_in_cells, refused=("Lanes!E6", "Demand history!G4")),
    Book(formulas_never_computed, refused=("Lanes!G4",)),
)


def _merge(sheet: Worksheet, area: str) -> None:
    """Merge cells as a spreadsheet program does: only the first keeps what it held."""
    cells = [cell for row in sheet[area] for cell in row]
    for cell in cells[1:]:
        cell.value = None
    sheet.merge_cells(area)


def _sums(rows: list[Row]) -> Row:
    return [sum(column) for column in zip(*(row[2:] for row in rows), strict=True)]


def _german(number: float, digits: int) -> str:
    return f"{number:,.{digits}f}".translate(str.maketrans(",.", ".,"))
