"""Numbers as people read them: what is shown is near what is meant, and no finer than its interval supports."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esc_sim.counted import enumerated, several
from esc_sim.written import compact, format_interval, mean_and_ends, number, percent, points

SIZES = st.floats(-1e12, 1e12, allow_nan=False) | st.floats(-10.0, 10.0)
HALVES = st.just(0.0) | st.floats(1e-9, 1e9)


def entry(mean: float | None, half: float | None = None, unit: str = "EUR") -> dict[str, object]:
    known = mean is not None and half is not None
    return {
        "mean": mean, "unit": unit, "ci_low": mean - half if known else None, "ci_high": mean + half if known else None,
    }  # fmt: skip


def last_place(text: str) -> float:
    """What one more in the last digit shown adds; zeros at the end of a whole number may be places that were cut."""
    _, dot, decimals = text.partition(".")
    return 10.0 ** -len(decimals) if dot else 1.0


@pytest.mark.parametrize(
    ("mean", "half", "unit", "sign", "text"),
    [
        (542_418_377.2252, 0.0020, "EUR", False, "542,418,377"),
        (1_234_567.0, 12_345.0, "EUR", False, "1,235,000 ± 12,000"),
        (-1_234.5, 96.0, "EUR", False, "-1,234 ± 96"),
        (3.0, 1_234.0, "EUR", False, "0 ± 1,200"),
        (0.98, 0.0034, "share", False, "98.00 ± 0.34 %"),
        (0.024, 0.003, "share", True, "+2.40 ± 0.30 points"),
        (-0.024, None, "share", True, "-2.4 points"),
        (0.9996, 0.000996, "share", False, "99.96 ± 0.10 %"),
        (100.0, 0.0, "EUR", False, "100"),
        (1e-12, 1e-12, "EUR", True, "0"),
        (88_610.4, None, "EUR", False, "88,610"),
        (None, None, "share", False, "-"),
    ],
)
def test_a_mean_and_its_half_width(mean: float | None, half: float | None, unit: str, sign: bool, text: str) -> None:
    assert format_interval(entry(mean, half, unit), sign=sign) == text


def test_numbers_shares_and_differences() -> None:
    values = (3_940_886.2, 74.4627, 1_234.5678, 14, 0.000123456, 2.0957e-16, -0.0, math.nan, math.inf)
    assert list(map(number, values)) == [
        "3,940,886", "74.46", "1,235", "14", "0.0001235", "2.096e-16", "0", "-", "inf",
    ]  # fmt: skip
    assert number(12.0, sign=True) == "+12"
    assert (percent(0.97351), percent(0.024, sign=True), percent(math.nan)) == ("97.35 %", "+2.4 %", "-")
    assert (points(0.024), points(-0.5)) == ("+2.4 points", "-50 points")
    assert (compact(88_610.2), compact(1_234_000.0), compact(math.nan)) == ("88,610", "1.234 M", "-")
    assert format_interval(None) == "-"


def test_goods_in_the_plural() -> None:
    assert list(map(several, ("unit", "pallet", "kg", "t", "MWh", "box", "shares"))) == [
        "units", "pallets", "kg", "t", "MWh", "box", "shares",
    ]  # fmt: skip


def test_a_key_figure_in_a_sentence() -> None:
    assert (
        mean_and_ends(entry(-35.0649123, 0.0), "USD") == mean_and_ends(entry(-35.0649123, 1e-15), "USD") == "-35.06 USD"
    )
    assert mean_and_ends(entry(1_234_567.0, 120_000.0), "EUR") == "1,230,000 EUR (1,110,000 to 1,350,000)"
    assert mean_and_ends(entry(0.024, 0.005, "share"), "points") == "2.40 points (1.90 to 2.90)"
    assert mean_and_ends(entry(0.975, 0.0, "share")) == "97.5 %"
    assert mean_and_ends(entry(2.5), "days") == "2.5 days"


@given(SIZES, HALVES, st.sampled_from(["EUR", "share"]))
def test_digits_shown_are_those_that_the_interval_supports(mean: float, half: float, unit: str) -> None:
    found = entry(mean, half, unit)
    scale = 100.0 if unit == "share" else 1.0
    width = (found["ci_high"] - found["ci_low"]) / 2 * scale  # type: ignore[operator]
    text = format_interval(found).removesuffix(" %")
    shown, _, shown_width = text.partition(" ± ")
    value = float(shown.replace(",", ""))
    assert len(re.sub(r"[^0-9]", "", shown.partition(".")[2])) <= 4
    if not shown_width:
        assert width <= 1.0 or width <= 1e-4 * abs(mean * scale)
        assert abs(value - mean * scale) <= 0.5000001 * max(last_place(shown), 1e-15 * abs(value))
        return
    rounded = float(shown_width.replace(",", ""))
    assert len(shown_width.replace(",", "").replace(".", "").strip("0")) <= 2
    step = max(10.0 ** (math.floor(math.log10(rounded)) - 1), last_place(shown_width))
    assert abs(rounded - width) <= 0.5000001 * step
    assert abs(value - mean * scale) <= 0.5000001 * step + 1e-15 * abs(mean * scale)
    assert last_place(shown) == last_place(shown_width)
    assert math.isclose(value / step, round(value / step), abs_tol=1e-3), "the mean ends where its half width ends"


@given(SIZES)
def test_a_number_reads_back_within_half_a_unit_of_its_last_digit(value: float) -> None:
    text = number(value)
    digits = text.replace(",", "").lstrip("-")
    assert abs(float(text.replace(",", "")) - value) <= max(0.5, 1e-15 * abs(value))
    if abs(value) < 1000.0 and value:
        assert abs(float(text.replace(",", "")) - value) <= 0.5001 * 10.0 ** (math.floor(math.log10(abs(value))) - 3)
        assert len(digits.partition("e")[0].replace(".", "").strip("0")) <= 4


@pytest.mark.parametrize(
    ("names", "most", "words"),
    [
        ([], None, ""),
        (["a"], 4, "a"),
        (["a", "b"], 4, "a and b"),
        (["a", "b", "c"], None, "a, b and c"),
        (["a", "b", "c"], 1, "a and 2 more"),
        (["a", "b", "c", "d"], 2, "a, b and 2 more"),
    ],
)
def test_names_in_a_sentence(names: list[str], most: int | None, words: str) -> None:
    assert enumerated(names, most) == words
