"""A scenario as a caller gives it: a path, a dict, a Scenario, tables in memory, or a graph.

All of them are read as files are, with the same messages; a place is then the name of a node or an arc.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from esc_sim.errors import InputError
from esc_sim.fields.parts import plain, stated
from esc_sim.scenario.cells import cell_text
from esc_sim.scenario.checked import changed, checked
from esc_sim.scenario.document import Document
from esc_sim.scenario.located import Located
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.places import placed
from esc_sim.scenario.reader import attach, attach_series, load_scenario, scenario_in
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.series import DATE, SERIES, Kept, SeriesTable, series_of
from esc_sim.scenario.tables import Table, read_rows

if TYPE_CHECKING:
    import networkx as nx

ScenarioLike = Scenario | str | os.PathLike[str] | Mapping[str, Any]
"""A scenario, the path of one, or its content as a dict (as YAML would be)."""


def given_scenario(scenario: ScenarioLike, overrides: Overrides = ()) -> Scenario:
    """The checked scenario that a caller gives, with values changed as by ``--set``.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        overrides: 'path=value' texts, or a mapping of path to value.

    Raises:
        InputError: it is nothing of the kind, or cannot be used.
    """
    if isinstance(scenario, Scenario):
        return changed(checked(scenario), overrides) if overrides else checked(scenario)
    if isinstance(scenario, Mapping):
        return _read(_document(scenario), overrides)
    if isinstance(scenario, str | os.PathLike):
        return load_scenario(scenario, overrides)
    raise InputError(
        f"scenario: the path of a scenario, a dict or a Scenario belongs here, not {_what(scenario)}; "
        "tables are for Scenario.from_tables, graphs for Scenario.from_networkx"
    )


def _what(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


class _Given(Document):
    """Values that stand in no file: a place is the name of an entry."""

    def _placed(self, problem: Problem) -> str | None:
        table = self.tables.get(str(problem.path[0])) if problem.path else None
        if table is not None and problem.about == "missing" and self._in_table(table, problem) is None:
            return None  # that the column is missing has been said
        return placed(problem, Scenario, self.numbered or self.data)


def _document(content: Mapping[str, Any]) -> _Given:
    """A document of plain values.

    Raises:
        InputError: it names files, which only a path can lead to.
    """
    data = {"version": 1, **_values(plain(content))}
    if data.get("tables") is not None:
        raise InputError("tables: files stand beside a scenario.yaml: give its path, or frames to Scenario.from_tables")
    return _Given("scenario", _located(data), data)


def _read(document: _Given, overrides: Overrides = (), problems: Iterable[str] = ()) -> Scenario:
    return scenario_in(document, overrides, list(problems))[0]


def _values(value: Any) -> Any:
    """Plain values with those of parts in them."""
    if isinstance(value, BaseModel):
        return stated(value)
    if isinstance(value, dict):
        return {key: _values(part) for key, part in value.items()}
    return [_values(part) for part in value] if isinstance(value, list) else value


def _located(value: Any) -> Located:
    """Plain values as what has been read, without lines."""
    if isinstance(value, dict):
        return Located({key: _located(part) for key, part in value.items()}, 0, 0)
    return Located([_located(part) for part in value] if isinstance(value, list) else value, 0, 0)


@dataclass
class _Frame(Table):
    """A table in memory; its rows are numbered from 0."""

    header_line: int = -1

    def place_at(self, line: int, column: int | None) -> str:
        """Where the cell of a row and column stands."""
        row = "" if line == self.header_line else f", row {line}"
        name = f": column '{self.columns[column]}'" if column is not None and self.columns[column] else ""
        return f"table {self.key}{row}{name}"


def from_tables(frames: Mapping[str, Any], values: Mapping[str, Any]) -> Scenario:
    """A scenario from tables in memory.

    Args:
        frames: data frames by the names of the tables; None where there is none.
        values: all else, by key.

    Raises:
        InputError: with every problem found.
    """
    document = _document(values)
    problems: list[str] = []
    for key, frame in frames.items():
        if frame is None:
            continue
        if key == SERIES:
            attach_series(document, series_of_frame(frame), "table series", problems)
            continue
        cells = _cells(key, frame)
        table = _Frame(key=key, source=f"table {key}", sheet=False, columns=[])
        read_rows(table, cells)
        attach(document, table, problems)
    return _read(document, problems=problems)


def series_of_frame(frame: Any, kept: Kept | None = None) -> SeriesTable:
    """The series of a data frame: a column for each, a row for each period, dates beside them if wanted.

    Args:
        frame: of pandas, polars, Arrow and whatever else can hand its columns to Arrow.
        kept: it is read as people keep tables, see :func:`series_of`.

    Raises:
        InputError: it is no data frame, or as :func:`series_of`.
    """
    return series_of(_cells(SERIES, frame), "table series", _series_place, kept=kept)


def _cells(key: str, frame: Any) -> list[tuple[int, list[str]]]:
    """Rows of a data frame as texts, the names of its columns first."""
    columns = columns_of_frame(key, frame)
    rows = [(-1, list(columns)), *enumerate(zip(*columns.values(), strict=True))]
    return [(line, [cell_text(value) for value in row]) for line, row in rows]


def _series_place(line: int, column: int | None) -> str:
    return "table series" if line < 0 else f"table series, row {line}"


def columns_of_frame(key: str, frame: Any) -> dict[str, list[Any]]:
    """Columns of a data frame; those of pandas with the levels of the index that have a name.

    Args:
        key: name of the table, for messages.
        frame: of pandas, polars, Arrow and whatever else can hand its columns to Arrow.

    Raises:
        InputError: it is no data frame, or two columns have one name.
    """
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        if key == SERIES and isinstance(frame.index, pd.DatetimeIndex):
            frame = frame.rename_axis(str(frame.index.name or DATE))
        named = [name for name in frame.index.names if name is not None]
        names = [str(name) for name in (*named, *frame.columns)]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise InputError([f"table {key}: column '{name}': the column stands here twice" for name in twice])
        frame = frame.reset_index(level=named) if named else frame
        return {str(name): column.tolist() for name, column in frame.items()}
    import pyarrow as pa
    from pyarrow.interchange import from_dataframe

    if hasattr(frame, "__arrow_c_stream__"):
        found = pa.table(frame)
    elif hasattr(frame, "__dataframe__"):
        found = from_dataframe(frame)
    else:
        raise InputError(f"{key}: a data frame belongs here (pandas, polars, Arrow), not {_what(frame)}")
    return {name: found.column(name).to_pylist() for name in found.column_names}


def from_networkx(graph: nx.DiGraph[Any], values: Mapping[str, Any]) -> Scenario:
    """A scenario from a directed graph, whose edges lead from supplier to buyer.

    Args:
        graph: attributes of nodes and edges are fields, with dots or as dicts in dicts.
        values: all else, by key.

    Raises:
        InputError: it is no directed graph, or cannot be used, or nodes or arcs are given beside it.
    """
    if not hasattr(graph, "is_directed") or not hasattr(graph, "edges"):
        raise InputError(f"from_networkx: a directed graph of networkx belongs here, not {_what(graph)}")
    if not graph.is_directed():
        raise InputError("from_networkx: edges lead from supplier to buyer, so give a DiGraph, not an undirected graph")
    twice = [f"{key}: they come from the graph; leave them out" for key in ("nodes", "arcs") if key in values]
    if twice:
        raise InputError(twice)
    nodes = [_row({"id": str(node)}, kept) for node, kept in graph.nodes(data=True)]
    ends: Sequence[tuple[Any, Any, Any]] = list(graph.edges(data=True))
    arcs = [_row({"supplier": str(start), "buyer": str(end)}, kept) for start, end, kept in ends]
    return _read(_document({**values, "nodes": nodes, "arcs": arcs}))


def _row(row: dict[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a table with the attributes of a node or an edge; one that is None says nothing.

    Raises:
        InputError: a part is given as a whole and by a dotted name.
    """
    for name, value in _given(attributes):
        part, steps = row, name.split(".")
        for step in steps[:-1]:
            part = part.setdefault(step, {})
        if not isinstance(part, dict) or steps[-1] in part:
            who = " -> ".join(row[end] for end in ("id", "supplier", "buyer") if end in row)
            raise InputError(f"{who}: '{name}' is given in two ways; keep one")
        part[steps[-1]] = value
    return row


def _given(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attributes that say something, plain ones first."""
    for name, value in sorted(attributes.items(), key=lambda item: str(item[0]).count(".")):
        if value is not None:
            yield str(name), _values(plain(value))
