"""Plain messages for what the schema refuses: one for each mistake, in the words of the scenario."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from esc_sim.policies.registry import POLICIES
from esc_sim.scenario.calendar import date_of
from esc_sim.scenario.fields import item_of, keys_at, keys_of, kind_of, suggestion
from esc_sim.scenario.laws import LAW_NAMES
from esc_sim.scenario.located import scalar_of
from esc_sim.scenario.numerals import PLAIN, boolean_advice, entries_advice, number_advice

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong in a scenario.

    Attributes:
        path: keys and numbers that lead there.
        text: what is wrong, and what to do.
        about: "value" (what stands there), "key" (its name), or "part" (values do not agree).
    """

    path: Path
    text: str
    about: str = "value"


def shown(value: Any) -> str:
    """A value as a message shows it, short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = _short_text(str(value))
    return f"'{text}'" if isinstance(value, str) else text


def _short_text(text: str) -> str:
    return text[:37] + "..." if len(text) > 40 else text


_PLACE = re.compile(r"(?P<file>[^:!]+)(?::(?P<line>\d+)(?::(?P<column>\d+))?|![A-Z]+(?P<row>\d+))?: ")


def in_order(messages: list[str], sources: Iterable[str]) -> list[str]:
    """Messages sorted by file (in the order of ``sources``), line and column; those of overrides come last."""
    files = {source: number for number, source in enumerate(sources)}

    def place(message: str) -> tuple[int, int, int]:
        found = _PLACE.match(message)
        if found is None or message.startswith(("--set ", "override ")):
            return (len(messages), 0, 0)
        file = files.setdefault(found["file"], len(files))
        return (file, int(found["line"] or found["row"] or 0), int(found["column"] or 0))

    return sorted(messages, key=place)


class Written(Protocol):
    """Knows how the values of a scenario are written."""

    def written(self, path: Path) -> str | None:
        """The value at a path as it is written, where it is an unquoted scalar that is no text; else None."""

    def is_cell(self, path: Path) -> bool:
        """Whether the value at a path is a table's cell, or an entry of one."""


@dataclass(frozen=True)
class _Refused:
    """A value that the schema refuses, and what is known of it."""

    value: Any
    context: Any
    path: Path
    annotation: Any = None
    """What belongs there."""
    text: str | None = None
    """The value as it is written, where it is an unquoted scalar that is no text."""
    cell: bool = False
    """Whether it stands in a table."""

    @property
    def shown(self) -> str:
        return shown(self.value) if self.text is None else _short_text(self.text)


def problems_of(
    error: ValidationError, root: type[BaseModel], data: Any, source: Written | None = None
) -> list[Problem]:
    """The problems that a validation met.

    Args:
        error: what the validation of ``data`` raised.
        root: the model of the whole.
        data: plain values.
        source: knows how they are written; None for values from Python.
    """
    found = []
    for detail in error.errors(include_url=False):
        kind = detail["type"]
        path = _clean(detail["loc"], data, keeps_last=kind == "missing")
        about = {"extra_forbidden": "key", "missing": "missing", "value_error": "part"}.get(kind, "value")
        refused = _Refused(
            detail.get("input"),
            detail.get("ctx", {}),
            path,
            keys_at(root, data, path[:-1]).get(str(path[-1])) if path else None,
            None if source is None else source.written(path),
            source is not None and source.is_cell(path),
        )
        found.append(Problem(path, _text(kind, detail, refused, root, data), about))
    return found


def _clean(loc: Path, data: Any, *, keeps_last: bool) -> Path:
    """The error's path without the names that pydantic adds for the alternatives of a union."""
    path: list[str | int] = []
    for number, step in enumerate(loc):
        last = number == len(loc) - 1
        is_entry = isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data)
        if is_entry or (isinstance(data, dict) and step in data):
            data = data[step]
        elif not (last and keeps_last):
            continue
        path.append(step)
    return tuple(path)


def _text(kind: str, detail: Any, refused: _Refused, root: type[BaseModel], data: Any) -> str:
    path, context = refused.path, refused.context
    if kind == "extra_forbidden":
        split = _split_number(path, data)
        if split:
            return split
        key, keys = str(path[-1]), keys_at(root, data, path[:-1])
        names = [f"policy: {name}" for name, policy in POLICIES.items() if key in keys_of([policy.order])]
        if key in keys and names:  # of another policy than the one that is taken where none is named
            return f"'{key}' is not for the policy 'mean', which is taken where none is named; add {' or '.join(names)}"
        return f"unknown key{suggestion(key, keys, listed='keys here:')}"
    if kind == "missing":
        return f"'{path[-1]}' is missing"
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"must be {words} {_bound(context[name])}, not {refused.shown}"
    maker = _MAKERS.get(kind)
    if maker is not None:
        return maker(refused)
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]} (here: {refused.shown})"


def _split_number(path: Path, data: Any) -> str:
    """What is said of a number whose comma ended it, as in `{initial_stock: 1,000}`; '' of other keys."""
    for step in path[:-1]:
        data = data[step]
    if not isinstance(data, dict) or path[-1] not in data or not _is_group(path[-1], data):
        return ""
    keys = list(data)
    first = last = keys.index(path[-1])
    while first > 0 and _is_group(keys[first], data):
        first -= 1
    while last < len(keys) and (last == first or _is_group(keys[last], data)):
        last += 1
    head = data[keys[first]]
    if isinstance(head, bool) or not isinstance(head, (int, float)):
        return ""
    text = ",".join([f"{head:g}", *keys[first + 1 : last]])
    return f"in braces a comma ends the value, so '{keys[first]}: {text}' is not one number{number_advice(text)}"


def _is_group(key: Any, data: Any) -> bool:
    """Whether a key may be digits that a comma has cut off."""
    return isinstance(key, str) and key.isdecimal() and data[key] is None


_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _bound(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _number(refused: _Refused) -> str:
    return _no_number(refused, "a number", whole=False)


def _whole(refused: _Refused) -> str:
    return _no_number(refused, "a whole number", whole=True)


def _no_number(refused: _Refused, what: str, *, whole: bool) -> str:
    value = refused.value
    if value is None:
        return f"nothing stands here: give {what}, or leave the key out"
    if isinstance(value, bool):
        return f"{what} belongs here, not true or false"
    if isinstance(value, float):
        written = refused.text or repr(value)
        return f"{what} belongs here, not {_short_text(written)}{number_advice(written, whole=whole)}"
    text = f"{what} belongs here, not {refused.shown}"
    if not isinstance(value, str):
        return text
    if PLAIN.fullmatch(value.strip()) and not refused.cell and not (whole and not _is_whole(value)):
        return f"{text}: leave the quotes out" if math.isfinite(float(value)) else text
    if refused.cell and date_of(value) is not None:
        return f"{text}: the cell holds a date; format it as a number, and type the number again"
    if refused.cell and refused.path and isinstance(refused.path[-1], int):
        return text + entries_advice(value)
    return text + number_advice(value, whole=whole)


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"\s*[-+]?[0-9]+\s*", text) is not None


def _string(refused: _Refused) -> str:
    value = refused.value
    if value is None:
        text = "nothing stands here: give a name or text, or leave the key out"
        return f'{text} (or quote it, if it is the name: "{refused.text}")' if refused.text else text
    text = f"a name or text belongs here, not {refused.shown}"
    return f'{text}: quote it ("{refused.shown}")' if isinstance(value, (bool, int, float)) else text


def _boolean(refused: _Refused) -> str:
    advice = boolean_advice(refused.value) if isinstance(refused.value, (str, int, float)) else ""
    return f"true or false belongs here, not {refused.shown}{advice}"


def _choice(refused: _Refused) -> str:
    value, expected = refused.value, str(refused.context.get("expected", ""))
    choices = re.findall(r"'([^']*)'", expected)
    text = f"must be {'one of ' if ' or ' in expected else ''}{expected}, not {refused.shown}"
    if choices:
        return text + (suggestion(value, choices) if isinstance(value, str) else "")
    numbers = re.findall(r"[0-9]+", expected)
    if isinstance(value, str) and value.strip() in numbers:
        return f"{text}: leave the quotes out"
    if isinstance(value, float) and value.is_integer() and str(int(value)) in numbers:
        return f"{text}: write {int(value)}"
    return text


def _policy(value: Any) -> str:
    if not isinstance(value, dict):
        return f"an order policy belongs here, such as {{policy: base_stock, order_up_to: 100}}, not {shown(value)}"
    name = value.get("policy")
    if not isinstance(name, str):
        return f"the name of a policy belongs after 'policy': one of {', '.join(POLICIES)}"
    help_text = suggestion(name, POLICIES, listed="policies:") or f"; policies: {', '.join(POLICIES)}"
    return f"unknown policy '{name}'{help_text}"


def _alternative(refused: _Refused) -> str:
    return _policy(refused.value) if "policy" in str(refused.context.get("discriminator")) else _law(refused.value)


def _law(value: Any) -> str:
    name = value.get("law") if isinstance(value, dict) else None
    if name in LAW_NAMES:
        return f"the law '{name}' cannot be the size of what comes now and then"
    if isinstance(name, str):
        help_text = suggestion(name, LAW_NAMES, listed="laws:") or f"; laws: {', '.join(LAW_NAMES)}"
        return f"unknown law '{name}'{help_text}"
    if isinstance(value, dict):
        return f"a law needs the key 'law': one of {', '.join(LAW_NAMES)}"
    return f"a law belongs here, such as {{law: uniform, low: 1, high: 3}}, not {shown(value)}"


def _list(refused: _Refused) -> str:
    value, text = refused.value, f"a list belongs here, not {refused.shown}"
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return text
    entry = str(value) if refused.text is None else refused.text
    of_text = kind_of(item_of(refused.annotation)) == "text"
    if (of_text and not isinstance(value, str)) or (isinstance(value, str) and not _is_plain(entry, of_text)):
        escaped = entry.replace("\\", "\\\\").replace('"', '\\"')
        entry = f'"{escaped}"'
    return f"{text}: write [{entry}]"


def _is_plain(entry: str, of_text: bool) -> bool:
    """Whether a text may stand in a list as it is, without quotes; commas separate its entries."""
    words = re.fullmatch(r"[\w.+-]+( [\w.+-]+)*(, *[\w.+-]+( [\w.+-]+)*)*", entry) is not None
    return words and not (of_text and any(not isinstance(scalar_of(part.strip()), str) for part in entry.split(",")))


def _group(refused: _Refused) -> str:
    return f"a group of keys belongs here, not {refused.shown}"


def _short(refused: _Refused) -> str:
    if isinstance(refused.value, str):
        return "an empty name"
    least = refused.context.get("min_length", 1)
    return "at least 1 entry is needed here" if least == 1 else f"at least {least} entries are needed here"


def _many(refused: _Refused) -> str:
    return f"at most {refused.context.get('max_length')} entries belong here"


def _pattern(refused: _Refused) -> str:
    if refused.path and refused.path[-1] == "code":
        return f"write FILE.py:CLASS, not {refused.shown}"
    return f"a name cannot hold '/' or control characters: {refused.shown}"


def _long(refused: _Refused) -> str:
    return f"too long: at most {refused.context.get('max_length')} characters"


def _finite(refused: _Refused) -> str:
    return f"a finite number belongs here, not {refused.shown}"


_MAKERS: dict[str, Callable[[_Refused], str]] = {
    "float_type": _number,
    "float_parsing": _number,
    "finite_number": _finite,
    "int_type": _whole,
    "int_parsing": _whole,
    "int_from_float": _whole,
    "int_parsing_size": _whole,
    "string_type": _string,
    "string_too_short": _short,
    "string_too_long": _long,
    "string_pattern_mismatch": _pattern,
    "bool_type": _boolean,
    "bool_parsing": _boolean,
    "literal_error": _choice,
    "union_tag_invalid": _alternative,
    "union_tag_not_found": _alternative,
    "list_type": _list,
    "too_short": _short,
    "too_long": _many,
    "model_type": _group,
    "model_attributes_type": _group,
    "dict_type": _group,
}
