"""Numbers in cells: native ones, and texts such as '1.234,5', '1,234.5', '12 days' or 'USD 40'."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Mark = Literal["point", "comma"]
"""What stands before the decimals of a column's texts."""

EMPTY = frozenset({"", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "n/a", "na", "n.a.", "none", "null", "nan"})
"""Texts that stand where there is no number."""
_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<body>\d(?:[\d.,]*\d)?|[.,]\d+)(?P<exponent>[eE][-+]?\d+)?")
_GAPS = re.compile(r"(?<=\d)[ '\u00a0\u2009\u202f\u2019_](?=\d{3}(?!\d))")
_POINTS = re.compile(r"\d{1,3}(\.\d{3})+")
_COMMAS = re.compile(r"\d{1,3}(,\d{3})+")
_RANGE = re.compile(r"(\d[\d.,]*)\s*(?:-|\N{EN DASH}|\N{EM DASH}|to|\.\.)\s*(\d[\d.,]*)\s*([A-Za-z ]*)")
_AROUND = re.compile(r"(?P<before>[^\d.,+()-]*)(?P<rest>.*?)(?P<after>[^\d.,()]*)", re.DOTALL)


@dataclass(frozen=True)
class Amount:
    """A number with what stands beside it.

    Attributes:
        digits: as written, without gaps, sign included.
        unit: text beside the number: EUR, days, %.
    """

    digits: str
    unit: str


def amount_in(text: str) -> Amount | None:
    """The number in a text and the unit beside it; None where there is no single number."""
    text = text.strip().removeprefix("'").replace("\N{MINUS SIGN}", "-")
    negative = text.startswith("(") and text.endswith(")")
    match = _AROUND.fullmatch(text[1:-1].strip() if negative else text)
    if match is None:
        return None
    rest = _GAPS.sub("", match["rest"].strip())
    sign = ""
    if rest[:1] in "+-" and rest:
        sign, rest = rest[0].replace("+", ""), rest[1:].strip()
    exponent = re.fullmatch(r"([^eE]*[eE])", match["after"])
    if exponent or not _NUMBER.fullmatch(rest):
        found = _NUMBER.fullmatch(re.sub(r"\s", "", text))
        return Amount(found[0], "") if found else None
    units = f"{match['before'].strip()} {match['after'].strip()}".strip()
    return Amount(("-" if negative else sign) + rest, units)


def ends_of(text: str) -> tuple[str, str] | None:
    """The two ends of a range such as '3-5 days' or '3 to 5', each with the unit; None where a text is none."""
    match = _RANGE.fullmatch(text.strip())
    return (f"{match[1]} {match[3]}", f"{match[2]} {match[3]}") if match else None


def mark_shown(digits: str) -> Mark | None:
    """Which mark of decimals a number's writing proves; None where it may be either, or there is no mark."""
    body = digits.lstrip("+-").partition("e")[0].partition("E")[0]
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "point" if body.rfind(".") > body.rfind(",") else "comma"
    if points > 1:
        return "comma"
    if commas > 1:
        return "point"
    if points:
        return None if _POINTS.fullmatch(body) and body[:1] != "0" else "point"
    if commas:
        return None if _COMMAS.fullmatch(body) and body[:1] != "0" else "comma"
    return None


def is_ambiguous(digits: str) -> bool:
    """Whether a number's writing may mean two numbers: 1.234, 1,234."""
    return mark_shown(digits) is None and ("." in digits or "," in digits)


def value_of(digits: str, mark: Mark | None) -> float | None:
    """The number that digits mean under a mark of decimals; None where they do not fit it."""
    point, other = (",", ".") if mark == "comma" else (".", ",")
    head, _, tail = digits.partition(point) if point in digits else (digits, "", "")
    if other in tail or point in tail:
        return None
    whole = head.lstrip("+-")
    if other in whole and not re.fullmatch(r"\d{1,3}(\d{3})*", whole.replace(other, "")):
        return None
    if other in whole and not (_COMMAS if other == "," else _POINTS).fullmatch(whole):
        return None
    try:
        value = float(f"{head.replace(other, '')}{'.' + tail if tail else ''}")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def texts_of(values: Iterable[Any]) -> list[Amount]:
    """The amounts among the texts of a column."""
    found = (amount_in(value) for value in values if isinstance(value, str) and value.strip().lower() not in EMPTY)
    return [amount for amount in found if amount is not None]


def plain_number(value: float) -> int | float:
    """A number without a needless point."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else float(value)
