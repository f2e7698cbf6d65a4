"""Paths of values as text: ``nodes."Müller, Söhne".order.mean``, and lists and changes written beside them.

Double quotes keep what is within them together: dots, commas, semicolons, colons and equals signs there are part of a
name. A double quote within quotes is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_NEEDS_QUOTES: Final = re.compile(r'[.,;:=*"]|^\s|\s$|^$')


def split_outside(text: str, mark: str) -> list[str]:
    """The parts of a text between marks that stand outside of double quotes.

    Args:
        text: the text.
        mark: one character or several.

    Examples:
        >>> split_outside('nodes."St. Gallen".x', ".")
        ['nodes', '"St. Gallen"', 'x']
    """
    parts, start = [], 0
    for at in _marks(text, mark):
        parts.append(text[start:at])
        start = at + len(mark)
    return [*parts, text[start:]]


def _marks(text: str, mark: str) -> Iterator[int]:
    """Where marks stand outside of double quotes."""
    found = re.finditer(f"{_QUOTED.pattern}|(?P<mark>{re.escape(mark)})", text)
    return (match.start() for match in found if match["mark"] is not None)


def partition_outside(text: str, mark: str) -> tuple[str, str, str]:
    """As ``str.partition``, at the first mark outside of double quotes."""
    at = next(_marks(text, mark), None)
    return (text, "", "") if at is None else (text[:at], mark, text[at + len(mark) :])


def split_change(text: str) -> tuple[str, str] | None:
    """Path and value of a 'path=value' text, without the blanks around them; None where it is none."""
    path, equals, value = partition_outside(text, "=")
    return (path.strip(), value.strip()) if equals and path.strip() else None


def path_of(text: str) -> str:
    """The path of a 'path=value' text."""
    return partition_outside(text, "=")[0].strip()


def steps_of(path: str) -> list[str]:
    """The steps of a dotted path, without quotes."""
    return [unquoted(step) for step in split_outside(path, ".")]


def unquoted(text: str) -> str:
    """A name without the double quotes around it, or around the ends of an arc; those written twice are kept once."""
    parts = (part[1:-1].replace('""', '"') if _QUOTED.fullmatch(part) else part for part in split_outside(text, "/"))
    return "/".join(parts)


def quoted(name: str) -> str:
    """A name as a step of a path: in quotes where it needs them. The ends of an arc are quoted one by one.

    Examples:
        >>> quoted("shop_1"), quoted("Müller, Söhne/depot")
        ('shop_1', '"Müller, Söhne"/depot')
    """
    return "/".join(
        '"{}"'.format(part.replace('"', '""')) if _NEEDS_QUOTES.search(part) else part for part in name.split("/")
    )
