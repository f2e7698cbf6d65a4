"""Plain messages for what the schema refuses: one for each mistake, in the words of the scenario."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from esc_sim.scenario.fields import keys_at, suggestion
from esc_sim.scenario.laws import LAW_NAMES
from esc_sim.scenario.orders import POLICY_NAMES

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong at ``path``: 'value' (what stands there), 'key' (its name), or 'part' (values do not agree)."""

    path: Path
    text: str
    about: str = "value"

    @property
    def dotted(self) -> str:
        """The problem with its path, for values that stand in no file."""
        return f"{'.'.join(map(str, self.path))}: {self.text}"


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
    text = str(value)
    if len(text) > 40:
        text = text[:37] + "..."
    return f"'{text}'" if isinstance(value, str) else text


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


def problems_of(error: ValidationError, root: type[BaseModel], data: Any) -> list[Problem]:
    """The problems that a validation of ``data`` against ``root`` met."""
    found = []
    for detail in error.errors(include_url=False):
        kind = detail["type"]
        path = _clean(detail["loc"], data, keeps_last=kind == "missing")
        about = {"extra_forbidden": "key", "missing": "missing", "value_error": "part"}.get(kind, "value")
        found.append(Problem(path, _text(kind, detail, path, root, data), about))
    return found


def _clean(loc: Path, data: Any, *, keeps_last: bool) -> Path:
    """The error's path without the names that pydantic adds for the alternatives of a union."""
    path: list[str | int] = []
    for number, step in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif not (last and keeps_last):
            continue
        path.append(step)
    return tuple(path)


def _text(kind: str, detail: Any, path: Path, root: type[BaseModel], data: Any) -> str:
    value = detail.get("input")
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        help_text = suggestion(str(path[-1]), keys_at(root, data, path[:-1]), listed="keys here:")
        return f"unknown key{help_text}"
    if kind == "missing":
        return f"'{path[-1]}' is missing"
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"must be {words} {_bound(context[name])}, not {shown(value)}"
    maker = _MAKERS.get(kind)
    if maker is not None:
        return maker(value, context, path)
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]} (here: {shown(value)})"


_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _bound(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: Any, context: Any, path: Path) -> str:
    if value is None:
        return "nothing stands here: give a number, or leave the key out"
    if isinstance(value, bool):
        return "a number belongs here, not true or false"
    text = f"a number belongs here, not {shown(value)}"
    if isinstance(value, str):
        if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?", value) and math.isfinite(float(value)):
            return f"{text}: leave the quotes out"
        if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", value):
            return f"{text}: write {value.replace(',', '.')} (a point before the decimals)"
    return text


def _whole(value: Any, context: Any, path: Path) -> str:
    if isinstance(value, float):
        return f"a whole number belongs here, not {value!r}"
    return _number(value, context, path).replace("a number", "a whole number", 1)


def _string(value: Any, context: Any, path: Path) -> str:
    if value is None:
        return "nothing stands here: give a name or text, or leave the key out"
    if isinstance(value, (bool, int, float)):
        return f'a name or text belongs here, not {shown(value)}: quote it ("{shown(value)}")'
    return f"a name or text belongs here, not {shown(value)}"


def _boolean(value: Any, context: Any, path: Path) -> str:
    return f"true or false belongs here, not {shown(value)}"


def _choice(value: Any, context: Any, path: Path) -> str:
    expected = str(context.get("expected", ""))
    choices = re.findall(r"'([^']*)'", expected)
    text = f"must be {'one of ' if ' or ' in expected else ''}{expected}, not {shown(value)}"
    return text + (suggestion(value, choices) if isinstance(value, str) else "")


def _policy(value: Any) -> str:
    if not isinstance(value, dict):
        return f"an order policy belongs here, such as {{policy: base_stock, up_to: 100}}, not {shown(value)}"
    name = value.get("policy")
    if not isinstance(name, str):
        return f"the name of a policy belongs after 'policy': one of {', '.join(POLICY_NAMES)}"
    help_text = suggestion(name, POLICY_NAMES, listed="policies:") or f"; policies: {', '.join(POLICY_NAMES)}"
    return f"unknown policy '{name}'{help_text}"


def _alternative(value: Any, context: Any, path: Path) -> str:
    return _policy(value) if "policy" in str(context.get("discriminator")) else _law(value, context, path)


def _law(value: Any, context: Any, path: Path) -> str:
    name = value.get("law") if isinstance(value, dict) else None
    if isinstance(name, str):
        help_text = suggestion(name, LAW_NAMES, listed="laws:") or f"; laws: {', '.join(LAW_NAMES)}"
        return f"unknown law '{name}'{help_text}"
    if isinstance(value, dict):
        return f"a law needs the key 'law': one of {', '.join(LAW_NAMES)}"
    return f"a law belongs here, such as {{law: uniform, low: 1, high: 3}}, not {shown(value)}"


def _list(value: Any, context: Any, path: Path) -> str:
    hint = f": write [{value}]" if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    return f"a list belongs here, not {shown(value)}{hint}"


def _group(value: Any, context: Any, path: Path) -> str:
    return f"a group of keys belongs here, not {shown(value)}"


def _short(value: Any, context: Any, path: Path) -> str:
    if isinstance(value, str):
        return "an empty name"
    least = context.get("min_length", 1)
    return "at least 1 entry is needed here" if least == 1 else f"at least {least} entries are needed here"


def _many(value: Any, context: Any, path: Path) -> str:
    return f"at most {context.get('max_length')} entries belong here"


def _pattern(value: Any, context: Any, path: Path) -> str:
    if path and path[-1] == "code":
        return f"write FILE.py:CLASS, not {shown(value)}"
    return f"a name cannot hold '/' or control characters: {shown(value)}"


def _long(value: Any, context: Any, path: Path) -> str:
    return f"too long: at most {context.get('max_length')} characters"


def _finite(value: Any, context: Any, path: Path) -> str:
    return f"a finite number belongs here, not {shown(value)}"


_MAKERS: dict[str, Callable[[Any, Any, Path], str]] = {
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
