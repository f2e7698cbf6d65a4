"""Malformed scenarios: each gives its message and place, exit status 2, no traceback, and nothing is written."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from esc_sim.cli import main
from tests.scenario.helpers import GOOD, changed, folder_of
from tests.scenario.test_tables import HEAD, NODES, book_of

BOOK = HEAD + "tables: book.xlsx\n"


@dataclass(frozen=True)
class Case:
    """A scenario folder (text, files beside it, or made by ``build``), and what must be said of it."""

    name: str
    expected: str
    text: str | bytes = GOOD
    files: dict[str, str | bytes] = field(default_factory=dict)
    build: Callable[[Path], None] | None = None
    words: tuple[str, ...] = ()


def no_workbook(path: Path) -> None:
    (path / "book.xlsx").write_bytes(b"id,role\na,shop\n")


def zip_of(path: Path, **parts: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", parts.pop("types", b"<Types/>"))
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)


def packed_bomb(path: Path) -> None:
    zip_of(path / "book.xlsx", workbook=b"<a>" + b" " * 30_000_000 + b"</a>")


def lying_bomb(path: Path) -> None:
    """The size that the archive's directory claims is far beyond the limit."""
    book_of(path / "book.xlsx", nodes=NODES)
    raw = bytearray((path / "book.xlsx").read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = struct.pack("<I", 0xFFFFFF00)
    (path / "book.xlsx").write_bytes(raw)


def entity_bomb(path: Path) -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(9))
    zip_of(path / "book.xlsx", workbook=f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><x>&e8;</x>".encode())


def outside_entity(path: Path) -> None:
    zip_of(path / "book.xlsx", workbook=b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:/etc/passwd">]><x>&e;</x>')


def zip_but_no_workbook(path: Path) -> None:
    with zipfile.ZipFile(path / "book.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")


def hollow_workbook(path: Path) -> None:
    zip_of(path / "book.xlsx", workbook=b"<workbook/>")


def no_known_sheet(path: Path) -> None:
    book_of(path / "book.xlsx", Sheet1=NODES)


def link_out(path: Path) -> None:
    outside = path.parent / "outside.csv"
    outside.write_text(NODES)
    (path / "nodes.csv").symlink_to(outside)


def broken_link(path: Path) -> None:
    (path / "nodes.csv").symlink_to(path / "gone.csv")


def link_to_itself(path: Path) -> None:
    (path / "nodes.csv").symlink_to(path / "nodes.csv")


def scenario_link_out(path: Path) -> None:
    outside = path.parent / "outside.yaml"
    outside.write_text(GOOD)
    (path / "scenario.yaml").unlink()
    (path / "scenario.yaml").symlink_to(outside)


def table_is_a_folder(path: Path) -> None:
    (path / "nodes.csv").mkdir()


def table_is_a_pipe(path: Path) -> None:
    os.mkfifo(path / "nodes.csv")


def no_scenario(path: Path) -> None:
    (path / "scenario.yaml").unlink()


def yaml_bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join(lines)


PROBABILITIES = "{law: discrete, values: [1, 2], probabilities: [0.5, 0.6]}"
CASES = [
    # What is no YAML, or not a scenario
    Case("empty file", "scenario.yaml: the file is empty", ""),
    Case("comments only", "scenario.yaml: the file is empty", "# nothing\n"),
    Case("list at the top", "scenario.yaml:1:1: a scenario is a group of keys", "- version: 1\n"),
    Case("text at the top", "scenario.yaml:1:1: a scenario is a group of keys", "hello\n"),
    Case("not UTF-8", "scenario.yaml:2: not UTF-8 text (byte 0xe9)", b"version: 1\nname: caf\xe9\n"),
    Case("UTF-16", "scenario.yaml:1: UTF-16 text: save the file as UTF-8", GOOD.encode("utf-16")),
    Case("control character", "scenario.yaml:2:8: control character U+0007", "version: 1\nname: a\x07\n"),
    Case("NUL", "scenario.yaml:1:1: control character U+0000", b"\x00\x01\x02"),
    Case("tab", "scenario.yaml:5:1: a tab cannot indent YAML", changed("  - id: shop", "\t- id: shop")),
    Case("unclosed list", "scenario.yaml:4:1: not valid YAML", "version: 1\nname: x\nnodes: [\n"),
    Case("colon in text", "':' is not expected here", changed("name: test", "name: a: b")),
    Case("two documents", "scenario.yaml:15:1: a second YAML document", GOOD + "---\nversion: 1\n"),
    Case("duplicate key", "scenario.yaml:3:1: key 'name' stands here twice (first", changed("run:", "name:")),
    Case("tag", "scenario.yaml:2:7: YAML tags are not read", changed("name: test", "name: !!python/name:os.system")),
    Case("merge key", "scenario.yaml:2:1: merge keys ('<<') are not read", changed("name: test", "<<: {name: x}")),
    Case("unknown alias", "scenario.yaml:2:7: alias *x has no anchor", changed("name: test", "name: *x")),
    Case("alias cycle", "scenario.yaml:4:12: alias *n stands within", changed("nodes:", "nodes: &n [*n]")),
    Case("alias bomb", "more than 1,000,000 values", yaml_bomb()),
    Case("huge nesting", "scenario.yaml:1:", "[" * 100_000),
    Case("huge nesting of keys", "nested more than 40 deep", "\n".join(" " * i + "a:" for i in range(1_000))),
    Case("list as key", "a key must be a name", "? [a]\n: 1\n"),
    Case("huge file", "scenario.yaml: larger than 16 MiB", b"#" * (16 * 2**20 + 1)),
    # Keys and values
    Case("no version", "scenario.yaml:1:1: 'version' is missing", changed("version: 1\n", "")),
    Case("future version", "scenario.yaml:1:10: version: must be 1, not 2", changed("version: 1", "version: 2")),
    Case("unknown key", "unknown key; did you mean 'disruptions'?", changed("disruptions:", "disruption:")),
    Case("unknown nested key", "run.period: unknown key; did you mean 'periods'?", changed("periods:", "period:")),
    Case("number as text", "not '10': leave the quotes out", changed("mean: 10,", "mean: '10',")),
    Case("boolean for number", "8:20: nodes.0.demand.mean: a number belongs here", changed("mean: 10,", "mean: true,")),
    Case("boolean for name", 'not true: quote it ("true")', changed("id: shop", "id: true")),
    Case("clock for number", "not '1:30'", changed("lead_time: 1", "lead_time: 1:30")),
    Case("text for boolean", "true or false belongs here, not 'no'", GOOD + "rules: {partial: no}\n"),
    Case("fraction for whole number", "a whole number belongs here, not 2.5", changed("periods: 30", "periods: 2.5")),
    Case("not a number", "a finite number belongs here, not .nan", changed("price: 30", "price: .nan")),
    Case("infinite", "a finite number belongs here, not .inf", changed("price: 30", "price: .inf")),
    Case("overflowing", "a finite number belongs here", changed("price: 30", "price: 1e999")),
    Case("digits without end", "a finite number belongs here", changed("price: 30", "price: " + "9" * 5_000)),
    Case("negative price", "arcs.0.price: must be at least 0, not -30", changed("price: 30", "price: -30")),
    Case("negative capacity", "arcs.0.cap: must be at least 0, not -5", changed("price: 30", "cap: -5")),
    Case(
        "no shelf life", "nodes.1.shelf_life: must be at least 1, not 0", changed("initial_stock: 20", "shelf_life: 0")
    ),
    Case("negative shelf life", "shelf_life: must be at least 1", changed("initial_stock: 20", "shelf_life: -2")),
    Case("half a shelf life", "nodes.1.shelf_life", changed("initial_stock: 20", "shelf_life: 2.5")),
    Case("negative stock", "initial_stock: must be at least 0", changed("initial_stock: 20", "initial_stock: -20")),
    Case("probability above 1", "14:49: disruptions.0.probability: must be at most 1", changed("0.1}", "1.1}")),
    Case("text for a list", "a list belongs here, not 'maker': write [maker]", changed("[maker]", "maker")),
    Case(
        "number for a group",
        "demand: a group of keys belongs here",
        changed("{mean: 10, sd: 1, price: 50}", "5"),
    ),
    Case("empty name", "name: an empty name", changed("name: test", "name: ''")),
    Case("slash in a name", "a name cannot hold '/'", changed("name: test", "name: a/b")),
    Case("no such date", "a date such as 2026-01-31", changed("seed: 5", "start: 2026-02-30")),
    Case("no nodes", "scenario.yaml: no nodes", "version: 1\nname: x\nnodes: []\n"),
    # Laws
    Case("unknown law", "unknown law 'unifrm'; did you mean 'uniform'?", changed("{mean: 12}", "{law: {law: unifrm}}")),
    Case("crossed law", "low is above high", changed("{mean: 12}", "{law: {law: uniform, low: 3, high: 2}}")),
    Case("key of another law", "law.sd: unknown key", changed("{mean: 12}", "{law: {law: poisson, mean: 3, sd: 1}}")),
    Case("probabilities", "sum to 1.1, not to 1", changed("{mean: 12}", f"{{law: {PROBABILITIES}}}")),
    Case("two laws", "either a mean (and sd) or a law", changed("12}", "12, law: {law: constant, value: 1}}")),
    Case("endless lead time", "add max_lead_time", changed("time: 1", "time: {law: poisson, mean: 3}")),
    # References
    Case("duplicate node", "scenario.yaml:10:10: nodes.1.id: 'shop' is given twice", changed("id: maker", "id: shop")),
    Case("unknown supplier", "arcs.0.supplier: there is no node 'x'", changed("supplier: maker", "supplier: x")),
    Case("unknown product", "arcs.0.product: there is no product 'oil'", changed("price: 30", "product: oil")),
    Case("unknown market", "arcs.0.market: there is no market 'm'", changed("price: 30", "market: m")),
    Case("arc to itself", "the arc leads from 'shop' to itself", changed("supplier: maker", "supplier: shop")),
    Case("duplicate arc", "a second arc of 'goods'", changed("arcs:\n", "arcs:\n  - {buyer: shop, supplier: maker}\n")),
    Case("order without supplier", "'maker' orders 'goods', but no", changed("{mean: 12}", "{mean: 12}, order: {}")),
    Case("disrupted nobody", "nodes.0: there is no node 'baker'; did you mean", changed("[maker]", "[baker]")),
    Case("no such region", "regions.0: there is no region 'south'", changed("nodes: [maker]", "regions: [south]")),
    Case("no such role", "there is no role 'marker'; did you mean", changed("nodes: [maker]", "roles: [marker]")),
    Case(
        "no such arc",
        "arcs.0: there is no arc from 'shop' to 'maker'",
        changed("nodes: [maker]", "arcs: [{buyer: maker, supplier: shop}]"),
    ),
    Case("two ways of when", "exactly one of probability", changed("0.1}", "0.1, dates: [{start: 1, duration: 1}]}")),
    Case("no way of when", "exactly one of probability", changed(", probability: 0.1", "")),
    Case("no target", "name what is hit", changed("nodes: [maker], ", "")),
    Case("demand of nobody", "none of the nodes named has final demand", changed("0.1}", "0.1, demand_factor: 2}")),
    # Tables
    Case("wrong column", "nodes.csv:1: column 'rule': unknown column", HEAD, {"nodes_csv": "id,rule\na,b\n"}),
    Case("missing column", "nodes.csv:1: column 'id' is missing", HEAD, {"nodes_csv": "role\nx\n"}),
    Case("ragged row", "nodes.csv:3: 1 cells, but the header names 2", HEAD, {"nodes_csv": "id,role\na,b\nc\n"}),
    Case("empty table", "nodes.csv: the table is empty", HEAD, {"nodes_csv": ""}),
    Case("header only", "no nodes", HEAD, {"nodes_csv": "id\n"}),
    Case("NaN in a table", "nodes.csv:2: column 'x': a number belongs here", HEAD, {"nodes_csv": "id,x\na,NaN\n"}),
    Case("binary table", "nodes.csv:1: not UTF-8 text", HEAD, {"nodes_csv": b"id\n".replace(b"d", b"\xff")}),
    Case("NUL in a table", "or control characters: '\\x00'", HEAD, {"nodes_csv": b"id\n\x00\n"}),
    Case("terminal escape", "no node '\\x1b[2Jx'", changed("[maker]", '["\\e[2Jx"]')),
    Case("endless cell", "nodes.csv:2: not valid CSV: field larger", HEAD, {"nodes_csv": "id\n" + "x" * 200_000}),
    Case("table twice", "scenario.yaml:4:1: nodes: given here and in nodes.csv", GOOD, {"nodes_csv": NODES}),
    Case("missing table", "there is no file 'n.csv'", HEAD + "tables: {nodes: n.csv}\n"),
    Case("unknown table", "there is no such table", HEAD + "tables: {edges: e.csv}\n"),
    Case("tables of another kind", "tables: name a workbook", HEAD + "tables: book.ods\n"),
    # Files that lead elsewhere
    Case("path leaving the folder", "'../outside.csv' leads out", HEAD + "tables: {nodes: ../outside.csv}\n"),
    Case("absolute path", "'/etc/passwd.csv' leads out", HEAD + "tables: {nodes: /etc/passwd.csv}\n"),
    Case("workbook outside", "'../b.xlsx' leads out", HEAD + "tables: ../b.xlsx\n"),
    Case("link out of the folder", "'nodes.csv' leads out of the scenario's folder", HEAD, build=link_out),
    Case("scenario that is a link out", "'scenario.yaml' leads out", build=scenario_link_out),
    Case("broken link", "there is no file 'nodes.csv'", HEAD, build=broken_link),
    Case("link to itself", "nodes.csv", HEAD, build=link_to_itself),
    Case("folder for a table", "there is no file 'nodes.csv'", HEAD, build=table_is_a_folder),
    Case("pipe for a table", "there is no file 'nodes.csv'", HEAD, build=table_is_a_pipe),
    Case("folder without a scenario", "no scenario.yaml in this folder", build=no_scenario),
    # Workbooks
    Case("no workbook", "book.xlsx: not an .xlsx workbook", BOOK, build=no_workbook),
    Case("some other zip", "book.xlsx: not an .xlsx workbook", BOOK, build=zip_but_no_workbook),
    Case("hollow workbook", "book.xlsx: cannot be read as a workbook", BOOK, build=hollow_workbook),
    Case("packed bomb", "refused as an expansion bomb", BOOK, build=packed_bomb),
    Case("lying bomb", "book.xlsx: unpacks to", BOOK, build=lying_bomb),
    Case("entity bomb", "unsafe XML refused: document types, entities", BOOK, build=entity_bomb),
    Case("outside entity", "unsafe XML refused: document types, entities", BOOK, build=outside_entity),
    Case("no known sheet", "no sheet is named nodes, arcs", BOOK, build=no_known_sheet),
    # Overrides
    Case("override out of range", "--set run.periods=0: must be at least 1", words=("--set", "run.periods=0")),
    Case("override of nothing", "--set rnu.periods=1: unknown key 'rnu'", words=("--set", "rnu.periods=1")),
]


def all_paths(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_malformed_scenario(case: Case, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path / "chain", case.text, **case.files)
    if case.build is not None:
        case.build(folder)
    before = all_paths(tmp_path)
    out = ["--out", str(tmp_path / "results")] if command == "run" else []
    status = main([command, str(folder), *case.words, *out])
    captured = capsys.readouterr()
    assert case.expected in captured.err
    assert status == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert "pydantic" not in captured.err
    assert all_paths(tmp_path) == before


def test_there_are_enough_and_names_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("name", ["duplicate key", "packed bomb", "link out of the folder"])
def test_malformed_scenario_in_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == name)
    folder = folder_of(tmp_path / "chain", case.text, **case.files)
    if case.build is not None:
        case.build(folder)
    code = "import sys; from esc_sim.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert case.expected in done.stderr
    assert "Traceback" not in done.stderr


def test_paths_that_are_no_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "notes.txt"
    other.write_text(GOOD)
    for path, message in [(tmp_path / "gone", "no such file or folder"), (other, "a scenario is a folder")]:
        assert main(["check", str(path)]) == 2
        assert message in capsys.readouterr().err


def test_thousands_of_mistakes_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arcs = "buyer,supplier\n" + "".join(f"shop,n{i}\n" for i in range(5_000))
    folder = folder_of(tmp_path / "chain", HEAD, nodes_csv=NODES, arcs_csv=arcs)
    assert main(["check", str(folder)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "5000 errors:"
    assert lines[1] == "arcs.csv:2: column 'supplier': there is no node 'n0'"
    assert lines[-1] == "... and 4900 more"
