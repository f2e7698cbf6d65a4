"""YAML text read into values that remember where they stand.

Only plain data is read: mappings with names as keys, lists, text, numbers, true and false, nothing. Numbers and
booleans follow YAML 1.2's core schema, so that ``no`` and ``1:30`` are text. Aliases are read, within limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from esc_sim.errors import InputError

MAX_DEPTH = 40
MAX_VALUES = 1_000_000

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF))|\.(nan|NaN|NAN)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Located:
    """A value with its place; ``content`` is a scalar, a list of Located, or a dict of name to Located.

    ``line`` and ``column`` (from 1) are the value's; ``key`` is the (line, column) of the key before it, if any.
    ``size`` counts the values in it, each alias counted as what it stands for. ``text`` is an unquoted scalar as it
    is written, where it is no text: 007, 1e3, true.
    """

    __slots__ = ("column", "content", "key", "line", "size", "text")

    def __init__(self, content: Any, line: int, column: int, size: int = 1, text: str | None = None) -> None:
        self.content = content
        self.line = line
        self.column = column
        self.key: tuple[int, int] | None = None
        self.size = size
        self.text = text

    def at(self, path: Sequence[str | int]) -> Located | None:
        """The value at a path within this one; None where there is none."""
        value = self
        for step in path:
            content = value.content
            named = isinstance(content, dict) and step in content
            numbered = isinstance(content, list) and isinstance(step, int) and step < len(content)
            if not (named or numbered):
                return None
            value = content[step]
        return value

    def plain(self) -> Any:
        """The value as ordinary dicts, lists and scalars, freshly made."""
        content = self.content
        if isinstance(content, dict):
            return {name: value.plain() for name, value in content.items()}
        if isinstance(content, list):
            return [value.plain() for value in content]
        return content


def scalar_of(text: str) -> Any:
    """What an unquoted YAML scalar means (YAML 1.2, core schema)."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= 30 else float(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", "").lower())
    return text


class _Open:
    """A mapping or list whose end has not been read yet."""

    __slots__ = ("anchor", "name", "name_place", "seen", "value")

    def __init__(self, value: Located, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.name: str | None = None
        self.name_place = (0, 0)
        self.seen: dict[str, int] = {}


class _Builder:
    """Builds the tree from YAML events, without recursion, within the limits."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[str] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, Located | None] = {}
        self.root: Located | None = None
        self.documents = 0

    def refuse(self, event: Any, message: str) -> InputError:
        mark = event.start_mark
        return InputError([*self.problems, f"{self.file}:{mark.line + 1}:{mark.column + 1}: {message}"])

    def note(self, event: Any, message: str) -> None:
        mark = event.start_mark
        self.problems.append(f"{self.file}:{mark.line + 1}:{mark.column + 1}: {message}")

    def read(self, events: Iterator[Any]) -> Located | None:
        """The document's value; None when the text holds none."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self.refuse(event, "a second YAML document begins here; one file holds one scenario")
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event)
            elif isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self.begin(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.end(event)
        return self.root

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise self.refuse(event, f"alias *{event.anchor} has no anchor &{event.anchor} before it")
        target = self.anchors[event.anchor]
        if target is None:
            raise self.refuse(event, f"alias *{event.anchor} stands within what it names: a cycle")
        mark = event.start_mark
        self.place(event, Located(target.content, mark.line + 1, mark.column + 1, target.size, target.text))

    def scalar(self, event: Any) -> None:
        self.check_tag(event)
        parent = self.open[-1] if self.open else None
        if parent is not None and isinstance(parent.value.content, dict) and parent.name is None:
            self.name(event, parent)
            return
        mark = event.start_mark
        content = scalar_of(event.value) if event.implicit[0] else event.value
        text = None if isinstance(content, str) else event.value
        value = Located(content, mark.line + 1, mark.column + 1, text=text)
        if event.anchor:
            self.anchors[event.anchor] = value
        self.place(event, value)

    def name(self, event: Any, parent: _Open) -> None:
        mark = event.start_mark
        parent.name = event.value
        parent.name_place = (mark.line + 1, mark.column + 1)
        if event.value == "<<" and event.implicit[0]:
            raise self.refuse(event, "merge keys ('<<') are not read: write the keys out")
        if event.value in parent.seen:
            self.note(event, f"key '{event.value}' stands here twice (first in line {parent.seen[event.value]})")
        else:
            parent.seen[event.value] = mark.line + 1

    def begin(self, event: Any) -> None:
        self.check_tag(event)
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse(event, f"nested more than {MAX_DEPTH} deep")
        parent = self.open[-1] if self.open else None
        if parent is not None and isinstance(parent.value.content, dict) and parent.name is None:
            raise self.refuse(event, "a key must be a name, not a list or a mapping")
        mark = event.start_mark
        content: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(Located(content, mark.line + 1, mark.column + 1), event.anchor))

    def end(self, event: Any) -> None:
        closed = self.open.pop()
        if closed.anchor:
            self.anchors[closed.anchor] = closed.value
        self.place(event, closed.value)

    def place(self, event: Any, value: Located) -> None:
        if not self.open:
            self.root = value
            return
        parent = self.open[-1]
        parent.value.size += value.size
        if parent.value.size > MAX_VALUES:
            raise self.refuse(
                event, f"more than {MAX_VALUES:,} values (aliases counted as what they stand for); use tables"
            )
        if isinstance(parent.value.content, list):
            parent.value.content.append(value)
        elif parent.name is None:
            raise self.refuse(event, "a key must be a name, not an alias")
        else:
            value.key = parent.name_place
            parent.value.content[parent.name] = value
            parent.name = None

    def check_tag(self, event: Any) -> None:
        if event.tag is not None:
            raise self.refuse(event, f"YAML tags are not read (found {event.tag!r}): write the plain value")


def _syntax_message(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem or "cannot be read"
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "\\t" in problem or "tab" in problem or (line[: mark.column + 1 if mark else 0].strip() == "" and "\t" in line):
        return "a tab cannot indent YAML: use spaces"
    if "mapping values are not allowed" in problem:
        return "not valid YAML: ':' is not expected here; quote text that holds ': ', and check the indentation"
    begun = f" begun in line {error.context_mark.line + 1}" if error.context_mark is not None else ""
    context = f" ({error.context}{begun})" if error.context else ""
    return f"not valid YAML: {problem}{context}"


def read_yaml(text: str, file: str) -> tuple[Located | None, list[str]]:
    """Read YAML text.

    Args:
        text: the text.
        file: its name, for messages.

    Returns:
        The value (None when there is none) and the problems that did not stop the reading (duplicate keys).

    Raises:
        InputError: where the text is no YAML, or is beyond the limits; located ``file:line:column``.
    """
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - (text.rfind("\n", 0, control.start()) + 1) + 1
        raise InputError(f"{file}:{line}:{column}: control character U+{ord(control.group()):04X} is not text")
    builder = _Builder(file)
    try:
        root = builder.read(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark is not None else file
        raise InputError([*builder.problems, f"{place}: {_syntax_message(error, text)}"]) from None
    except yaml.YAMLError as error:
        raise InputError([*builder.problems, f"{file}: not valid YAML: {error}"]) from None
    return root, builder.problems
