"""What a text that is no plain number may mean as one, so that a message's advice leads to what was meant."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from decimal import Decimal

PLAIN = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
"""A number as scenarios and tables read it."""
_MARKED = re.compile(r"(?P<sign>[-+]?)(?P<body>[0-9][0-9.,]*)(?P<exponent>([eE][-+]?[0-9]+)?)")
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[ ._',\u00a0\u2009\u202f\u2019])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
_OTHER_BASE = re.compile(r"[-+]?0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_SHARE = "a share"
_YES, _NO = ("yes", "on", "y", "t", "1", "true"), ("no", "off", "n", "f", "0", "false")


def readings(text: str) -> list[tuple[str, str]]:
    """Plain numbers that a text may mean, each with the reason for this reading ('' where there is only one)."""
    text = text.strip().strip("\"'").strip().replace("\N{MINUS SIGN}", "-")
    if text.endswith("%"):
        return [(_hundredth(number), _SHARE) for number, _ in readings(text[:-1])[:1]]
    if PLAIN.fullmatch(text):
        return [(text, "")]
    if _OTHER_BASE.fullmatch(text):
        return [(str(int(text, 0)), "")]
    text = _without_gaps(text)
    if PLAIN.fullmatch(text):
        return [(text, "")]
    match = _MARKED.fullmatch(text)
    if match is None:
        return []
    return [
        (f"{match['sign']}{body}{match['exponent']}", reason)
        for body, reason in _of_marks(match["body"])
        if PLAIN.fullmatch(body)
    ]


def _hundredth(number: str) -> str:
    return f"{Decimal(number).scaleb(-2):f}"


def _without_gaps(text: str) -> str:
    """The text without what sets off thousands and is no mark of decimals: spaces, apostrophes, underscores."""
    whole = re.match(r"[-+]?([0-9]+)((?:[ '_\u00a0\u2009\u202f\u2019][0-9]+)+)", text)
    if whole is None:
        return text
    groups = re.findall("[0-9]+", whole[2])
    if "_" in whole[2] or all(len(group) == 3 for group in groups):
        return re.sub(r"[^-+0-9]", "", whole[0]) + text[whole.end() :]
    return text


def _of_marks(body: str) -> list[tuple[str, str]]:
    """Readings of digits with commas and points between them."""
    commas, points = body.count(","), body.count(".")
    last = max(body.rfind(","), body.rfind("."))
    head, tail = body[:last], body[last + 1 :]
    if commas and points:  # the last mark is that of the decimals, the other sets off thousands
        found = _GROUPED.fullmatch(head)
        return [(f"{_digits(head)}.{tail}", "")] if found and body[last] not in head else []
    thousands = _GROUPED.fullmatch(body) is not None
    if commas + points > 1:
        return [(_digits(body), "")] if thousands else []
    if not thousands or head == "0":
        return [(f"{head}.{tail}", "")]
    return [(_digits(body), "if the comma sets off thousands"), (f"{head}.{tail}", "if it stands before the decimals")]


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def number_advice(text: str, *, whole: bool = False) -> str:
    """': write 1000' and the like, for a text that stands where a number belongs; '' when it cannot be told.

    Args:
        text: as it is written.
        whole: a whole number belongs there.
    """
    found = [(number, reason) for number, reason in readings(text) if math.isfinite(float(number))]
    if whole and re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", text.strip()):
        found = [
            (_digits(text), "if the point sets off thousands"),
            *[(n, "if it is a decimal point") for n, _ in found],
        ]
        found = [(str(int(Decimal(n))), reason) for n, reason in found if float(n).is_integer()]
    elif whole:
        found = [(str(int(Decimal(number))), reason) for number, reason in found if float(number).is_integer()][:1]
    if text.strip().lower() == "never":
        return ": for never, write more periods than the run has"
    if not found:
        return ""
    if len(found) == 1 and found[0][1] != _SHARE:
        return f": write {found[0][0]}"
    return ": write " + ", or ".join(f"{number} ({reason})" for number, reason in found)


def width_hint(cells: Sequence[str], width: int) -> str:
    """Said of a row with more cells than the header names, where thousands set off by a comma may be the cause."""
    pairs = itertools.pairwise(cells)
    split = any(re.fullmatch(r"[-+]?[0-9]{1,3}", a) and re.fullmatch(r"[0-9]{3}(\.[0-9]+)?", b) for a, b in pairs)
    return " (write thousands without commas: 1000)" if len(cells) > width and split else ""


def entries_advice(cell: str) -> str:
    """As ``number_advice``, for an entry of a cell that holds several, which spaces separate."""
    parts = [part for part in re.split("[,;]", cell.strip("[]")) if part]
    entries = len(parts) > 1 and all(PLAIN.fullmatch(part.strip()) for part in parts)
    single = number_advice(cell) if ";" not in cell else ""
    if not entries:
        return single
    several = f"{' '.join(parts)} (spaces between the entries)"
    if not single:
        return f": write {several}"
    return f"{single}{'' if '(' in single else ' (as one number)'}, or {several}"


def boolean_advice(value: object) -> str:
    """': write true' for what other programs take for true, and the like; '' when it cannot be told."""
    word = str(value).strip().lower()
    if word in ("true", "false") and isinstance(value, str):
        return ": leave the quotes out"
    return ": write true" if word in _YES else ": write false" if word in _NO else ""
