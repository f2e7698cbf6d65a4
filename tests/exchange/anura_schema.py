"""Anura's schema as plain values, from the package ol-anura: python -m tests.exchange.anura_schema writes it anew.

`anura_schema.json` beside this file is made by it from ol-anura 2.8.21.7 (MIT License, Copyright Optilogic): of each
table that is written here, its columns with type or allowed values, and which of them are keys or required.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from esc_sim.exchange.anura_schema import TABLES

FILE = Path(__file__).with_suffix(".json")


def of_package() -> dict[str, dict[str, Any]]:
    """The schema as the installed package ol-anura has it."""
    from ol_anura import AnuraSchema

    return {
        table: {column: _column(AnuraSchema, table, column) for column in columns} for table, columns in TABLES.items()
    }


def _column(schema: Any, table: str, column: str) -> dict[str, Any]:
    values = schema.get_enum_values(table, column) if schema.is_enum_column(table, column) else None
    return {
        "type": values or str(schema.get_column_data_type(table, column)),
        "key": column in schema.get_primary_keys(table, lower_case=False),
        "required": column in schema.get_required_columns(table, lower_case=False),
        "tables": sorted(schema.get_master_tables(table, column)),
    }


def stored() -> dict[str, dict[str, Any]]:
    """The schema as it is committed."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(of_package(), indent=1) + "\n", encoding="utf-8")
