"""Mutants of a module: its source with one operator, constant, condition or result changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.MatMult: ast.Mult,
}
CALLS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}

Change = Callable[[ast.AST], None]


@dataclass(frozen=True)
class Mutant:
    """One change of a module.

    Attributes:
        line: of the change in the module as it stands.
        lines: first and last line of the statement it stands in; of a statement with a body, of what precedes that.
        what: the part before and after, such as "a < b -> a <= b".
        part: number of the changed part among those of the module.
        kind: number of the change among those of the part.
    """

    line: int
    lines: tuple[int, int]
    what: str
    part: int
    kind: int

    def applied(self, source: str) -> ast.Module:
        """The changed module, each part with the place it has in the module as it stands.

        Args:
            source: of the module as it stands.
        """
        tree = ast.parse(source)
        node, _ = list(_nodes(tree, (0, 0)))[self.part]
        list(_changes(node))[self.kind](node)
        return ast.fix_missing_locations(tree)


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines. Annotations and texts are left alone."""
    found = []
    for part, (node, lines) in enumerate(_nodes(ast.parse(source), (0, 0))):
        for kind in range(len(list(_changes(node)))):
            other = copy.deepcopy(node)
            list(_changes(other))[kind](other)
            line = getattr(node, "lineno", lines[0])
            found.append(Mutant(line, lines, f"{_text(node)} -> {_text(other)}", part, kind))
    return sorted(found, key=lambda mutant: mutant.line)


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    if isinstance(node, (ast.If, ast.While)):
        text = f"if {ast.unparse(node.test)}"
    return text if len(text) <= 70 else text[:67] + "..."


def _nodes(node: ast.AST, lines: tuple[int, int]) -> Iterator[tuple[ast.AST, tuple[int, int]]]:
    """The parts of a module that say what happens, and the lines of the statement that each stands in.

    Annotations are left out, and what is there for type checkers alone.
    """
    if isinstance(node, ast.stmt):
        lines = (node.lineno, _end_of_head(node))
    yield node, lines
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_params", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _for_types(child):
                yield from _nodes(child, lines)


def _end_of_head(node: ast.stmt) -> int:
    body = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno


def _for_types(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):  # an alias of a type
        return isinstance(node.value, ast.Subscript) and ast.unparse(node.value).startswith(("NDArray", "Callable"))
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Assert, ast.Raise))


def _changes(node: ast.AST) -> Iterator[Change]:
    """What may be changed in a part, each as a function that changes a copy of it."""
    if isinstance(node, ast.Compare):
        yield from (_setting_operator(k, COMPARISONS[type(op)]) for k, op in enumerate(node.ops))
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        yield _setting("op", ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _setting("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _setting("op", ast.UAdd())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _setting("operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield _setting("value", _other(node.value))
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield _setting("value", ast.Constant(None))
    elif isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        yield _setting("test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield _setting("func", ast.Name(CALLS[node.func.id], ast.Load()))


def _setting(field: str, value: object) -> Change:
    return lambda node: setattr(node, field, value)


def _setting_operator(place: int, operator: type[ast.cmpop]) -> Change:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.ops[place] = operator()

    return change


def _other(value: bool | float) -> bool | float:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else 2 * value or 1.0


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
