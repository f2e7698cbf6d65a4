"""Headings as sets of words, units taken out of them; identifiers made of names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

Words = frozenset[str]

TIMES = {
    "hour": "hours hour hrs hr h",
    "day": "days day d daily",
    "week": "weeks week wk wks weekly",
    "month": "months month mth mths monthly",
    "quarter": "quarters quarter quarterly",
    "year": "years year yr yrs yearly annual annually",
}
"""Words for units of time."""
_TIME_WORDS = {word: unit for unit, words in TIMES.items() for word in words.split()}
SYMBOLS = {"\N{EURO SIGN}": "EUR", "$": "USD", "\N{POUND SIGN}": "GBP", "\N{YEN SIGN}": "JPY", "\N{RUPEE SIGN}": "INR"}
_CODES = (
    "EUR USD GBP CHF JPY CNY RMB SEK NOK DKK PLN CZK HUF RON BGN TRY INR KRW TWD HKD SGD AUD NZD CAD MXN BRL ARS CLP "
    "COP ZAR AED SAR ILS THB MYR IDR VND PHP EGP MAD NGN KES UAH RUB"
)
CURRENCIES = frozenset(_CODES.split())
"""Codes of currencies that are known where they stand beside a number or in a heading."""
_FILLERS = frozenset({"of", "the", "per", "a", "an", "for", "and", "by", "in", "at", "unit", "each"})
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_IDENTIFIER = re.compile(r"[^a-z0-9]+")


CACHED: Final = 2**14
"""Texts whose reading is kept, since long tables name the same things again and again."""
LONGEST: Final = 100
"""Most characters of an identifier that is made of a name."""


@dataclass(frozen=True)
class Heading:
    """What a heading says.

    Attributes:
        words: in lower case and the singular, without units.
        time: unit of time named in it.
        currency: code of a currency named in it.
    """

    words: Words
    time: str | None = None
    currency: str | None = None


def plain_letters(text: str) -> str:
    """The text without accents."""
    text = text.replace("\N{LATIN SMALL LETTER SHARP S}", "ss").replace("\N{LATIN SMALL LETTER O WITH STROKE}", "o")
    text = text.replace("\N{LATIN SMALL LETTER L WITH STROKE}", "l").replace("\N{LATIN SMALL LETTER AE}", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def time_called(text: str) -> str | None:
    """The unit of time that a text names: day for 'days' or 'd'."""
    return _TIME_WORDS.get(text.strip().strip(".").lower())


def currency_called(text: str) -> str | None:
    """The code of the currency that a text names, by its code or its sign."""
    text = text.strip()
    code = SYMBOLS.get(text, text.upper())
    return ("CNY" if code == "RMB" else code) if code in CURRENCIES else None


def time_beside(unit: str) -> str | None:
    """The unit of time in the text beside a number."""
    return next((found for word in re.findall(r"[A-Za-z]+", unit) if (found := time_called(word))), None)


def currency_beside(unit: str) -> str | None:
    """The currency in the text beside a number."""
    words = re.findall(r"[A-Za-z]+|[^\w\s/.]", unit)
    return next((found for word in words if (found := currency_called(word))), None)


@lru_cache(maxsize=CACHED)
def words_of(heading: str) -> Heading:
    """The words of a heading, and the units in it; a unit that is all there is of a heading is its word."""
    times: list[str] = []
    currencies: list[str] = []
    text = _BRACKETS.sub(lambda found: _units_in(found[1], times, currencies), heading)
    kept: list[str] = []
    units: list[str] = []
    for sign in SYMBOLS:
        text = text.replace(sign, f" {sign} ")
    for word in re.findall(r"[^\W_]+|[$\N{EURO SIGN}\N{POUND SIGN}\N{YEN SIGN}]", _CAMEL.sub(" ", text)):
        low = plain_letters(word.lower())
        if (low in _TIME_WORDS and len(low) > 1) or (currency_called(word) and (word.isupper() or len(word) == 1)):
            units.append(word)
        else:
            kept.append(low)
    words = frozenset(map(_singular, kept)) - _FILLERS or frozenset(map(_singular, kept))
    if not words:
        words = frozenset(_singular(plain_letters(word.lower())) for word in units)
    for word in units:
        _units_in(word, times, currencies)
    return Heading(words, times[0] if times else None, currencies[0] if currencies else None)


def _units_in(text: str, times: list[str], currencies: list[str]) -> str:
    """Note the units that a text names; what is none of them is left out."""
    for word in re.findall(r"[^\W\d_]+|[$\N{EURO SIGN}\N{POUND SIGN}\N{YEN SIGN}]", text):
        time, currency = time_called(word), currency_called(word)
        times += [time] if time else []
        currencies += [currency] if currency else []
    return " "


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word


def identifier_of(name: str) -> str:
    """The name as an identifier: lower case, without accents, words joined by underscores."""
    return _IDENTIFIER.sub("_", plain_letters(name.lower())).strip("_")[:LONGEST] or "unnamed"


@lru_cache(maxsize=CACHED)
def same_name(name: str) -> str:
    """What two writings of one name have in common: case, accents, spaces and marks do not matter."""
    return _IDENTIFIER.sub("", plain_letters(name.lower())) or name.strip().lower()
