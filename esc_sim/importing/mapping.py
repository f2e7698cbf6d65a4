"""What was taken for what: the mapping file, which a person may read, change and hand back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import Field

from esc_sim.errors import InputError
from esc_sim.fields.parts import Part, PositiveDuration, Share, stated
from esc_sim.importing.names import BY_KEY, concept_of
from esc_sim.scenario.amounts import Mark
from esc_sim.scenario.located import read_yaml
from esc_sim.scenario.reader import MAX_YAML_BYTES, read_text
from esc_sim.scenario.tables import letters
from esc_sim.scenario.usual_dates import Order

MAPPING_FILE: Final = "mapping.yaml"
TimeUnit = Literal["hour", "day", "working day", "week", "month", "quarter", "year"]
DATE: Final = "date of quantity"
"""What a column is whose heading is a date and whose cells are amounts."""
OF_MEMBER: Final = "quantity of its heading"
"""What a column of amounts is whose heading is a site or a product, beside a column of dates."""
HEADED: Final = (DATE, OF_MEMBER)
"""Columns of which there may be several: the heading says more than the list of names does."""
_HEAD = """\
# What `esc-sim import` took for what. Change it and repeat the import with --mapping.
# table: what the sheet is ({tables}), or null: left out.
# is: what the column is, or null: left out. A sheet's names stand in the guide to importing.
"""


class Column(Part):
    """A column of a sheet, and what it was taken for."""

    column: str = Field(description="its letter")
    heading: str = Field(default="", description="what stands above it")
    is_: str | None = Field(default=None, alias="is", description="what it was taken for; null: it is left out")
    unit: TimeUnit | None = Field(default=None, description="unit of its times")
    currency: str | None = Field(default=None, description="currency of its money")
    scale: float | None = Field(default=None, gt=0, description="units that an amount of 1 stands for")
    decimals: Mark | None = Field(default=None, description="what stands before the decimals of its texts")
    dates: Order | None = Field(default=None, description="how 03/04/2026 is read")


class SheetMapping(Part):
    """A sheet or file, and what it was taken for."""

    sheet: str = Field(description="its name")
    table: str | None = Field(default=None, description="what its rows are; null: it is left out")
    role: str | None = Field(default=None, description="role of its members")
    header: list[int] = Field(default=[], description="lines of its headings")
    columns: list[Column] = Field(default=[], description="its columns")
    because: str = Field(default="", description="why, where its name does not say so")


class Settings(Part):
    """What holds for the whole network."""

    step: Literal["day", "week", "month", "quarter"] | None = Field(default=None, description="length of a period")
    start: str | None = Field(default=None, description="date of the first period simulated")
    periods: int | None = Field(default=None, ge=1, description="periods simulated")
    currency: str | None = Field(default=None, description="currency of the scenario's money")
    rates: dict[str, float] = Field(default={}, description="worth of one unit of other currencies")
    time_unit: TimeUnit = Field(default="day", description="unit of lead times whose sheet names none")
    lead_time: PositiveDuration = Field(default=1.0, description="periods, of lanes that state none")
    speeds: dict[str, PositiveDuration] = Field(
        default={"road": 600.0, "rail": 500.0, "sea": 600.0, "air": 4000.0},
        description="km a day by mode, of lanes that state no lead time, between sites with latitude and longitude; "
        "other modes go as road does",
    )
    fill_rate: Share = Field(default=0.95, description="share of demand met at once that first orders aim at")
    headroom: float = Field(default=1.5, gt=1.0, description="capacity of sources that state none, by their load")
    price: float = Field(default=1.0, ge=0, description="sale price of products that state none")
    demand_cv: float = Field(
        default=0.3, ge=0, description="standard deviation over mean of demand that has no history"
    )
    amounts_per: TimeUnit | None = Field(default=None, description="time of capacities whose heading names none")


class Mapping(Part):
    """The whole of a mapping file."""

    version: Literal[1] = Field(default=1, description="of the form of these files")
    settings: Settings = Field(default=Settings(), description="what holds for the whole network")
    sheets: list[SheetMapping] = Field(default=[], description="sheets or files")


def read_mapping(path: Path) -> Mapping:
    """A mapping file.

    Raises:
        InputError: it cannot be read, or says something that no mapping can.
    """
    root, problems = read_yaml(read_text(path, MAX_YAML_BYTES, path.name, "this is no mapping"), path.name)
    if problems:
        raise InputError(problems)
    content = root.plain() if root is not None else None
    if not isinstance(content, dict):
        raise InputError(f"{path.name}: a mapping holds settings and sheets, as `esc-sim import` writes it")
    try:
        mapping = Mapping(**content)
    except InputError as error:
        raise InputError([f"{path.name}: {text}" for text in error.problems]) from None
    wrong = list(_wrong(mapping))
    if wrong:
        raise InputError([f"{path.name}: {text}" for text in wrong])
    return mapping


def _wrong(mapping: Mapping) -> list[str]:
    """Names of tables and columns that there are not."""
    found = []
    for sheet in mapping.sheets:
        if sheet.table is None:
            continue
        if sheet.table not in BY_KEY:
            found.append(f"sheet '{sheet.sheet}': no table is called '{sheet.table}'; tables: {', '.join(BY_KEY)}")
            continue
        known = [*(concept.key for concept in BY_KEY[sheet.table].concepts), *HEADED]
        found += [
            f"sheet '{sheet.sheet}', column {column.column}: {sheet.table} have no '{column.is_}'; "
            f"they have {', '.join(known)}"
            for column in sheet.columns
            if column.is_ is not None and column.is_ not in known
        ]
        found += _twice(sheet)
    return found


def _twice(sheet: SheetMapping) -> Iterator[str]:
    """What is said of two columns, or twice of one."""
    said: dict[str, str] = {}
    for column in sheet.columns:
        letter = column.column.upper()
        if letter in said:
            yield f"sheet '{sheet.sheet}', column {letter}: stands here twice: keep one of the lines"
        said[letter] = ""
        if column.is_ is None or column.is_ in HEADED:
            continue
        if column.is_ in said:
            yield (
                f"sheet '{sheet.sheet}', columns {said[column.is_]} and {letter}: both are '{column.is_}': a table has "
                "one such column; write null for the other"
            )
        said[column.is_] = letter


def text_of(mapping: Mapping) -> str:
    """The text of a mapping file: a line for each column."""
    head = _HEAD.format(tables=", ".join(BY_KEY))
    lines = [head, yaml.safe_dump({"version": 1, "settings": _said(mapping.settings)}, sort_keys=False), "sheets:\n"]
    for sheet in mapping.sheets:
        rest = {key: value for key, value in stated(sheet).items() if key != "columns"}
        rest = {"sheet": sheet.sheet, "table": sheet.table, **rest}
        body = "".join(f"  {line}\n" for line in _flow(rest))
        lines.append("-" + body[1:])
        if sheet.columns:
            lines.append("  columns:\n")
            lines += [f"  - {_line({'column': c.column, 'is': c.is_, **stated(c)})}\n" for c in sheet.columns]
    return "".join(lines)


def _said(settings: Settings) -> dict[str, Any]:
    return {key: value for key, value in settings.model_dump().items() if value is not None and value != {}}


def _flow(values: dict[str, Any]) -> list[str]:
    return [f"{key}: {_scalar(value)}" for key, value in values.items()]


def _line(values: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in values.items()) + "}"


def _scalar(value: Any) -> str:
    # In a flow mapping, so that what would be a mark there is quoted.
    text = yaml.safe_dump([value], default_flow_style=True, width=10**6, allow_unicode=True).strip()
    return text[1:-1]


def column_number(column: Column) -> int:
    """Number of a column, from 0.

    Raises:
        InputError: its letter is none.
    """
    number = 0
    for letter in column.column.upper():
        if not "A" <= letter <= "Z":
            raise InputError(f"column '{column.column}': columns are named by letters")
        number = number * 26 + ord(letter) - 64
    return number - 1


def letter_of(number: int) -> str:
    """Letter of a column, from 0."""
    return letters(number)


def kind_of(table: str, column: Column) -> str:
    """How the cells of a column are read."""
    return "number" if column.is_ in HEADED else concept_of(table, str(column.is_)).kind
