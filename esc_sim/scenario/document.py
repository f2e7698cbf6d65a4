"""A scenario as read, before it is checked: its values and, for each, the place in the file it came from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from esc_sim.scenario.located import Located
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.overrides import Override
from esc_sim.scenario.series import SeriesTable
from esc_sim.scenario.tables import Table


@dataclass
class Document:
    """Plain data of scenario.yaml, its tables and the overrides, and where each value stands."""

    file: str
    """Name of the scenario's file, for messages."""
    root: Located
    """The values with their places."""
    data: dict[str, Any]
    """The values alone."""
    tables: dict[str, Table] = field(default_factory=dict)
    """Tables beside the file, by key."""
    overrides: list[Override] = field(default_factory=list)
    """Values set from outside."""
    dated: SeriesTable | None = None
    """The table of series, where it gives dates."""
    tables_failed: bool = False
    """Some table could not be read whole, so what it holds is not known."""
    odd: list[str] = field(default_factory=list)
    """What is odd about it and the tables of its design."""
    numbered: dict[str, Any] = field(default_factory=dict)
    """As ``data``, but something that is no part stands for each entry left out: numbers are those of the files."""
    kept: dict[Path, list[int]] = field(default_factory=dict)
    """For each list of ``data`` that entries were left out of: the numbers that its entries have in the files."""

    def as_written(self, problem: Problem) -> Problem:
        """A problem found in ``data``, with the numbers that entries have in the files."""
        if not self.kept:
            return problem
        path: list[str | int] = []
        for place, step in enumerate(problem.path):
            numbers = self.kept.get(problem.path[:place])
            path.append(numbers[step] if numbers is not None and isinstance(step, int) else step)
        return replace(problem, path=tuple(path))

    def leave_out(self, path: Path, numbers: Collection[int]) -> None:
        """Entries of a list of ``data`` that are no part of the scenario.

        Args:
            path: of the list.
            numbers: of the entries.
        """
        if not numbers:
            return
        whole: Any = self.data
        for step in path:
            whole = whole[step]
        before = self.kept.get(path, range(len(whole)))
        self.kept[path] = [old for number, old in enumerate(before) if number not in numbers]

    def written(self, path: Path) -> str | None:
        """The value at a path of ``data`` as it is written, where it is an unquoted scalar that is no text."""
        path = self.as_written(Problem(path, "")).path
        for override in reversed(self.overrides):
            length = len(override.path)
            if path[:length] == override.path:
                found = None if override.value is None else override.value.at(path[length:])
                return None if found is None else found.text
        if path and path[0] in self.tables:
            return None
        found = self.root.at(path)
        return None if found is None else found.text

    def is_cell(self, path: Path) -> bool:
        """Whether the value at a path of ``data`` is a table's cell, or an entry of one."""
        path = self.as_written(Problem(path, "")).path
        if any(path[: len(override.path)] == override.path for override in self.overrides):
            return False
        return bool(path) and path[0] in self.tables

    def messages(self, problems: Iterable[Problem]) -> list[str]:
        """Each problem with its place, each message once."""
        found = (self.message(problem) for problem in problems)
        return list(dict.fromkeys(message for message in found if message is not None))

    def message(self, problem: Problem) -> str | None:
        """The problem with its place; None when another message has said it already."""
        path = problem.path
        for override in reversed(self.overrides):
            length = len(override.path)
            if path[:length] == override.path:
                rest = _dotted(path[length:])
                return f"{override.label}: {rest + ': ' if rest else ''}{problem.text}"
            if problem.about == "part" and path and override.path[: len(path)] == path:
                return f"{override.label}: {problem.text}"
        return self._placed(problem)

    def _placed(self, problem: Problem) -> str | None:
        path = problem.path
        if path and path[0] in self.tables:
            return self._in_table(self.tables[str(path[0])], problem)
        named = path[:-1] if problem.about == "missing" else path
        return f"{self._in_yaml(problem)}: {_dotted(named) + ': ' if named else ''}{problem.text}"

    def _in_table(self, table: Table, problem: Problem) -> str | None:
        inner = problem.path[1:]
        place, exact = table.where(inner)
        if problem.about == "missing":
            column = ".".join(str(step) for step in inner[1:])
            if column not in table.columns and len(inner) == 2:
                return None
            return f"{place}: empty, but it must be filled" if exact else f"{place}: '{column}' is missing"
        if exact:
            return f"{place}: {problem.text}"
        return f"{place}: {_dotted(inner[1:])}: {problem.text}"

    def _in_yaml(self, problem: Problem) -> str:
        value, length = self.root, len(problem.path)
        while length > 0:
            found = self.root.at(problem.path[:length])
            if found is not None:
                value = found
                break
            length -= 1
        line, column = value.line, value.column
        if value.key is not None and (problem.about == "key" or isinstance(value.content, (dict, list))):
            line, column = value.key
        return f"{self.file}:{line}:{column}"


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
