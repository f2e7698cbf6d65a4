"""What was observed of a network: series by period and stocking point, and measures with their standard errors."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.calibration.dates import periods_of_dates
from esc_sim.delimited import lines_of, without_title
from esc_sim.errors import InputError
from esc_sim.scenario.cells import cell_text, number_of
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.items import Item
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.tables import MAX_BYTES, letters
from esc_sim.scenario.workbook import rows_of_sheets

QUANTITIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demand": "demand",
        "sales": "served",
        "stock": "stock",
        "orders": "ordered",
        "shipments": "shipped",
        "receipts": "received",
        "production": "produced",
        "backlog": "backlog",
    }
)
"""What can be observed of a stocking point in a period -> name of the column of a run."""
POSSIBLE: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "fill_rate": (0.0, 1.0),
        "zeros": (0.0, 1.0),
        "autocorrelation": (-1.0, 1.0),
        **dict.fromkeys(("mean", "sd", "bullwhip"), (0.0, math.inf)),
    }
)
"""Statistics -> least and most that they can be."""
SHEETS: Final = ("observed", "targets")
_KEYS: Final = ("period", "date", "node", "product")
_OF_TARGETS: Final = ("measure", "node", "product", "value", "standard_error")
_WORKBOOKS: Final = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Series:
    """A quantity of a stocking point, period by period.

    Attributes:
        item: node and product.
        quantity: one of QUANTITIES.
        periods: int64[n], ascending; as a run counts them, its warm-up included.
        values: float64[n].
    """

    item: Item
    quantity: str
    periods: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """A measure that was observed.

    Attributes:
        measure: a key figure; of a stocking point ``fill_rate``, ``bullwhip``, or QUANTITY.STATISTIC.
        item: node and product; None: of the whole network.
        value: observed.
        standard_error: of the value; None: that of one run as long as the scenario's.
        place: where it stands, for messages.
    """

    measure: str
    item: Item | None
    value: float
    standard_error: float | None
    place: str


@dataclass(frozen=True)
class Observed:
    """All that was observed."""

    series: tuple[Series, ...]
    targets: tuple[Target, ...]

    @property
    def periods(self) -> int:
        """Periods that a run needs to reach the last one observed; 0 without series."""
        return max((int(one.periods[-1]) + 1 for one in self.series), default=0)


@dataclass(frozen=True)
class _Rows:
    """A table: where it is, names of its columns, and its rows, each with its line."""

    source: str
    names: list[str]
    rows: list[tuple[int, list[str]]]
    is_sheet: bool

    def place(self, line: int, name: str) -> str:
        """Where a cell stands."""
        if self.is_sheet:
            return f"{self.source}!{letters(self.names.index(name))}{line}: column '{name}'"
        return f"{self.source}:{line}: column '{name}'"

    def cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line of each row, and its cells by column."""
        for line, cells in self.rows:
            yield line, dict(zip(self.names, [*cells, *[""] * len(self.names)], strict=False))


def observed_of(given: Any, scenario: Scenario) -> Observed:
    """What was observed, from one source or several.

    Args:
        given: a CSV file or workbook, a data frame, or a list of these. A table with a column ``measure`` holds
            targets, any other series.
        scenario: whose nodes and products they name.

    Raises:
        InputError: a table cannot be read, names what the scenario has not, or holds nothing.
    """
    sources = given if isinstance(given, list | tuple) else [given]
    problems: list[str] = []
    series: dict[tuple[Item, str], Series] = {}
    targets: list[Target] = []
    for table in (table for source in sources for table in _tables(source)):
        if "measure" in table.names:
            targets += _targets(table, scenario, problems)
            continue
        for one in _series(table, scenario, problems):
            key = one.item, one.quantity
            if key in series:
                problems.append(f"{table.source}: {one.quantity} of {'/'.join(one.item)} is observed twice")
            series[key] = one
    if not problems and not series and not targets:
        problems.append("observed: there is nothing in it")
    if problems:
        raise InputError(problems)
    return Observed(tuple(series.values()), tuple(targets))


def _tables(source: Any) -> Iterator[_Rows]:
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        rows = enumerate(source.itertuples(index=False, name=None), start=1)
        names = [str(name) for name in source.columns]
        yield _checked("table", names, [(line, list(map(cell_text, cells))) for line, cells in rows], is_sheet=False)
        return
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"observed: a file or a data frame belongs here, not {type(source).__name__}")
    path = Path(source)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix.lower() in _WORKBOOKS:
        for name, found in rows_of_sheets(path, path.name, SHEETS):
            yield _headed(name, list(without_title(iter(found), lambda line: f"{path.name}:{line}", _is_header)), True)
        return
    text = read_text(path, MAX_BYTES, path.name, "leave out what is not observed")
    yield _headed(path.name, list(lines_of(text, path.name, _is_header)), False)


def _is_header(cells: Sequence[str]) -> bool:
    return "node" in cells or "measure" in cells


def _headed(source: str, rows: Sequence[tuple[int, list[str]]], is_sheet: bool) -> _Rows:
    filled = [(line, [cell.strip() for cell in cells]) for line, cells in rows if any(cell.strip() for cell in cells)]
    names = filled[0][1] if filled else []
    while names and not names[-1]:
        names.pop()
    return _checked(source, names, filled[1:], is_sheet)


def _checked(source: str, names: list[str], rows: list[tuple[int, list[str]]], is_sheet: bool) -> _Rows:
    """The table, if its columns can be read.

    Raises:
        InputError: they cannot.
    """
    known = _OF_TARGETS if "measure" in names else (*_KEYS, *QUANTITIES)
    problems = [f"{source}: column '{name}' is none of what is observed{suggestion(name, known)}" for name in names
                if name not in known]  # fmt: skip
    needed = ("value",) if "measure" in names else ("node",)
    problems += [f"{source}: the column '{name}' is missing" for name in needed if name not in names]
    if "measure" not in names and ("period" in names) == ("date" in names):
        problems.append(f"{source}: one column tells the time: either 'period' or 'date'")
    if not rows and not problems:
        problems.append(f"{source}: there is no row below the names of the columns")
    problems += [f"{source}: column '{name}' stands here twice" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise InputError(problems)
    return _Rows(source, names, rows, is_sheet)


def _item(table: _Rows, line: int, cells: Mapping[str, str], scenario: Scenario, problems: list[str]) -> Item:
    node, product = cells["node"], cells.get("product", "") or scenario.products[0].id
    nodes, products = [one.id for one in scenario.nodes], [one.id for one in scenario.products]
    if node not in nodes:
        problems.append(f"{table.place(line, 'node')}: there is no node '{node}'{suggestion(node, nodes)}")
    if product not in products:
        known = suggestion(product, products)
        problems.append(f"{table.place(line, 'product')}: there is no product '{product}'{known}")
    return node, product


def _number(table: _Rows, line: int, name: str, cell: str, problems: list[str]) -> float:
    found = number_of(cell)
    if found is None:
        point = cell.replace(",", ".")
        hint = f": write it with a decimal point, {point}" if number_of(point) is not None else ""
        problems.append(f"{table.place(line, name)}: '{cell[:40]}' is no number{hint}")
    return 0.0 if found is None else found


def _series(table: _Rows, scenario: Scenario, problems: list[str]) -> list[Series]:
    before = len(problems)
    at = [(line, cells[table.names[table.names.index("date" if "date" in table.names else "period")]])
          for line, cells in table.cells()]  # fmt: skip
    periods = _periods(table, at, scenario, problems)
    found: dict[tuple[Item, str], dict[int, float]] = {}
    for period, (line, cells) in zip(periods, table.cells(), strict=True):
        item = _item(table, line, cells, scenario, problems)
        for name in (name for name in table.names if name in QUANTITIES and cells[name]):
            values = found.setdefault((item, name), {})
            value = _number(table, line, name, cells[name], problems)
            if value < 0.0:
                owed = "; what is owed is 'backlog'" if name == "stock" else ""
                problems.append(f"{table.place(line, name)}: {value:g} is below 0{owed}")
            if period in values and period >= 0:
                problems.append(f"{table.place(line, name)}: '{'/'.join(item)}' has this period twice")
            values[period] = value
    made = []
    for (item, name), values in found.items():
        if len(values) < 3 and len(problems) == before:
            problems.append(f"{table.source}: {name} of {'/'.join(item)}: {len(values)} values are too few, give 3")
        order = sorted(values)
        made.append(Series(item, name, np.array(order, np.int64), np.array([values[p] for p in order])))
    return made


def _periods(table: _Rows, at: Sequence[tuple[int, str]], scenario: Scenario, problems: list[str]) -> list[int]:
    """The period of each row, as a run counts it; -1 where there is none, which is a problem then."""
    if "date" in table.names:
        return periods_of_dates(at, scenario, lambda line: table.place(line, "date"), problems)
    found = []
    for line, cell in at:
        number = number_of(cell)
        if number is None or number < 0 or number != int(number):
            problems.append(f"{table.place(line, 'period')}: '{cell[:40]}' is no number of a period")
            found.append(-1)
            continue
        found.append(scenario.run.warm_up + int(number))
    return found


def _targets(table: _Rows, scenario: Scenario, problems: list[str]) -> list[Target]:
    found = []
    for line, cells in table.cells():
        item = _item(table, line, cells, scenario, problems) if cells.get("node") else None
        value = _number(table, line, "value", cells["value"], problems)
        low, high = POSSIBLE.get(cells["measure"].rpartition(".")[2], (-math.inf, math.inf))
        if not low <= value <= high:
            span = f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"
            problems.append(f"{table.place(line, 'value')}: {value:g} cannot be: {cells['measure']} is {span}")
        written = cells.get("standard_error", "")
        error = _number(table, line, "standard_error", written, problems) if written else None
        if error is not None and error <= 0.0:
            problems.append(f"{table.place(line, 'standard_error')}: it is above 0; leave it empty where it is unknown")
        found.append(Target(cells["measure"], item, value, error, table.place(line, "measure")))
    return found
