"""Numbers as people read them: no more digits than the interval supports, percent and points apart, a dash for none.

Tables of the terminal, reports, figures and the page all write their numbers here; CSV and JSON keep full precision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

NONE: Final = "-"
"""What has no value."""
_DIGITS: Final = 4
"""Significant digits of a number that has no interval."""
_OF_HALF: Final = 2
"""Significant digits of a half width."""
_MOST_DIGITS: Final = 7
"""Significant digits that a narrow interval may support: nobody reads more, and rounding of sums lies below them."""
_MOST_DECIMALS: Final = 4
_ROUNDING: Final = 1e-12
"""Half widths below this share of the mean come from the rounding of sums."""
_TINY: Final = 1e-6
"""Below it a number without an interval is written with its power of ten, as in 2.096e-16."""


def number(value: float, *, sign: bool = False, digits: int = _DIGITS) -> str:
    """A number without an interval, as in 3,940,886 or 74.46; the whole part is never cut.

    Args:
        value: the number; nan for none.
        sign: write a plus before positive values, for differences.
        digits: significant digits, as far as they are decimals.
    """
    if not math.isfinite(value):
        return NONE if math.isnan(value) else f"{value:+}" if sign else str(value)
    if 0.0 < abs(value) < _TINY:
        return f"{value:{'+' if sign else ''}.{digits - 1}e}"
    return _trimmed(_fixed(value, min(0, _last_place(value, digits)), sign))


def percent(share: float, *, sign: bool = False, digits: int = _DIGITS) -> str:
    """A share in percent, as in 97.35 %.

    Args:
        share: 1 for the whole.
        sign: it is a relative change: write a plus before positive values, as in +2.4 %.
        digits: significant digits, as far as they are decimals.
    """
    return _with_unit(number(100.0 * share, sign=sign, digits=digits), "%")


def points(difference: float, *, digits: int = _DIGITS) -> str:
    """A difference of two shares in percentage points, as in +2.4 points.

    Args:
        difference: 1 for the whole.
        digits: significant digits, as far as they are decimals.
    """
    return _with_unit(number(100.0 * difference, sign=True, digits=digits), "points")


def format_interval(entry: Mapping[str, Any] | None, *, sign: bool = False) -> str:
    """A key figure as "mean ± half width", both to the second digit of the half width; shares in percent.

    An interval so narrow that nothing is left of its half width among the digits shown is left out.

    Args:
        entry: an entry of summary.json, or None.
        sign: it is a difference: write a plus before positive values, and differences of shares in points.
    """
    if entry is None or entry["mean"] is None:
        return NONE
    scale, unit = _scale(entry, sign)
    mean = entry["mean"] * scale
    if entry["ci_low"] is None or entry["ci_high"] is None:
        return _with_unit(number(mean, sign=sign), unit)
    half = (entry["ci_high"] - entry["ci_low"]) / 2 * scale
    place = _place(mean, half)
    width = _fixed(half, place)
    if not float(width.replace(",", "")):
        return _with_unit(_trimmed(_fixed(mean, place, sign)), unit)
    return _with_unit(f"{_fixed(mean, place, sign)} ± {width}", unit)


def mean_and_ends(entry: Mapping[str, Any], unit: str = "") -> str:
    """A key figure in a sentence, as in "1,230,000 EUR (1,110,000 to 1,350,000)".

    Args:
        entry: an entry of summary.json, with a mean.
        unit: what stands behind the mean, such as "points" for the difference of a share; shares alone are in percent.
    """
    scale, own = _scale(entry, sign=False)
    unit = unit or own
    mean, ends = entry["mean"] * scale, [entry["ci_low"], entry["ci_high"]]
    if None in ends:
        return _with_unit(number(mean), unit)
    low, high = (end * scale for end in ends)
    place = _place(mean, (high - low) / 2)
    least, most = _fixed(low, place), _fixed(high, place)
    if least == most:
        return _with_unit(_trimmed(_fixed(mean, place)), unit)
    return f"{_with_unit(_fixed(mean, place), unit)} ({least} to {most})"


def time_and_ends(entry: Mapping[str, Any], period: str) -> str:
    """A length of time in a sentence, as in "16.0 days (12.5 to 19.5)"; no end of an interval lies below 0.

    Args:
        entry: an entry of summary.json, with a mean.
        period: name of one period, such as "day".
    """
    low = entry["ci_low"]
    text = mean_and_ends({**entry, "ci_low": None if low is None else max(low, 0.0)}, f"{period}s")
    return text.replace(f"1 {period}s", f"1 {period}", 1) if text.startswith(f"1 {period}s") else text


def promised_and_simulated(entry: Mapping[str, Any]) -> tuple[str, str]:
    """A promise and what came instead, as in ("at most 8.94 %", "30 % (0 to 64)"), as precise as the verdict needs.

    Args:
        entry: an entry of ``promises`` in summary.json.
    """
    most, share = entry["promised_at_most"], entry["unit"] == "share"
    came = mean_and_ends(entry) if share else format_interval(entry)
    if most is None:
        return NONE, came
    scale, unit = (100.0, "%") if share else (1.0, "")
    most, mean = most * scale, entry["mean"] * scale
    digits = _DIGITS
    if entry.get("verdict") == "broken" and mean > most:
        digits = next((n for n in range(_DIGITS, 17) if float(f"{mean:.{n}g}") > float(f"{most:.{n}g}")), 17)
        shown = came.split("±")[0].split("(")[0].strip(" %").replace(",", "")
        if digits > _DIGITS or not float(shown) > float(number(most, digits=digits).replace(",", "")):
            came = _with_unit(number(mean, digits=digits), unit)
    return f"at most {_with_unit(number(most, digits=digits), unit)}", came


def index_words(index: float) -> str:
    """An index from 0 to 1, to its third decimal."""
    return number(round(index, 3) + 0.0)


def compact(value: float, digits: int = _DIGITS) -> str:
    """A number for a label: 88,610 or 1.234 M or 2,174 M; below a thousand, this many significant digits."""
    if not math.isfinite(value):
        return NONE
    if abs(value) >= 1e6:
        decimals = max(0, 3 - math.floor(math.log10(abs(value) / 1e6)))
        return f"{value / 1e6:,.{decimals}f} M"
    return f"{value:,.0f}" if abs(value) >= 1e3 else f"{value:.{digits}g}"


def _scale(entry: Mapping[str, Any], sign: bool) -> tuple[float, str]:
    """What a value is multiplied by, and what stands behind it."""
    if entry["unit"] != "share":
        return 1.0, ""
    return 100.0, "points" if sign else "%"


def _place(mean: float, half: float) -> int:
    """Power of ten of the last digit of a mean with a half width."""
    if not half > _ROUNDING * abs(mean):  # or not a number: what is not drawn has no interval
        return max(-_MOST_DECIMALS, min(0, _last_place(mean, _DIGITS)))
    supported = _last_place(float(f"{half:.{_OF_HALF - 1}e}"), _OF_HALF)
    return max(supported, -_MOST_DECIMALS, min(0, _last_place(mean, _MOST_DIGITS)))


def _last_place(value: float, digits: int) -> int:
    """Power of ten of the last of the significant digits."""
    return math.floor(math.log10(abs(value))) - digits + 1 if value else -_MOST_DECIMALS


def _fixed(value: float, place: int, sign: bool = False) -> str:
    """A number down to a power of ten."""
    rounded = round(value, -place) + 0.0  # no -0
    return f"{rounded:{'+' if sign and rounded else ''},.{max(0, -place)}f}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit and text != NONE else text
