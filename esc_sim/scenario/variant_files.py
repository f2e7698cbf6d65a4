"""Files of variants: names with the changes of a scenario that each of them makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from esc_sim.errors import InputError
from esc_sim.scenario.located import read_yaml
from esc_sim.scenario.reader import read_text

MAX_BYTES = 16 * 1024 * 1024


def variants_text(variants: Mapping[str, Sequence[str]]) -> str:
    """Content of a file of variants: 'path=value' texts by name."""
    content = {"version": 1, "variants": {name: list(changes) for name, changes in variants.items()}}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=2**20)


def read_variants(file: Path) -> dict[str, list[str]]:
    """Read a file of variants: 'path=value' texts by name.

    Args:
        file: a YAML file with ``version: 1`` and ``variants``, which maps a name to a list of 'path=value' texts.

    Raises:
        InputError: it cannot be read, or is no file of variants.
    """
    text = read_text(file, MAX_BYTES, file.name, "give a file of variants, as the page offers it")
    root, problems = read_yaml(text, file.name)
    if problems:
        raise InputError(problems)
    data = None if root is None else root.plain()
    if not isinstance(data, dict) or set(data) != {"version", "variants"} or data["version"] != 1:
        raise InputError(f"{file.name}: not a file of variants: it needs the keys version (1) and variants")
    found = data["variants"]
    if not isinstance(found, dict) or not found:
        raise InputError(f"{file.name}: variants: a name, and a list of 'path=value' texts for each, belong here")
    wrong = [
        f"{file.name}: variants.{name}: a list of 'path=value' texts belongs here"
        for name, changes in found.items()
        if not isinstance(name, str)
        or not isinstance(changes, list)
        or not all(isinstance(text, str) and "=" in text for text in changes)
    ]
    if wrong:
        raise InputError(wrong)
    return {name: list(changes) for name, changes in found.items()}
