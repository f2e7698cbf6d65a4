"""Money in several currencies, turned into one by a table of rates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from esc_sim.importing.found import Found
from esc_sim.importing.mapping import kind_of
from esc_sim.importing.reading import Row, Sheet
from esc_sim.importing.words import currency_called


@dataclass
class Money:
    """The currency of the scenario, and what others are worth in it.

    Attributes:
        found: takes notes.
        base: its code; '' where no cell names a currency.
        rates: worth of a unit, by code.
        seen: how many amounts each currency has.
    """

    found: Found
    base: str = ""
    rates: dict[str, float] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def amount(self, row: Row, key: str) -> float | None:
        """The amount in a cell, in the currency of the scenario."""
        value = row.number(key)
        if value is None:
            return None
        text = row.currency(key)
        code = currency_called(text) if text else self.base
        if text and code is None:
            self.found.problems.append(
                f"{row.place(key)}: '{text}' is no currency that is known; write its code, as EUR"
            )
            return None
        self.seen[code or ""] += 1
        if not code or code == self.base:
            return value
        if code not in self.rates:
            self.found.problems.append(
                f"{row.place(key)}: an amount in {code}, and no rate to {self.base}: add a sheet Rates (currency, "
                f"rate in {self.base}), or give --rate {code}=WORTH"
            )
            return None
        return value * self.rates[code]


def currencies_named(sheets: list[Sheet]) -> Counter[str]:
    """How many columns, or cells of a column of currencies, name each currency."""
    named: Counter[str] = Counter()
    for sheet in sheets:
        if sheet.table == "rates":
            continue
        for _, column in sheet.columns.values():
            named.update([column.currency] if column.currency else [])
        if sheet.has("currency"):
            texts = (currency_called(row.text("currency")) for row in sheet.rows)
            named.update(code for code in texts if code)
    return named or Counter(_beside_amounts(sheets))


def _beside_amounts(sheets: list[Sheet]) -> Iterator[str]:
    """The currency beside each amount of money that names one."""
    for sheet in sheets:
        money = [key for key, (_, c) in sheet.columns.items() if kind_of(sheet.table, c) == "money"]
        for row in sheet.rows if money else ():
            yield from (code for key in money if (text := row.currency(key)) and (code := currency_called(text)))


def read_rates(sheet: Sheet, base: str) -> tuple[str, dict[str, float]]:
    """The base and the worths of a sheet of rates.

    Args:
        sheet: currency and rate, perhaps with the currency that it is a rate to.
        base: the currency that is wanted; '': what the sheet says.

    Returns:
        The base and, by code, the worth of a unit in it. What cannot be told is noted.
    """
    found, rows = sheet.found, sheet.rows
    quoted: dict[str, float] = {}
    targets: set[str] = set()
    for row in rows:
        code, rate = currency_called(row.text("currency")), row.number("rate")
        if code is None:
            found.problems.append(f"{row.place('currency')}: '{row.text('currency')}' is no currency that is known")
        elif rate is None or rate <= 0.0:
            found.problems.append(f"{row.place('rate')}: a rate above 0 belongs here")
        else:
            quoted[code] = rate
            target = currency_called(row.text("to")) if row.text("to") else None
            targets |= {target} if target else set()
    heading = sheet.columns["rate"][1].heading
    named, per_base = _direction(heading)
    targets |= {named} if named else set()
    ones = [code for code, rate in quoted.items() if rate == 1.0]
    to = next(iter(targets)) if len(targets) == 1 else ones[0] if not targets and len(ones) == 1 else ""
    if not to:
        found.problems.append(
            f"{sheet.grid.source}: nothing says to which currency the rates are: give that one the rate 1"
        )
        return base, {}
    if per_base is None and not sheet.has("to"):
        n = sheet.columns["rate"][0]
        found.problems.append(
            f"{sheet.grid.place(sheet.mapping.header[-1] - sheet.grid.first, n)}: '{heading}' may be {to} per unit, or "
            f"units per {to}: write '{to} per unit' or 'Units per {to}' above the rates"
        )
        return to, {}
    worth = {code: 1.0 / rate if per_base else rate for code, rate in quoted.items()} | {to: 1.0}
    if base and base != to:
        if base not in worth:
            found.problems.append(f"{sheet.grid.source}: no rate for {base}")
            return base, {}
        worth = {code: value / worth[base] for code, value in worth.items()}
    return base or to, {code: value for code, value in worth.items() if code != (base or to)}


def _direction(heading: str) -> tuple[str | None, bool | None]:
    """The currency that a heading of rates names, and whether rates are units of others for one of it."""
    words = re.findall(r"[A-Za-z0-9]+|[^\w\s]", heading)
    named = next((code for word in words if (code := currency_called(word))), None)
    if named is None:
        return None, None
    low = heading.lower()
    code = next(word for word in words if currency_called(word)).lower()
    if re.search(rf"(per|for|/)\s*(1\s*|one\s*)?{re.escape(code)}|(^|\D)1\s*{re.escape(code)}\s*=", low):
        return named, True
    return named, False
