"""Headings as sets of words, units taken out of them; identifiers made of names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

Words = frozenset[str]

TIMES = {
    "hour": "hours hour hrs hr h",
    "day": "days day d daily",
    "working day": "workdays workday wd wds",
    "week": "weeks week wk wks weekly w",
    "month": "months month mth mths monthly mo",
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
SCALES = dict.fromkeys(("k", "tsd", "thousand", "000", "1000", "x1000"), 1e3)
SCALES |= dict.fromkeys(("mio", "mn", "mln", "million"), 1e6)
"""Words for how many units an amount counts in."""
_GOODS = (
    "unit uom pc pcs piece ea each item kg g t ton tonne lb pallet box carton case bag l litre liter m3 cbm teu km "
    "km2 sqm deg degree north east co2 co2e co2eq no number % percent sku product sale avg average mean usual "
    "net gross vat"
)
GOODS = frozenset(_GOODS.split())
"""Words beside amounts that need no conversion: an amount is kept as it stands."""
_QUALIFIERS = frozenset({"min", "minimum", "max", "maximum", "shortest", "longest", "usual", "typical"})
_FILLERS = frozenset({"of", "the", "per", "a", "an", "for", "and", "by", "in", "at", "unit", "each"})
_PER_SEVERAL = re.compile(r"(?:\bper|/)\s*(10|100|1[.,']?000|'?000|thousand|k)\b(?![\d/-])", re.IGNORECASE)
_WORKING = re.compile(r"\b(?:working|work|business)[\s_-]*(days?)\b", re.IGNORECASE)
_UOM = re.compile(r"\bu\.?o\.?m\b\.?", re.IGNORECASE)
_COLUMN_OF_UNITS = re.compile(r"(?<!per)(?<!\ba)[ _]unit\s*$", re.IGNORECASE)
_OF_TIME = frozenset({"time", "transit", "lead", "leadtime", "lt"})
_TOKEN = re.compile(r"[^\W_]+|[$\N{EURO SIGN}\N{POUND SIGN}\N{YEN SIGN}\N{RUPEE SIGN}]")
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
        scale: units that an amount of 1 stands for: 1000 where the heading says '000.
        other: words in brackets that are no unit that is known.
        qualified: the words with those in brackets that tell similar columns apart: min, max.
    """

    words: Words
    time: str | None = None
    currency: str | None = None
    scale: float = 1.0
    other: tuple[str, ...] = ()
    qualified: Words = frozenset()


@dataclass
class Units:
    """Units that a text names, and its words that are none.

    Attributes:
        times, currencies: what it names.
        scale: units that an amount of 1 stands for.
        other: further words.
    """

    times: list[str] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)
    scale: float = 1.0
    other: list[str] = field(default_factory=list)

    def add(self, text: str) -> Units:
        """Note the units in a text."""
        text = _PER_SEVERAL.sub(self._per, _WORKING.sub(_workdays, _UOM.sub("unit", text)))
        for word in _TOKEN.findall(_CAMEL.sub(" ", text)):
            time, currency = time_called(word), currency_called(word)
            self.times += [time] if time else []
            self.currencies += [currency] if currency else []
            if not (time or currency) and not self._is_scaled(word):
                self.other.append(_singular(word.lower()))
        if "m" in self.other and self.currencies:
            self.scale = 1e6
        return self

    def without(self, found: re.Match[str]) -> str:
        """Note the units in the brackets that were found, and give what stands in their place."""
        self.add(found[1])
        return " "

    def _per(self, found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found[1])
        self.scale /= 1e3 if not int(digits or 0) else float(digits)
        return " "

    def _is_scaled(self, word: str) -> bool:
        """Whether a word says in how many units amounts count: k, thousand, kEUR."""
        low = word.lower().removesuffix("s")
        head, tail = currency_called(low[1:]), currency_called(low[:-1])
        letter = low[:1] if head else low[-1:] if tail else ""
        if low in SCALES:
            self.scale = SCALES[low]
        elif letter in ("k", "t", "m") and (letter != "t" or head):
            self.scale = 1e6 if letter == "m" else 1e3
            self.currencies.append(str(head or tail))
        else:
            return False
        return True


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
    inside, units = Units(), Units()
    text = _BRACKETS.sub(inside.without, _UOM.sub("unit", heading))
    text = _WORKING.sub(_workdays, _PER_SEVERAL.sub(units._per, _CAMEL.sub(" ", text)))
    kept: list[str] = []
    named: list[str] = []
    of_units = _COLUMN_OF_UNITS.search(text) is not None
    for word in _TOKEN.findall(text):
        low = plain_letters(word.lower())
        (named if _is_unit(word, low, kept) else kept).append(word if _is_unit(word, low, kept) else low)
    words = frozenset(map(_singular, kept)) - _FILLERS or frozenset(map(_singular, kept))
    if not words:
        words = frozenset(_singular(plain_letters(word.lower())) for word in named)
    words |= {"unit"} if of_units else set()
    for word in named:
        units.add(word)
    times, currencies = inside.times + units.times, inside.currencies + units.currencies
    return Heading(
        words,
        times[0] if times else None,
        currencies[0] if currencies else None,
        inside.scale * units.scale,
        tuple(word for word in inside.other if word not in _QUALIFIERS | _FILLERS and not word.isdigit()),
        words | _QUALIFIERS.intersection(inside.other),
    )


def _is_unit(word: str, low: str, before: list[str]) -> bool:
    """Whether a word of a heading is a unit; single letters are units of times alone, at the end: 'Transit time h'."""
    if len(low) == 1 and low in _TIME_WORDS:
        return bool(_OF_TIME.intersection(before))
    if low in _TIME_WORDS or (low.removesuffix("s") in SCALES and (low != "k" or word == "k")):
        return True
    return currency_called(word) is not None and (word.isupper() or len(word) == 1)


def _workdays(found: re.Match[str]) -> str:
    return f"work{found[1].lower()}"


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
