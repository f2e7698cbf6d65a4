"""The member that an address asks for, and words about a name that no member has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final
from urllib.parse import parse_qs

_NEAREST: Final = 3


def member_of(query: str) -> str:
    """Name of the member that an address asks for: of "member=warehouse"; "" where it asks for none."""
    return parse_qs(query).get("member", [""])[0]


def member_named(name: str, names: Iterable[str]) -> str | None:
    """The member that is meant: case, blanks around it, and blank, dash or underscore within it make no difference.

    Args:
        name: what was typed.
        names: of all members.

    Returns:
        Its name; None where no member has it, or several do and none exactly.
    """
    known = list(names)
    if name in known:
        return name
    alike = [one for one in known if _folded(one) == _folded(name)]
    return alike[0] if len(alike) == 1 else None


def nearest_names(name: str, names: Iterable[str]) -> list[str]:
    """Names of members that are much like a name that none has, the likest first; none where none is."""
    folded = {_folded(one): one for one in names}
    return [folded[one] for one in get_close_matches(_folded(name), list(folded), n=_NEAREST, cutoff=0.5)]


def unknown_member(name: str, names: Sequence[str]) -> str:
    """What is said of a name that no member has, before the nearest names that there are.

    Args:
        name: what was asked for.
        names: of all members.
    """
    words = f"This network has no member '{name}'."
    return words if nearest_names(name, names) else f"{words} There are {', '.join(names[:_NEAREST])} and others."


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip()).casefold()
