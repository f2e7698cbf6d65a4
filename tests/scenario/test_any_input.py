"""Whatever stands in the files, reading gives a scenario or an InputError, never another exception."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from esc_sim.errors import InputError
from esc_sim.scenario.reader import load_scenario
from tests.scenario.helpers import GOOD, folder_of
from tests.scenario.test_tables import ARCS, HEAD, NODES, book_of

MARKS = "{}[]:'\"#|>?%~\t\n\x85\u2028\ufeffé"
WORDS = ["", ": ", "- ", "&a ", "*a", "!!int ", "---", "null", "true", "-1", ".nan", "1e999", "law", "id", "shop"]
PIECES = st.sampled_from([*MARKS, *WORDS])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["shop", "maker"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["law", "mean", "id", "buyer", "product", "low", "nodes", "x", "when"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
KEYS = [
    "nodes",
    "arcs",
    "stocks",
    "products",
    "markets",
    "disruptions",
    "rules",
    "run",
    "tables",
    "risk",
    "name",
    "data",
    "switches",
    "variants",
    "variant",
    "when",
]


@contextlib.contextmanager
def scenario_folder(text: str | bytes, **files: str | bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield folder_of(Path(folder) / "s", text, **files)


def read(folder: Path) -> None:
    with contextlib.suppress(InputError):
        load_scenario(folder)


def spliced(text: str, changes: list[tuple[float, int, str]]) -> str:
    for share, length, piece in changes:
        start = int(share * len(text))
        text = text[:start] + piece + text[start + length :]
    return text


CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), PIECES), min_size=1, max_size=4)


@given(CHANGES)
def test_changed_yaml(changes: list[tuple[float, int, str]]) -> None:
    with scenario_folder(spliced(GOOD, changes)) as folder:
        read(folder)


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4))
@example({"nodes": [{"id": "a", "demand": {"mean": 1, "law": 3}}], "arcs": [{"buyer": "a", "lead_time": {"law": []}}]})
@example({"nodes": [None], "arcs": [[]], "stocks": [{}], "markets": ["m"], "disruptions": [{"arcs": [{}]}]})
def test_values_of_any_kind(values: dict[str, object]) -> None:
    with scenario_folder(GOOD) as folder, contextlib.suppress(InputError):
        load_scenario(folder, values)


@given(CHANGES, CHANGES)
def test_changed_tables(nodes: list[tuple[float, int, str]], arcs: list[tuple[float, int, str]]) -> None:
    with scenario_folder(HEAD, nodes_csv=spliced(NODES, nodes), arcs_csv=spliced(ARCS, arcs)) as folder:
        read(folder)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return book_of(tmp_path_factory.mktemp("book") / "book.xlsx", nodes=NODES, arcs=ARCS).read_bytes()


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), min_size=1, max_size=4))
def test_damaged_workbook(workbook: bytes, changes: list[tuple[float, bytes]]) -> None:
    raw = bytearray(workbook)
    for share, piece in changes:
        start = int(share * len(raw))
        raw[start : start + len(piece)] = piece
    with scenario_folder(HEAD + "tables: book.xlsx\n", book_xlsx=bytes(raw)) as folder:
        read(folder)


@given(st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    with scenario_folder(raw, nodes_csv=raw, arcs_csv=raw) as folder:
        read(folder)
