"""Paths of values (``nodes.shop.demand.mean``) in words (mean demand of shop), for axes and legends."""

from __future__ import annotations

from typing import Final

from esc_sim.scenario.dotted import steps_of
from esc_sim.scenario.schema import Scenario

_SILENT: Final = ("law", "policy")
"""Keys that say nothing beside those that follow them."""
_OF_LAWS: Final = ("mean", "sd", "low", "high", "value")
"""Keys of a drawn amount: those of an order policy need no word of orders, that of a mean order does."""
_OF_LISTS: Final = tuple(
    (field.alias or name) for name, field in Scenario.model_fields.items() if str(field.annotation).startswith("list")
)
"""Sections whose entries are named by the second part of a path."""


def path_words(path: str) -> str:
    """A path as for ``--set`` in words; an arc is said with both its ends.

    Args:
        path: dotted.

    Examples:
        >>> path_words("nodes.shop.demand.mean"), path_words("arcs.shop/depot.lead_time.high")
        ('mean demand of shop', 'high lead time of depot to shop')
        >>> path_words("arcs.shop/depot/sea.price")
        'price of depot to shop (sea)'
        >>> path_words("nodes.depot.order.mean"), path_words("nodes.depot.order.order_up_to")
        ('mean order of depot', 'order up to of depot')
        >>> path_words("disruptions.port_strike.probability"), path_words("rules.known_after")
        ('probability of port_strike', 'known after')
        >>> path_words("disruptions.port_strike.dates.0.duration")
        'duration of date 1 of port_strike'
        >>> path_words("stocks.*.room"), path_words('nodes."Müller, Söhne".demand.mean')
        ('room of all stocks', 'mean demand of Müller, Söhne')
        >>> path_words("nodes.depot.order.every")
        'review interval of depot'
        >>> path_words("nodes.shop.demand.price"), path_words("microgrids.buses.0.load")
        ('demand price of shop', 'load of bus 1')
    """
    section, *rest = steps_of(path)
    if not rest:
        return _said(section)
    if section not in _OF_LISTS or len(rest) < 2:
        return _keys(rest)
    return f"{_keys(rest[1:])} of {_arc(rest[0]) if section == 'arcs' else _entry(rest[0], section)}"


def _entry(name: str, section: str) -> str:
    """An entry of a list, or all of them."""
    return f"all {_said(section)}" if name == "*" else name


def _arc(name: str) -> str:
    """Both ends of an arc, and what else its name says: the product, the mode."""
    buyer, *more = name.split("/")
    if not more:
        return _entry(name, "arcs")
    return f"{more[0]} to {buyer}" + (f" ({', '.join(more[1:])})" if more[1:] else "")


def _keys(keys: list[str]) -> str:
    """A key of a law before what it is of: ("demand", "mean") is the mean demand; others as they stand."""
    for at, key in enumerate(keys[1:-1], start=1):
        if key.isdecimal():  # an entry of a list, counted from 1 in words
            entry = f"{_singular(_said(keys[at - 1]))} {int(key) + 1}"
            return " of ".join([_keys(keys[at + 1 :]), entry, *filter(None, [" ".join(map(_said, keys[: at - 1]))])])
    silent = _SILENT if keys[-1] in _OF_LAWS else (*_SILENT, "order")
    heard = [key for key in keys[:-1] if key not in silent]
    return " ".join(map(_said, [keys[-1], *heard] if keys[-1] in _OF_LAWS else [*heard, keys[-1]]))


def _singular(words: str) -> str:
    """One of what words in the plural name: buses, batteries, lines."""
    if words.endswith("ies"):
        return f"{words.removesuffix('ies')}y"
    return words.removesuffix("es" if words.endswith(("buses", "sses", "xes", "ches", "shes")) else "s")


_WORDS: Final = {"every": "review interval"}
"""Keys whose names say too little by themselves."""


def _said(key: str) -> str:
    return _WORDS.get(key, key.replace("_", " "))
