"""Values relative to what stands in a scenario: ``+10``, ``*1.2``, ``+20%``, ``+5d``; and ``5d``, five days' worth.

Days (``d``) and periods (``p``) are times where a key holds a time (lead times, durations), and what is asked of a
stock on average in that time where it holds an amount of a stock (``safety_stock``, ``order_up_to``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from esc_sim.scenario.calendar import step_of

_NUMBER: Final = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_FORM: Final = re.compile(rf"(?P<sign>\+-|[-+*]?)(?P<number>{_NUMBER})(?P<unit>%|d|p)?")
_DAY: Final = 86_400.0
_MOVED: Final = ("value", "values", "low", "most_likely", "high", "mean")
"""Keys of laws that move when something is added to what the law draws."""
IN_DAYS: Final = (
    "initial_stock", "safety_stock", "target_stock", "room", "order_up_to", "reorder_point", "order_quantity", "buffer",
)  # fmt: skip
"""Amounts of a stock that may be given in days of its mean demand."""


@dataclass(frozen=True)
class Relative:
    """How a value changes: it is multiplied by ``factor``, and ``more`` is added.

    Attributes:
        factor: 0 where the new value has nothing to do with the present one.
        more: units; days or periods where ``unit`` says so.
        unit: "" (that of the value), "d" (days) or "p" (review periods).
    """

    factor: float = 1.0
    more: float = 0.0
    unit: str = ""

    def of(self, present: Any, worth: float = 1.0) -> Any:
        """The new value of a number, of each of a list of numbers, or of a law, to 12 digits.

        Args:
            present: what stands there; a law as a dict.
            worth: of a day or period, in units of the value.

        Raises:
            ValueError: it is nothing that can be multiplied, or added to.
        """
        if isinstance(present, dict):
            return self._of_law(present, worth)
        if isinstance(present, list):
            return [self.of(one, worth) for one in present]
        if isinstance(present, bool) or not isinstance(present, int | float):
            raise ValueError("no number")
        found = float(f"{present * self.factor + self.more * worth:.12g}")
        return int(found) if isinstance(present, int) and found.is_integer() else found

    def _of_law(self, law: dict[str, Any], worth: float) -> dict[str, Any]:
        # What is added moves a law as a whole; what multiplies it stretches it as well.
        moved: dict[str, Any] = {key: self.of(law[key], worth) for key in _MOVED if key in law}
        if not moved:
            raise ValueError(f"a law that has none of the keys {', '.join(_MOVED)}")
        if "sd" in law:
            moved["sd"] = Relative(self.factor).of(law["sd"])
        return {**law, **moved}


def relative_of(value: Any) -> Relative | None:
    """What a value says that is given as text; None of all that is no relative value.

    Examples:
        >>> relative_of("+20%"), relative_of("+5d"), relative_of("0.2")
        (Relative(factor=1.2, more=0.0, unit=''), Relative(factor=1.0, more=5.0, unit='d'), None)
    """
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    if found is None or not (found["sign"] or found["unit"] in ("d", "p")):
        return None
    sign, unit, number = found["sign"], found["unit"] or "", float(found["number"])
    if sign == "*":
        return None if unit else Relative(number)
    if sign in ("-", "+-"):
        number = -number
    if unit == "%":
        return Relative(float(f"{1.0 + number / 100.0:.12g}"))
    return Relative(1.0 if sign else 0.0, number, unit)


def is_written_relative(text: str) -> bool:
    """Whether a value is relative as it is written: ``-10`` alone is a number like any other, ``+-10`` takes 10 off."""
    return relative_of(text) is not None and re.fullmatch(f"-{_NUMBER}", text) is None


def is_signed(text: str) -> bool:
    """Whether a text says a change of what stands there, as ``+5`` and ``*2`` do, and ``5d`` does not."""
    return is_written_relative(text) and text[0] in "+-*"


_NEARLY: Final = re.compile(
    rf"(?P<sign>\+-|[-+*/])\s*(?P<number>{_NUMBER})\s*(?P<unit>%|d|days?|w|weeks?|p|periods?|)", re.IGNORECASE
)


def nearly_relative(text: str) -> str:
    """How a change is written that a text means but does not say, such as ``+5d`` for ``+5 days``; '' for all others.

    Examples:
        >>> nearly_relative("+5 days"), nearly_relative("+1w"), nearly_relative("/2"), nearly_relative("twice")
        ('+5d', '+7d', '*0.5', '')
    """
    found = _NEARLY.fullmatch(text.strip())
    if found is None or relative_of(text) is not None:
        return ""
    sign, number, unit = found["sign"], float(found["number"]), found["unit"][:1].lower()
    if sign in "*/":
        return "" if unit or not number else f"*{number if sign == '*' else 1.0 / number:.12g}"
    number, unit = (7.0 * number, "d") if unit == "w" else (number, unit)
    return f"{'+-' if sign == '-' and not unit else sign}{number:.12g}{unit}"


def relative_levels(ends: Sequence[str], count: int) -> list[str]:
    """Changes from one to another in even steps, ends included; none where the ends are not of one kind.

    Examples:
        >>> relative_levels(["*1", "*2"], 3), relative_levels(["-10%", "+10%"], 3)
        (['*1', '*1.5', '*2'], ['-10%', '+0%', '+10%'])
    """
    forms = [found for end in ends if (found := _FORM.fullmatch(end))]
    kinds = {(("" if not one["sign"] else "*" if one["sign"] == "*" else "+"), one["unit"] or "") for one in forms}
    if len(forms) != len(ends) or len(kinds) > 1:
        return []
    ((sign, unit),) = kinds
    low, high = (float(one["number"]) * (-1.0 if "-" in one["sign"] else 1.0) for one in forms)
    levels = [low + (high - low) * k / (count - 1) for k in range(count)]
    return [
        f"{'' if level < 0 and unit else '+-' if level < 0 else sign}{level if unit else abs(level):.12g}{unit}"
        for level in levels
    ]


def periods_of(unit: str, step: str) -> float:
    """Review periods in a day ("d") or a period ("p").

    Args:
        unit: the unit.
        step: time from one period to the next, or the name of a period.

    Raises:
        ValueError: days are asked for, and the period is no calendar time.
    """
    if unit == "p":
        return 1.0
    found = step_of(step)
    if found is None:
        raise ValueError(f"nobody knows how many days '{step}' is (units.period, run.step): give periods, such as +5p")
    return _DAY / found.length
