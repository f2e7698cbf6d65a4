"""Switches and variants: parts of a scenario that hold only `when` the switches they name are on (or off).

``switches`` gives the switches and how they stand, ``variants`` names settings of them, ``variant`` chooses one. An
override of a switch wins over the variant. Any mapping, in scenario.yaml or a row of a table, may carry ``when``: the
name of a switch, ``not`` and a name, or several of these, all of which must hold. The others are left out before the
scenario is checked, so that what is left is a scenario like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esc_sim.scenario.document import Document
from esc_sim.scenario.fields import SECTIONS, WHEN, suggestion
from esc_sim.scenario.messages import Path, Problem, shown

_LEFT_OUT = object()
"""Stands where an entry of a list was left out, so that those after it keep their numbers."""


def leave_out(document: Document) -> tuple[list[Problem], list[Problem]]:
    """Leave out of the document's data whatever does not hold under the switches in force.

    ``document.data["switches"]`` then gives the switches in force. A part whose ``when`` cannot be understood stays.

    Args:
        document: as read, overrides applied. Its ``data``, ``numbered`` and ``kept`` are set.

    Returns:
        What is wrong, and what is odd (switches that no ``when`` names).
    """
    setting = _Setting()
    setting.read(document)
    whole = {key: value for key, value in document.data.items() if key in SECTIONS}
    for key, value in document.data.items():
        if key == WHEN:
            setting.wrong((WHEN,), "a whole scenario cannot be left out; put `when` into a part of it")
        elif key not in whole:
            holds, part = setting.part(value, (key,))
            if holds:
                whole[key] = part
    if setting.problems:
        whole = {key: value for key, value in whole.items() if key not in SECTIONS}
    elif setting.switches:
        whole["switches"] = setting.switches
    document.numbered = whole
    document.data = _without_gaps(whole, (), document.kept) if setting.named or setting.gaps else whole
    unused = [name for name in setting.switches if name not in setting.named]
    odd = [Problem(("switches", name), "no `when` names this switch, so it changes nothing") for name in unused]
    return setting.problems, odd


def content_hash(data: Mapping[str, Any]) -> str:
    """Hash of plain values: blake2b-128 of their JSON."""
    text = json.dumps(data, skipkeys=True, separators=(",", ":"), default=repr)
    return hashlib.blake2b(text.encode(errors="backslashreplace"), digest_size=16).hexdigest()


@dataclass
class _Setting:
    """The switches in force, and what was wrong while they were read and asked for."""

    switches: dict[str, bool] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    gaps: bool = False
    """Whether something is left out whatever the switches."""
    readable: bool = True
    """Whether the names of all switches are known."""

    def wrong(self, path: Path, text: str) -> None:
        self.problems.append(Problem(path, text))

    def read(self, document: Document) -> None:
        """How the switches stand: as given, then as the variant says, then as overrides say."""
        data = document.data
        given = self._group(data, ("switches",))
        first = document.root.content.get("switches")
        own = first.content if first is not None and isinstance(first.content, dict) else {}
        replaced = any(override.path == ("switches",) for override in document.overrides)
        self.switches = dict.fromkeys(given if replaced else own, False)
        for name, value in given.items():
            self._set(name, value, ("switches", name))
        for name, variant in self._group(data, ("variants",)).items():
            for switch, value in self._group({name: variant}, ("variants", name)).items():
                self._check(switch, value, ("variants", name, switch))
        self._choose(data)
        for override in document.overrides:
            if override.path[0] == "switches":
                names = override.path[1:] or tuple(given)
                self.switches |= {name: given[name] for name in self.switches if name in names and name in given}

    def _group(self, data: Mapping[str, Any], path: Path) -> dict[str, Any]:
        """The mapping of names at the end of ``path``; empty when there is none, or something else."""
        group = data.get(str(path[-1]), {})
        if isinstance(group, dict) and all(isinstance(name, str) for name in group):
            return group
        example = "{linear: {loops: false}}" if path == ("variants",) else "{loops: true}"
        self.wrong(path, f"switches by name belong here, such as {example}, not {shown(group)}")
        self.readable &= path != ("switches",)
        return {}

    def _check(self, name: str, value: Any, path: Path) -> bool:
        if not self._known(name, path):
            return False
        if not isinstance(value, bool):
            self.wrong(path, f"true or false belongs here, not {shown(value)}")
        return isinstance(value, bool)

    def _set(self, name: str, value: Any, path: Path) -> None:
        if "," in name or name.startswith("not ") or name != name.strip():
            self.wrong(path, "a switch's name has no comma, no space around it, and does not begin with 'not '")
        elif self._check(name, value, path):
            self.switches[name] = value

    def _known(self, name: str, path: Path) -> bool:
        if name in self.switches or not self.readable:
            return True
        hint = suggestion(name, self.switches, listed="switches:") or "; give it under 'switches'"
        self.wrong(path, f"there is no switch '{name}'{hint}")
        return False

    def _choose(self, data: Mapping[str, Any]) -> None:
        chosen, variants = data.get("variant"), data.get("variants", {})
        if chosen is None or not isinstance(variants, dict):
            return
        if not isinstance(chosen, str):
            self.wrong(("variant",), f"the name of a variant belongs here, not {shown(chosen)}")
        elif chosen not in variants:
            hint = suggestion(chosen, variants, listed="variants:") or "; give it under 'variants'"
            self.wrong(("variant",), f"there is no variant '{chosen}'{hint}")
        elif isinstance(variants[chosen], dict):
            self.switches |= {name: value for name, value in variants[chosen].items() if name in self.switches}

    def part(self, value: Any, path: Path) -> tuple[bool, Any]:
        """Whether ``value`` holds, and ``value`` anew without ``when`` and without what does not hold.

        Everything is looked at, also within what does not hold, so that a mistake shows in every variant.
        """
        if isinstance(value, list):
            found = [self.part(inner, (*path, number)) for number, inner in enumerate(value)]
            return True, [part if holds else _LEFT_OUT for holds, part in found]
        if not isinstance(value, dict):
            return True, value
        holds = WHEN not in value or self._holds(value[WHEN], (*path, WHEN))
        group = {}
        for key, inner in value.items():
            if not isinstance(inner, (dict, list)):  # most values: tables have many
                group[key] = inner
                continue
            stays, part = self.part(inner, (*path, key))
            if stays:
                group[key] = part
        group.pop(WHEN, None)
        return holds, group

    def _holds(self, when: Any, path: Path) -> bool:
        """Whether all that a ``when`` asks for is so; ``false`` leaves the part out."""
        if when is False:
            self.gaps = True
            return False
        parts = when.split(",") if isinstance(when, str) else when
        if not isinstance(parts, list) or not all(isinstance(part, str) and part.strip() for part in parts):
            self.wrong(path, f"a switch belongs here, 'not' and a switch, or a list of these, not {shown(when)}")
            return True
        holds = True
        for number, part in enumerate(parts):
            text = part.strip()
            name = text.removeprefix("not ").strip()
            if self._known(name, (*path, number) if isinstance(when, list) else path):
                self.named.add(name)
                holds &= self.switches.get(name, False) is (name == text)
        return holds


def _without_gaps(value: Any, path: Path, kept: dict[Path, list[int]]) -> Any:
    """``value`` with its lists closed up; ``kept`` gets, for each list closed up, the old numbers of its entries."""
    if isinstance(value, dict):
        return {key: _without_gaps(inner, (*path, key), kept) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    numbers = [number for number, inner in enumerate(value) if inner is not _LEFT_OUT]
    if len(numbers) < len(value):
        kept[path] = numbers
    return [_without_gaps(value[number], (*path, place), kept) for place, number in enumerate(numbers)]
