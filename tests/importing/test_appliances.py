"""The case appliances: its workbook is what the script makes, its tables are what `esc-sim import` makes of that."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from esc_sim.cli import main

pytest.importorskip("openpyxl")
from openpyxl import Workbook, load_workbook

from experiments.make_appliances import BOOK, FOLDER, SHOPS, sheets, workbook

NOT_IMPORTED = {BOOK, "PROVENANCE.md"}


def cells_of(book: Workbook) -> dict[str, list[tuple[Any, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_the_workbook_is_what_the_script_makes() -> None:
    assert cells_of(load_workbook(FOLDER / BOOK)) == cells_of(workbook())


def test_the_workbook_is_that_of_a_company() -> None:
    tables = sheets()
    kinds = [row[1] for row in tables["Sites"][1:]]
    assert [kinds.count(kind) for kind in ("Plant", "Depot", "Shop")] == [3, 5, 20]
    assert [len(tables[name]) - 1 for name in ("SKUs", "Suppliers")] == [6, 10]
    months = [cell for cell in tables["Demand history"][0] if isinstance(cell, datetime)]
    assert len(months) == 24
    assert {row[3] for row in tables["Suppliers"][1:]} == {"EUR", "USD"}
    lanes = [tuple(row[:2]) for row in tables["Lanes"][1:]]
    assert len(lanes) > len(set(lanes))
    cells = cells_of(workbook())
    assert "Synthetic" in str(cells["Read me"])
    assert cells["Demand history"][-1][0] == "Total"


def test_importing_the_workbook_again_gives_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "appliances"
    assert main(["import", str(FOLDER / BOOK), "--out", str(out)]) == 0
    made = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    there = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    assert made == {name: content for name, content in there.items() if name not in NOT_IMPORTED}


def test_half_of_the_sales_hang_on_one_depot() -> None:
    alone = {name for name, *_, depots in SHOPS if depots == ["Duisburg Hub"]}
    sold = {name: 0 for name, *_ in SHOPS}
    for shop, _, *months in sheets()["Demand history"][1:]:
        sold[shop] += sum(months)
    assert 0.5 < sum(sold[name] for name in alone) / sum(sold.values()) < 0.6
