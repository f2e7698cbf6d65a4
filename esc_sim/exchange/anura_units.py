"""Times, amounts and distributions as Anura writes them."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Any, Final

from esc_sim.exchange.tabulated import Row, Sheet
from esc_sim.scenario.calendar import Step, date_of
from esc_sim.scenario.cells import number_of

DAY: Final = 86_400.0
YEAR: Final = 365.0
"""Days of a year: Anura's carrying costs are a percentage of the value a year, by days over 365."""
_KNOWN: Final = {
    "time": {
        **dict.fromkeys(("S", "SEC", "SECOND", "SECONDS"), 1.0),
        **dict.fromkeys(("MIN", "MINUTE", "MINUTES"), 60.0),
        **dict.fromkeys(("H", "HR", "HRS", "HOUR", "HOURS"), 3_600.0),
        **dict.fromkeys(("D", "DAY", "DAYS"), DAY),
        **dict.fromkeys(("W", "WK", "WEEK", "WEEKS"), 7 * DAY),
        **dict.fromkeys(("MO", "MON", "MTH", "MONTH", "MONTHS"), YEAR / 12 * DAY),
        **dict.fromkeys(("Q", "QTR", "QUARTER"), YEAR / 4 * DAY),
        **dict.fromkeys(("Y", "YR", "YEAR", "YEARS"), YEAR * DAY),
    },
    "distance": {
        **dict.fromkeys(("MI", "MILE", "MILES"), 1.609344),
        **dict.fromkeys(("KM", "KILOMETER", "KILOMETRE"), 1.0),
        **dict.fromkeys(("M", "METER"), 0.001),
        **dict.fromkeys(("FT", "FOOT"), 0.0003048),
    },
}
"""Size of usual symbols: seconds, kilometres."""


@dataclass
class Uoms:
    """Units of measure of a model.

    Attributes:
        kinds: what each symbol measures ("quantity", "weight", "volume", "time", "distance").
        sizes: its size in the unit that its kind is counted in: seconds, kilometres, or the kind's primary unit.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)

    def kind(self, symbol: str) -> str | None:
        """What a symbol measures; None where it is unknown."""
        return self.kinds.get(symbol.upper())

    def size(self, symbol: str) -> float:
        """Size of a symbol whose kind is known."""
        return self.sizes[symbol.upper()]


def uoms_of(sheet: Sheet | None) -> Uoms:
    """The units that a model lists, and usual symbols besides."""
    found = Uoms()
    for kind, symbols in _KNOWN.items():
        for symbol, size in symbols.items():
            found.kinds[symbol], found.sizes[symbol] = kind, size
    listed: dict[str, dict[str, float]] = {}
    for row in sheet.rows if sheet else ():
        ratio = number_of(row["ratio"].text) if "ratio" in row else 1.0
        if "symbol" in row and "type" in row and ratio:
            listed.setdefault(row["type"].text.lower(), {})[row["symbol"].text.upper()] = ratio
    for kind, ratios in listed.items():
        # Ratios are relative to the primary unit, whose size is told by a symbol that is known.
        known = _KNOWN.get(kind, {})
        primary = next((known[symbol] / ratio for symbol, ratio in ratios.items() if symbol in known), 1.0)
        for symbol, ratio in ratios.items():
            found.kinds[symbol], found.sizes[symbol] = kind, ratio * primary
    return found


def days_of(step: Step) -> float:
    """Length of a step in days; months are a twelfth of a year of 365 days."""
    return step.months * YEAR / 12 if step.months else step.seconds / DAY


def date_in(text: str) -> datetime.datetime | None:
    """A date as other programs write it: 2026-01-31, 2026-01-31T06:00:00, 1/31/2026 or 1/31/2026 6:00:00 AM."""
    cleaned = re.sub(r"(\.0+)?(Z|[+-]00:?00)?$", "", text.strip())
    found = date_of(cleaned)
    for form in ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"):
        if found is None:
            try:
                found = datetime.datetime.strptime(cleaned, form)
            except ValueError:
                continue
    return found


def tidy(value: float) -> float:
    """A quotient or product without the dust of its last digit: 15 significant digits."""
    return float(f"{value:.15g}")


_LAW = re.compile(r"\s*([A-Za-z_ ]+?)\s*\(\s*([^()]*)\)\s*")
_LAWS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "normal": ("Normal", ("mean", "sd")),
    "uniform": ("Uniform", ("low", "high")),
    "exponential": ("Exponential", ("mean",)),
    "gamma": ("Gamma", ("mean", "sd")),
    "poisson": ("Poisson", ("mean",)),
    "geometric": ("Geometric", ("probability",)),
    "lognormal": ("Lognormal", ("mean", "sd")),
    "negative_binomial": ("NegativeBinomial", ("mean", "sd")),
    "triangular": ("Triangular", ("low", "most_likely", "high")),
    "pert": ("Pert", ("low", "most_likely", "high")),
    "truncated_normal": ("TruncatedNormal", ("mean", "sd", "low", "high")),
}
"""Laws that are written, by their name in a scenario: name in Anura and parameters in their order."""
_SPELLINGS: Final = {
    "norm": "normal",
    "gaussian": "normal",
    "unif": "uniform",
    "uni": "uniform",
    "exp": "exponential",
    "expo": "exponential",
    "poiss": "poisson",
    "tri": "triangular",
    "tria": "triangular",
    "triang": "triangular",
    "logn": "lognormal",
}


def law_text(law: Any) -> str | None:
    """A law, or a number, as the text of a cell; None for a law that has none."""
    if isinstance(law, float):
        return repr(law)
    if law.law == "constant":
        return repr(law.value)
    if law.law not in _LAWS:
        return None
    name, parameters = _LAWS[law.law]
    return f"{name}({', '.join(repr(getattr(law, parameter)) for parameter in parameters)})"


def law_in(text: str) -> float | dict[str, Any] | None:
    """The number or law that a cell gives; None where it gives none that is known."""
    number = number_of(text)
    match = _LAW.fullmatch(text)
    if number is not None or match is None:
        return number
    spelt = match[1].lower().replace(" ", "").replace("_", "")
    key = _SPELLINGS.get(spelt, next((key for key in _LAWS if key.replace("_", "") == spelt), ""))
    values = [number_of(part.strip()) for part in match[2].split(",")]
    if key not in _LAWS or None in values or len(values) != len(_LAWS[key][1]):
        return None
    return {"law": key, **dict(zip(_LAWS[key][1], values, strict=True))}


def scaled(law: float | dict[str, Any], factor: float) -> float | dict[str, Any] | None:
    """A number or a law of times, in another unit; None where the law has no unit, as a Poisson law.

    Args:
        law: the number or law.
        factor: what a unit is in the other one.
    """
    if isinstance(law, float):
        return tidy(law * factor)
    if factor == 1.0:
        return law
    if law["law"] in ("poisson", "geometric", "negative_binomial"):
        return None
    return {key: value if key == "law" else tidy(value * factor) for key, value in law.items()}


def text_of(row: Row, column: str) -> str:
    """Text of a cell; '' where it is empty."""
    cell = row.get(column.lower())
    return cell.text if cell else ""
