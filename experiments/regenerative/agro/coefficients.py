"""The numbers of an agro-food network, read and checked together."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from esc_sim.errors import InputError

_SHARES = [
    "recovery_wheat",
    "recovery_veg",
    "k_min",
    "compost_n_avail",
    "dig_n_avail",
    "flour_yield",
    "flour_waste",
    "veg_trim",
    "veg_store_loss",
    "spoil_flour",
    "spoil_veg",
    "hh_flour",
    "hh_veg",
    "capture_hh",
    "capture_ind",
    "straw_share",
    "comp_n_loss",
    "comp_c_loss",
    "comp_mass",
    "vs_waste",
    "ch4",
    "chp_eta",
    "dig_own_use",
    "pv_cf",
    "bat_eta",
    "cover_nsave",
    "h_straw",
    "h_comp",
    "h_dig",
    "k_soc",
    "spoil_left",
    "cross_share",
    "line_loss",
    "spot",
    "dual_cap",
    "p_drought",
    "drought_lo",
    "drought_hi",
    "planned",
]


@dataclass(frozen=True)
class Coefficients:
    """Named numbers with the range in which each may lie.

    Attributes:
        value: name -> number.
        low: name -> lower end of the range.
        high: name -> upper end.
        unit: name -> unit.
        source: name -> where the number is from, or "assumed".
    """

    value: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    unit: Mapping[str, str]
    source: Mapping[str, str]

    def __getitem__(self, name: str) -> float:
        return self.value[name]

    def changed(self, values: Mapping[str, float]) -> Coefficients:
        """The same with some numbers changed, checked again.

        Raises:
            InputError: an unknown name, or numbers that do not fit one another.
        """
        unknown = [name for name in values if name not in self.value]
        if unknown:
            raise InputError(f"coefficients: there is no {', '.join(unknown)}")
        made = replace(self, value={**self.value, **values})
        problems = _problems(made)
        if problems:
            raise InputError(problems)
        return made


def read_coefficients(path: Path) -> Coefficients:
    """Read a table with the columns group, name, value, unit, low, high, source, note.

    Raises:
        InputError: a missing file or column, a value that is not a number or outside its range, numbers that do not
            fit one another.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from None
    problems: list[str] = []
    columns: dict[str, dict[str, Any]] = {name: {} for name in ("value", "low", "high", "unit", "source")}
    for line, row in enumerate(rows, 2):
        name = row.get("name") or ""
        try:
            numbers = {column: float(row[column]) for column in ("value", "low", "high")}
        except (KeyError, TypeError, ValueError):
            problems.append(f"{path.name}:{line}: {name or 'row'}: value, low and high must be numbers")
            continue
        if name in columns["value"]:
            problems.append(f"{path.name}:{line}: {name} is given twice")
        if not numbers["low"] <= numbers["value"] <= numbers["high"]:
            problems.append(f"{path.name}:{line}: {name}: low <= value <= high does not hold")
        for column, number in numbers.items():
            columns[column][name] = number
        columns["unit"][name], columns["source"][name] = row.get("unit") or "", row.get("source") or ""
    if problems:
        raise InputError(problems)
    made = Coefficients(**columns)
    problems = [f"{path.name}: {problem}" for problem in _problems(made)]
    if problems:
        raise InputError(problems)
    return made


def _problems(c: Coefficients) -> list[str]:
    """What does not fit together."""
    missing = [
        name for name in (*_SHARES, "n_grain", "n_uptake_wheat", "p_import", "demand_flour") if name not in c.value
    ]
    if missing:
        return [f"coefficient {name} is missing" for name in missing]
    found = [f"{name}: {c[name]:g} is not a share from 0 to 1" for name in _SHARES if not 0 <= c[name] <= 1]
    found += [f"{name}: {value!r} is not finite" for name, value in c.value.items() if not math.isfinite(value)]
    checks = (
        (c["n_grain"] <= c["n_uptake_wheat"], "n_grain: the grain holds more N than the crop takes up"),
        (c["n_veg"] <= c["n_uptake_veg"], "n_veg: the vegetables hold more N than the crop takes up"),
        (c["p_export"] < c["p_import"], "p_export: must be below p_import, or power would be bought to be sold"),
        (c["flour_yield"] + c["flour_waste"] <= 1, "flour_yield + flour_waste: more than 1 t from a tonne of grain"),
        (
            c["vs_waste"] * c["biogas_vs"] * c["biogas_c"] / 1000 <= c["c_food"],
            "biogas_vs: biogas would hold more carbon than the waste (c_food); this recipe creates mass",
        ),
        (
            c["vs_waste"] * c["biogas_vs"] * c["biogas_mass"] / 1000 <= 1,
            "biogas_vs: more than 1 t of biogas from a tonne of waste; this recipe creates mass",
        ),
        (
            c["comp_mass"] + c["comp_c_loss"] * max(c["org_c_straw"], c["c_food"]) < 0.99,
            "comp_mass: compost and the carbon it loses weigh more than what was composted; this recipe creates mass",
        ),
        (c["drought_lo"] <= c["drought_hi"], "drought_lo: above drought_hi"),
    )
    return found + [says for holds, says in checks if not holds]
