"""What entries of lists are called in paths, such as ``buyer/supplier/mode``, and which of them a path names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.messages import Path
from esc_sim.scenario.worth import CannotError


def dotted(path: Sequence[str | int]) -> str:
    """A path as it is written."""
    return ".".join(str(step) for step in path)


def pattern_of(name: str) -> re.Pattern[str]:
    """What a name with ``*`` in it stands for."""
    return re.compile("[^/]*".join(map(re.escape, name.split("*"))))


def named(entries: list[Any], steps: list[str], path: Path, product: str) -> tuple[list[int], int, bool]:
    """Numbers of the entries that the next steps name, how many steps that takes (ids may hold dots), if by ``*``.

    Args:
        entries: a list of the scenario.
        steps: the rest of a path.
        path: of the list.
        product: that of arcs which name none.

    Raises:
        CannotError: they name none, or several that are not alike.
    """
    names: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for name in names_of(entry, product):
            names.setdefault(name, []).append(number)
    if steps[0] == "*" and "*" not in names and entries:
        return list(range(len(entries))), 1, True
    for used in range(1, len(steps) + 1):
        joined = ".".join(steps[:used])
        found = names.get(joined)
        if found and any(names_of(entries[number]) != names_of(entries[found[0]]) for number in found):
            several = [key for key in ("product", "mode") if len({entries[number].get(key) for number in found}) > 1]
            raise CannotError(
                f"'{joined}' names {len(found)} entries of '{dotted(path)}'; "
                f"add {' and '.join(f'/{key}' for key in several)}"
            )
        if found:
            return found, used, False
        if "*" in joined:
            matches = pattern_of(joined)
            found = sorted({n for name, numbers in names.items() if matches.fullmatch(name) for n in numbers})
            if found:
                return found, used, True
    if steps[0].isdecimal():
        if int(steps[0]) < len(entries):
            return [int(steps[0])], 1, False
        raise CannotError(f"'{dotted(path)}' has {len(entries)} entries, numbered from 0: there is no {steps[0]}")
    shown = dict.fromkeys(name for entry in entries for name in names_of(entry))
    if "*" in steps[0] and any(pattern_of(f"*/{steps[0]}").fullmatch(name) for name in names):
        raise CannotError(f"'{dotted(path)}' has no entry that matches '{steps[0]}'; did you mean '*/{steps[0]}'?")
    what = "no entry that matches" if "*" in steps[0] else "no entry"
    raise CannotError(f"'{dotted(path)}' has {what} '{steps[0]}'{suggestion(steps[0], shown, listed='entries:')}")


def names_of(entry: Any, product: str | None = None) -> list[str]:
    """What an entry is called, the shortest name first; none where it has none.

    Args:
        entry: of a list.
        product: that of an arc which names none.
    """
    if not isinstance(entry, dict):
        return []
    for key in ("id", "name"):
        if isinstance(entry.get(key), str):
            return [entry[key]]
    if isinstance(entry.get("taker"), str):
        return [f"{entry.get('giver')}/{entry['taker']}/{entry.get('product')}"]
    if isinstance(entry.get("buyer"), str) and isinstance(entry.get("supplier"), str):
        names = [f"{entry['buyer']}/{entry['supplier']}"]
        for key in ("product", "mode"):
            more = entry.get(key) or (product if key == "product" else None)
            names += [f"{name}/{more}" for name in names] if isinstance(more, str) else []
        return names
    if isinstance(entry.get("node"), str) and isinstance(entry.get("product"), str):
        return [f"{entry['node']}/{entry['product']}"]
    return []
