"""The member that an address asks for, and words about a name that no member has."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final
from urllib.parse import parse_qs

_NEAREST: Final = 3


def member_of(query: str) -> str:
    """Name of the member that an address asks for: of "member=warehouse"; "" where it asks for none."""
    return parse_qs(query).get("member", [""])[0]


def unknown_member(name: str, names: Sequence[str]) -> str:
    """What is said of a name that no member has, with the nearest names that there are.

    Args:
        name: what was asked for.
        names: of all members.
    """
    folded = {one.casefold(): one for one in names}
    near = [folded[one] for one in get_close_matches(name.casefold(), list(folded), n=_NEAREST, cutoff=0.5)]
    known = (
        f"The nearest names are {', '.join(near)}." if near else f"There are {', '.join(names[:_NEAREST])} and others."
    )
    return f"This network has no member '{name}'. {known}"
