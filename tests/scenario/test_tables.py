"""Tables beside a scenario: CSV files and the sheets of a workbook."""

from __future__ import annotations

import csv
import random
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.workbook import MAX_RATIO
from tests.scenario.helpers import folder_of, problems_of

HEAD = "version: 1\nname: tables\n"
NODES = "id,role,layer,initial_stock,demand.mean,demand.sd,demand.price,order.mean,production.law.law,production.law.low,production.law.high\n"  # noqa: E501
NODES += "shop,shop,1,5,10,1,50,10.5,,,\nmaker,maker,2,20,,,,,uniform,9,13\n"
ARCS = "buyer,supplier,price,lead_time,lead_time.law,lead_time.low,lead_time.high,crossing\n"
ARCS += "shop,maker,30,,uniform,1,3,true\n"
YAML = """\
version: 1
name: tables
nodes:
  - {id: shop, role: shop, layer: 1, initial_stock: 5, demand: {mean: 10, sd: 1, price: 50}, order: {mean: 10.5}}
  - {id: maker, role: maker, layer: 2, initial_stock: 20, production: {law: {law: uniform, low: 9, high: 13}}}
arcs:
  - {buyer: shop, supplier: maker, price: 30, lead_time: {law: uniform, low: 1, high: 3}, crossing: true}
"""


def book_of(path: Path, **sheets: str) -> Path:
    """A workbook whose sheets hold the CSV texts given, numbers as numbers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for row in csv.reader(text.splitlines()):
            sheet.append([_cell(cell) for cell in row])
    book.save(path)
    book.close()
    return path


def _cell(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text or None


def test_tables_say_the_same_as_yaml(tmp_path: Path) -> None:
    inline = load_scenario(folder_of(tmp_path / "inline", YAML))
    folder = folder_of(tmp_path / "tables", HEAD, nodes_csv=NODES, arcs_csv=ARCS)
    assert load_scenario(folder) == inline
    assert [file.name for file in read_scenario(folder).files] == ["scenario.yaml", "nodes.csv", "arcs.csv"]
    book = folder_of(tmp_path / "book", HEAD + "tables: book.xlsx\n")
    book_of(book / "book.xlsx", Nodes=NODES, arcs=ARCS, notes="anything,goes\n")
    assert load_scenario(book) == inline


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: "\n" + text.replace("maker", '"maker"') + "\n,,,,,,,,,,\n",
        lambda text: text.replace("shop", " shop "),
    ],
    ids=["byte order mark", "CRLF", "semicolons", "tabs", "quotes and blank rows", "spaces"],
)
def test_ways_of_writing_csv(tmp_path: Path, change: object) -> None:
    assert callable(change)
    plain = load_scenario(folder_of(tmp_path / "plain", HEAD, nodes_csv=NODES, arcs_csv=ARCS))
    varied = load_scenario(folder_of(tmp_path / "varied", HEAD, nodes_csv=change(NODES), arcs_csv=ARCS))
    assert varied == plain


def test_products_and_stocks_tables(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        HEAD,
        nodes_csv="id,product\na,oil\nb,\n",
        products_csv="id,name\noil,Crude oil\n7,Seven\n",
        stocks_csv="node,product,initial_stock,yield\na,7,3,0.5\n",
        arcs_csv="buyer,supplier,product\na,b,oil\n",
    )
    scenario = load_scenario(folder)
    assert [product.id for product in scenario.products] == ["oil", "7"]
    assert (scenario.stocks[0].product, scenario.stocks[0].yield_) == ("7", 0.5)
    assert scenario.nodes[1].product is None


def test_named_tables_and_quoted_newlines(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path, HEAD + "tables: {nodes: my.csv}\n", my_csv='id,name,initial_stock\na,"two\nlines",1\nb,,x\n'
    )
    assert problems_of(folder) == ["my.csv:4: column 'initial_stock': a number belongs here, not 'x'"]


def test_places_in_csv(tmp_path: Path) -> None:
    nodes = NODES.replace("10.5", "10;5").replace("maker,2,20", "maker,2,-20").replace(",13\n", ",1\n")
    found = problems_of(folder_of(tmp_path, HEAD, nodes_csv=nodes, arcs_csv=ARCS.replace("maker", "baker")))
    assert found == [
        "nodes.csv:2: column 'order.mean': a number belongs here, not '10;5'",
        "nodes.csv:3: column 'initial_stock': must be at least 0, not -20",
        "nodes.csv:3: column 'production.law.law': low is above high",
        "arcs.csv:2: column 'supplier': there is no node 'baker'; did you mean 'maker'?",
    ]


def test_places_in_a_workbook(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD + "tables: book.xlsx\n")
    book_of(folder / "book.xlsx", nodes=NODES.replace("10.5", "x"), arcs=ARCS.replace("price", "prize"))
    assert problems_of(folder) == [
        "book.xlsx[nodes]!H2: column 'order.mean': a number belongs here, not 'x'",
        "book.xlsx[arcs]!C1: column 'prize': unknown column; did you mean 'price'?",
    ]


def test_decimal_comma_is_explained(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD, nodes_csv="id;initial_stock\na;3,5\n")
    assert problems_of(folder) == ["nodes.csv:2: column 'initial_stock': a number belongs here, not '3,5': write 3.5"]


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1e999", "true"])
def test_what_is_no_finite_number(tmp_path: Path, cell: str) -> None:
    folder = folder_of(tmp_path, HEAD, nodes_csv=f"id,initial_stock\na,{cell}\n")
    assert problems_of(folder) == [f"nodes.csv:2: column 'initial_stock': a number belongs here, not '{cell}'"]


def test_header_mistakes(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD, nodes_csv="role,demand.meen,role,x.y\nr,1,r,2\n")
    found = problems_of(folder)
    assert found[0] == "nodes.csv:1: column 'demand.meen': unknown column; did you mean 'demand.mean'?"
    assert found[1] == "nodes.csv:1: column 'role': the column stands here twice"
    assert found[2].startswith("nodes.csv:1: column 'x.y': unknown column; columns of nodes: ")
    assert found[3] == "nodes.csv:1: column 'id' is missing"


def test_rows_of_the_wrong_length_and_empty_needed_cells(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD, nodes_csv="id,role\na\n,shop\nb,shop,3\n")
    assert problems_of(folder) == [
        "nodes.csv:2: 1 cells, but the header names 2",
        "nodes.csv:3: column 'id': empty, but it must be filled",
        "nodes.csv:4: 3 cells, but the header names 2",
    ]


def test_a_table_of_which_no_row_can_be_read_is_not_called_empty_as_well(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD, nodes_csv=NODES, arcs_csv=ARCS, products_csv="id,name\nbread\ndough,Dough,1\n")
    assert problems_of(folder) == [
        "products.csv:2: 1 cells, but the header names 2",
        "products.csv:3: 3 cells, but the header names 2",
    ]


def test_number_and_law_in_one_row(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD, nodes_csv=NODES, arcs_csv=ARCS.replace("30,,", "30,2,"))
    assert problems_of(folder)[0] == (
        "arcs.csv:2: column 'lead_time.law': 'lead_time' is given as a number and as a law; keep one"
    )


def test_unclosed_quote(tmp_path: Path) -> None:
    (problem,) = problems_of(folder_of(tmp_path, HEAD, nodes_csv='id,role\na,x\nb,"shop\n'))
    assert problem.startswith("nodes.csv:3: not valid CSV: ")


def test_table_given_twice(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, YAML, arcs_csv=ARCS)
    assert problems_of(folder) == ["scenario.yaml:6:1: arcs: given here and in arcs.csv; keep one of the two"]


def test_missing_tables(tmp_path: Path) -> None:
    assert problems_of(folder_of(tmp_path / "a", HEAD)) == [
        "scenario.yaml: no nodes: list them under 'nodes', or in a table nodes.csv beside it"
    ]
    assert problems_of(folder_of(tmp_path / "b", HEAD + "tables: {nodes: n.csv}\n")) == [
        "scenario.yaml:3:17: tables.nodes: there is no file 'n.csv' in the scenario's folder"
    ]
    assert problems_of(folder_of(tmp_path / "c", HEAD + "tables: book.xlsx\n")) == [
        "scenario.yaml:3:9: tables: there is no file 'book.xlsx' in the scenario's folder"
    ]


def test_formulas_need_a_stored_value(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD + "tables: book.xlsx\n")
    book_of(folder / "book.xlsx", nodes="id,initial_stock\na,=1+2\n")
    (problem,) = problems_of(folder)
    assert problem.startswith("book.xlsx[nodes]!B2: a formula without a stored value")


def test_workbook_without_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path, HEAD + "tables: book.xlsx\n")
    book_of(folder / "book.xlsx", nodes=NODES)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (problem,) = problems_of(folder)
    assert problem.startswith("book.xlsx: reading a workbook needs openpyxl: pip install 'esc_sim[excel]'")


def test_a_workbook_may_expand_as_far_as_the_message_says(tmp_path: Path) -> None:
    """A part of just 150 times its packed size is no bomb. Zeros hardly add to what packs, so such a size is near."""
    folder = folder_of(tmp_path, HEAD + "tables: book.xlsx\n")
    noise = random.Random(1).randbytes(10_000)
    size = 2**20
    for _ in range(100):
        book_of(folder / "book.xlsx", nodes="id,initial_stock\na,1\nb,2\n")
        with zipfile.ZipFile(folder / "book.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/media/picture.bin", noise.ljust(size, b"\0"))
            packed = archive.getinfo("xl/media/picture.bin").compress_size
        if size == MAX_RATIO * packed:
            break
        size = MAX_RATIO * packed
    assert size == MAX_RATIO * packed
    assert len(load_scenario(folder).nodes) == 2


def test_workbook_that_claims_to_be_huge(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, HEAD + "tables: book.xlsx\n")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "nodes"
    sheet.append(["id", "role"])
    sheet.append(["a", "x"])
    sheet.cell(1_048_576, 16_384).value = None
    sheet.cell(90_000, 1).value = "b"
    book.save(folder / "book.xlsx")
    book.close()
    assert [node.id for node in load_scenario(folder).nodes] == ["a", "b"]


def test_large_table(tmp_path: Path) -> None:
    count = 20_000
    nodes = "id\n" + "".join(f"n{i}\n" for i in range(count))
    arcs = "buyer,supplier,price,lead_time\n" + "".join(f"n{i},n{(i + 1) % count},2.5,1\n" for i in range(count))
    scenario = load_scenario(folder_of(tmp_path, HEAD, nodes_csv=nodes, arcs_csv=arcs))
    assert len(scenario.arcs) == count
    assert scenario.arcs[-1].supplier == "n0"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["sep={}\n", "SEP={}\r\n", '"sep={}"\n'])
def test_a_line_that_names_the_separator(tmp_path: Path, separator: str, first: str) -> None:
    head = first.format(separator)
    nodes, arcs = (head + text.replace(",", separator) for text in (NODES, ARCS))
    assert load_scenario(folder_of(tmp_path / "s", HEAD, nodes_csv=nodes, arcs_csv=arcs)) == load_scenario(
        folder_of(tmp_path / "plain", HEAD, nodes_csv=NODES, arcs_csv=ARCS)
    )
    wrong = nodes.replace("maker", "shop")
    (problem,) = problems_of(folder_of(tmp_path / "s", HEAD, nodes_csv=wrong, arcs_csv=arcs))[:1]
    assert problem.startswith("nodes.csv:4: column 'id': 'shop' is given twice")


@pytest.mark.parametrize("title", ["Our network", "Our network,,,,,,,,,,", "Plan, June\n", '"a\nb"\n\nsecond title'])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_title_above_the_header_is_one_message(tmp_path: Path, title: str, separator: str) -> None:
    above = f"{title}\n".replace(",", separator) if title.endswith(",") else f"{title}\n"
    folder = folder_of(tmp_path / "s", HEAD, nodes_csv=above + NODES.replace(",", separator), arcs_csv=ARCS)
    (problem,) = problems_of(folder)
    line = above.count("\n") + 1
    assert problem.startswith("nodes.csv:1: '")
    assert f"stands above the row that names the columns, which is line {line}: delete what stands above" in problem


def test_a_title_above_a_sheet_is_one_message(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "s", HEAD + "tables: book.xlsx\n")
    book_of(folder / "book.xlsx", nodes="Our network\n" + NODES, arcs=ARCS)
    assert problems_of(folder) == [
        "book.xlsx[nodes]!A1: 'Our network' stands above the row that names the columns, which is line 2: delete what "
        "stands above it"
    ]


def test_a_misspelt_header_is_no_title(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "s", HEAD, nodes_csv=NODES.replace("id,", "idd,", 1), arcs_csv=ARCS)
    assert problems_of(folder)[:2] == [
        "nodes.csv:1: column 'idd': unknown column; did you mean 'id'?",
        "nodes.csv:1: column 'id' is missing",
    ]


def test_one_column_and_text_with_separators(tmp_path: Path) -> None:
    """What is no header by any reading is read by its first line, as it stands."""
    folder = folder_of(tmp_path / "s", HEAD, nodes_csv=NODES, arcs_csv=ARCS, products_csv='id\ngoods\n"a;b"\n')
    assert [product.id for product in load_scenario(folder).products] == ["goods", "a;b"]


@pytest.mark.parametrize("encoding", ["gb2312", "shift_jis", "big5", "euc-kr", "utf-7", "idna", "rot13", "klingon"])
def test_a_sheet_in_an_encoding_that_cannot_be_read(tmp_path: Path, encoding: str) -> None:
    folder = folder_of(tmp_path / "s", HEAD + "tables: book.xlsx\n")
    book_of(folder / "book.xlsx", nodes=NODES, arcs=ARCS)
    with zipfile.ZipFile(folder / "book.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / "book.xlsx", "w") as archive:
        for name, raw in parts.items():
            head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() if "sheet1" in name else b""
            archive.writestr(name, head + raw)
    (problem,) = problems_of(folder)
    assert problem.startswith("book.xlsx: 'xl/worksheets/sheet1.xml': its encoding cannot be read (")
    assert problem.endswith("): save it as UTF-8")
