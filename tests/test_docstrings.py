"""Public functions say what each argument means and what they raise; public classes say what their fields hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "esc_sim"

# From this number of arguments or fields on, names alone no longer say enough.
MANY = 3

# What a caller can bring about with bad input; an error of the library's own making is no part of its contract.
BAD_INPUT = {"InputError", "EscSimError", "ValueError", "TypeError", "KeyError"}

COMMANDS = "esc_sim/cli/commands/"

# What nearly every kernel is handed: named tuples whose fields are explained (engine.compiled.arrays, cascade.state,
# engine.compiled.lean_arrays), and rows of numbers of paths.
OF_KERNELS = frozenset({"Net", "State", "Chance", "Work", "Now", "Chain", "Paths", "Row"})

# Files that are being rewritten; a line goes as soon as its file is done.
LATER = {
    "esc_sim/engine/agents/owed.py",
    "esc_sim/engine/agents/trading.py",
    "esc_sim/engine/compiled/owed.py",
    "esc_sim/engine/compiled/trade.py",
    "esc_sim/instance/hazards.py",
    "esc_sim/behaviours/sell.py",
    "esc_sim/sampling/timetable.py",
    "esc_sim/scenario/disruptions.py",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Public:
    """A public function or class of the sources.

    Attributes:
        where: file and line, as an editor opens it
        name: its name with those of the classes around it
        node: its syntax tree
        is_method: whether its first argument is the object or the class
    """

    where: str
    name: str
    node: Function | ast.ClassDef
    is_method: bool


def public(source: str, file: str = "sketch.py") -> Iterator[Public]:
    """All functions, methods and classes that a user may name. Functions inside functions are no one's to call."""

    def inside(body: list[ast.stmt], above: str, in_class: bool) -> Iterator[Public]:
        for node in body:
            if isinstance(node, ast.If | ast.Try):
                yield from inside([*node.body, *node.orelse], above, in_class)
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)
            yield Public(f"{file}:{node.lineno}", above + node.name, node, in_class and not static)
            if isinstance(node, ast.ClassDef):
                yield from inside(node.body, f"{above}{node.name}.", True)

    yield from inside(ast.parse(source).body, "", False)


def sections(node: Function | ast.ClassDef) -> dict[str, set[str]]:
    """The sections of a docstring in Google's form, each with the names that it explains."""
    found: dict[str, set[str]] = {}
    names: set[str] | None = None
    indent: int | None = None
    for line in (ast.get_docstring(node) or "").splitlines():
        if head := re.fullmatch(r"(Args|Attributes|Raises|Returns|Yields):", line):
            names, indent = found.setdefault(head[1], set()), None
        elif line and not line.startswith(" "):
            names = None
        elif line and names is not None:
            depth = len(line) - len(line.lstrip())
            indent = depth if indent is None else indent
            if depth == indent and (entry := re.match(r"\s+([\w*., ]+):\s+\S", line)):
                names |= {name.strip().lstrip("*") for name in entry[1].split(",")}
    return found


def says_it_in_place(annotation: ast.expr | None, default: ast.expr | None = None) -> bool:
    """Whether an argument or field is explained where it stands: help of an option, description of a key."""
    parts = [part for part in (annotation, default) if part is not None]
    if isinstance(annotation, ast.Name) and annotation.id in described_types() | OF_KERNELS:
        return True
    calls = [call for part in parts for call in ast.walk(part) if isinstance(call, ast.Call)]
    if any(ast.unparse(call.func) in QUANTITIES for call in calls):
        return True
    return any(word.arg in {"help", "description"} for call in calls for word in call.keywords)


QUANTITIES = {"key", "fixed", "state", "of_period", "total"}
"""What declares a quantity of a row, with its meaning (``fields.rows``)."""


@cache
def described_types() -> frozenset[str]:
    """Names of types that say what their values mean. Those that all parts share say it of no key in particular."""
    paths = [path for path in LIBRARY.rglob("*.py") if path.relative_to(LIBRARY).parts[0] != "fields"]
    nodes = [node for path in paths for node in ast.parse(path.read_text(encoding="utf-8")).body]
    given = [node for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
    return frozenset(ast.unparse(node.targets[0]) for node in given if says_it_in_place(None, node.value))


def arguments(item: Public) -> list[ast.arg]:
    """What a caller hands over, the object itself left out."""
    assert isinstance(item.node, Function)
    spec = item.node.args
    given = [*spec.posonlyargs, *spec.args]
    rest = [argument for argument in (spec.vararg, *spec.kwonlyargs, spec.kwarg) if argument is not None]
    return [*(given[1:] if item.is_method else given), *rest]


def own_raises(node: ast.AST) -> Iterator[str]:
    """Names of the errors that a function raises by itself; what functions inside it raise is theirs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Raise) and child.exc is not None:
            error = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
            yield ast.unparse(error).rpartition(".")[2]
        yield from own_raises(child)


def fields(node: ast.ClassDef) -> Iterator[str]:
    """Public fields of a class that are not explained in place, by a description or by a text below; none if few."""
    rows = [(row, below) for row, below in zip(node.body, [*node.body[1:], None], strict=True) if is_field(row)]
    if len(rows) >= MANY:
        for row, below in rows:
            assert isinstance(row, ast.AnnAssign)
            told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if not told and not says_it_in_place(row.annotation, row.value):
                yield ast.unparse(row.target)


def is_field(row: ast.stmt) -> bool:
    """Whether a statement of a class declares a public field of its objects."""
    if not isinstance(row, ast.AnnAssign) or not isinstance(row.target, ast.Name):
        return False
    return not row.target.id.startswith("_") and "ClassVar" not in ast.unparse(row.annotation)


def wants(item: Public) -> list[str]:
    """What the docstring of a public function or class leaves out."""
    told = sections(item.node)
    if isinstance(item.node, ast.ClassDef):
        return [f"Attributes: {name}" for name in fields(item.node) if name not in told.get("Attributes", set())]
    given = arguments(item)
    if len(given) < MANY:
        return []
    unsaid = [argument.arg for argument in given if not says_it_in_place(argument.annotation)]
    found = [f"Args: {name}" for name in unsaid if name not in told.get("Args", set())]
    if item.where.startswith(COMMANDS):
        return found  # the docstring is what --help prints, and every error of a command is printed by its runner
    errors = sorted(BAD_INPUT & set(own_raises(item.node)) - told.get("Raises", set()))
    return found + [f"Raises: {name}" for name in errors]


def everything() -> Iterator[Public]:
    for path in sorted(LIBRARY.rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        if file not in LATER:
            yield from public(path.read_text(encoding="utf-8"), file)


def test_every_public_function_and_class_says_what_it_takes() -> None:
    items = list(everything())
    assert len(items) > 1000
    found = [f"{item.where}: {item.name} wants {', '.join(wants(item))}" for item in items if wants(item)]
    assert not found, "\n".join(found)


GOOD = '''
class Store:
    """Goods.

    Attributes:
        stock: units on hand
        low, high: limits, in units
    """

    stock: float
    low: float
    high: float
    due: float
    """When more comes."""
    unit: str = Field(default="t", description="unit of goods")

    def move(self, units: float, to: str, *, at: int) -> None:
        """Move goods.

        Args:
            units: how much, at most
                what is on hand
            to: name of the place
            at: period
        Raises:
            ValueError: no such place
        """
        if not to:
            raise ValueError(to)
'''


def test_a_full_docstring_is_enough() -> None:
    assert [wants(item) for item in public(GOOD)] == [[], []]


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("            to: name of the place\n", "Args: to"),
        ("            at: period\n", "Args: at"),
        ("            ValueError: no such place\n", "Raises: ValueError"),
        ("        stock: units on hand\n", "Attributes: stock"),
        ("        low, high: limits, in units\n", "Attributes: low"),
        ('    """When more comes."""\n', "Attributes: due"),
        (', description="unit of goods"', "Attributes: unit"),
    ],
)
def test_what_is_left_out_is_found(line: str, want: str) -> None:
    assert GOOD.count(line) == 1
    assert want in [text for item in public(GOOD.replace(line, "")) for text in wants(item)]
