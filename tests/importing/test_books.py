"""Workbooks as real people make them: imported with the right numbers, or refused with the cell named."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.schema import Scenario

pytest.importorskip("openpyxl")
from esc_sim.importing.run import Imported, import_source
from tests.importing.books import BOOKS, SALES, Book, tidy

READ = [book for book in BOOKS if not book.refused]
REFUSED = [book for book in BOOKS if book.refused]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@cache
def _tidy(folder: Path) -> Imported:
    tidy(folder / "tidy.xlsx")
    return import_source(folder / "tidy.xlsx")


def numbers_of(scenario: Scenario) -> dict[str, Any]:
    """All of a scenario but for what it is called after."""
    return scenario.model_dump(exclude={"name", "title", "description", "data"})


def test_there_are_at_least_twelve_books() -> None:
    assert len(BOOKS) >= 12
    assert len({book.name for book in BOOKS}) == len(BOOKS)


def test_the_tidy_book_has_the_numbers_of_its_cells(folder: Path) -> None:
    scenario = _tidy(folder).scenario
    names = {node.name: node for node in scenario.nodes}
    assert set(names) == {"Brno", "Linz Nord", "Wien Mitte", "Graz Süd", "Heizstab AG", "Taipei Pumps"}
    assert [names[name].role for name in names] == ["plant", "depot", "shop", "shop", "supplier", "supplier"]
    assert (names["Graz Süd"].latitude, names["Graz Süd"].longitude) == (47.038, 15.4395)
    ids = {name: node.id for name, node in names.items()}
    arcs = {(arc.supplier, arc.mode): arc for arc in scenario.arcs if arc.buyer == ids["Brno"]}
    sea, air = (arcs[ids["Taipei Pumps"], mode] for mode in ("sea", "air"))
    assert scenario.run.step == "1 day"
    assert not isinstance(sea.lead_time, float)
    assert sea.lead_time.model_dump() == {"law": "triangular", "low": 35.0, "most_likely": 42.0, "high": 60.0}
    assert (sea.price, sea.other_cost) == (0.0, pytest.approx(31.25 * 0.92 + 1.1))
    assert (air.price, air.other_cost) == (0.0, pytest.approx(31.25 * 0.92 + 6.4))
    recipes = {tuple(recipe.outputs): recipe.inputs for recipe in scenario.recipes}
    assert sorted(map(sorted, recipes.values())) == [["he_2"], ["he_2", "pu_9"]]
    assert sorted(recipe["he_2"] for recipe in recipes.values()) == [1.0, 2.0]


def test_the_tidy_book_asks_for_as_much_a_year_as_was_sold(folder: Path) -> None:
    imported = _tidy(folder)
    assert sorted(imported.content.history.series.values()) == sorted(map(list, SALES.values()))
    scenario = imported.scenario
    shops = {node.id: node.name for node in scenario.nodes if node.role == "shop"}
    prices = {389.5: "OV-60", 1249.9: "EM-15"}
    asked = {(shops[line.node], prices[line.demand.price]): line.demand for line in scenario.stocks if line.demand}
    assert asked.keys() == SALES.keys()
    for item, demand in asked.items():
        assert demand.law is not None or demand.mean is not None
        mean = demand.mean if demand.law is None else mean_of(demand.law)
        assert mean is not None
        assert mean * 365.25 == pytest.approx(sum(SALES[item]), rel=1e-3)


@pytest.mark.parametrize("book", READ, ids=lambda book: book.name)
def test_what_is_odd_in_a_book_changes_no_number(book: Book, folder: Path) -> None:
    path = folder / f"{book.name}.xlsx"
    book.make(path)
    imported = import_source(path)
    assert numbers_of(imported.scenario) == numbers_of(_tidy(folder).scenario)
    told = "\n".join([*imported.found.left_out, *imported.found.assumed])
    assert [words for words in book.told if words not in told] == []


@pytest.mark.parametrize("book", REFUSED, ids=lambda book: book.name)
def test_a_book_that_cannot_be_read_is_refused_with_its_cells(book: Book, folder: Path) -> None:
    path = folder / f"{book.name}.xlsx"
    book.make(path)
    with pytest.raises(InputError) as caught:
        import_source(path)
    places = [problem.partition(": ")[0] for problem in caught.value.problems]
    expected = [f"{path.name}[{cell.replace('!', ']!')}" for cell in book.refused]
    assert [place for place in expected if place not in places] == []
