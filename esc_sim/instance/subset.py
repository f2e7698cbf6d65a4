"""The subset of Python in which users write order policies that both engines run alike: numbers, choices and loops.

A function is checked line by line before it is used. In the form to be compiled, calls that Python refuses with an
error for some numbers (square root, logarithm, ...) become guarded ones, so that both engines refuse the same.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any, NoReturn

from esc_sim.errors import InputError

GUARDED = {
    "math.sqrt": "_sqrt",
    "math.log": "_log",
    "math.exp": "_exp",
    "math.floor": "_floor",
    "math.ceil": "_ceil",
    "int": "_int",
}
"""Calls that fail for some numbers, and the names of their guarded forms."""
_CALLS = {"min", "max", "abs", "float", *GUARDED}
_CONSTANTS = {"math.pi", "math.e", "math.inf"}
_STATEMENTS = (
    ast.Assign, ast.AugAssign, ast.AnnAssign, ast.If, ast.For, ast.While, ast.Return, ast.Pass, ast.Break, ast.Continue,
)  # fmt: skip
_EXPRESSIONS = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Name, ast.Constant, ast.Call, ast.Attribute,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context, ast.arguments, ast.arg,
)  # fmt: skip
_ADVICE: dict[type[ast.AST], str] = {
    ast.Pow: "no power: write x * x, or math.sqrt(x)",
    ast.MatMult: "no matrices",
    ast.Is: "no 'is': compare numbers by ==",
    ast.IsNot: "no 'is': compare numbers by ==",
    ast.In: "no 'in'",
    ast.NotIn: "no 'in'",
    ast.Try: "no exceptions",
    ast.Raise: "no exceptions",
    ast.Import: "import at the head of the file; only math can be used",
    ast.ImportFrom: "import at the head of the file; only math can be used",
    ast.Global: "no global state: a pure function gives the same for the same numbers",
    ast.Nonlocal: "no state: a pure function gives the same for the same numbers",
    ast.List: "no lists",
    ast.ListComp: "no lists",
    ast.Tuple: "no tuples: assign one name at a time",
    ast.Dict: "no dictionaries",
    ast.Subscript: "no indices",
    ast.Lambda: "no lambda: write a function with def",
    ast.JoinedStr: "no text",
}
_BIT_OPERATIONS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift, ast.Invert)


@dataclass(frozen=True)
class PureFunction:
    """A user's function that is within the subset.

    Attributes:
        name: its name.
        path: file (or notebook cell) in which it stands.
        arguments: names of its arguments, in order.
        defaults: those of them that have one.
        tree: it and its helpers, in the form to be compiled; line numbers are those of the file.
        constants: numbers of its module that it reads.
        digest: hash of source and constants.
    """

    name: str
    path: str
    arguments: tuple[str, ...]
    defaults: dict[str, float]
    tree: ast.Module
    constants: dict[str, float]
    digest: str


def pure_function(function: Callable[..., Any]) -> PureFunction:
    """Check a function and what it calls.

    Raises:
        InputError: something in it is outside the subset; with file and line.
    """
    if not isinstance(function, FunctionType):
        raise InputError(f"{function!r} is no plain function: write it with def")
    found: dict[str, ast.FunctionDef] = {}
    constants: dict[str, float] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        reader = _Reader(one)
        found[one.__name__] = reader.tree
        constants |= reader.constants
        waiting += [helper for name, helper in reader.helpers.items() if name not in found]
    tree = ast.Module([found[name] for name in sorted(found)], [])
    code = ast.unparse(tree) + repr(sorted(constants.items()))
    arguments = tuple(function.__code__.co_varnames[: function.__code__.co_argcount])
    defaults = function.__defaults__ or ()
    return PureFunction(
        name=function.__name__,
        path=function.__code__.co_filename,
        arguments=arguments,
        defaults=dict(zip(arguments[len(arguments) - len(defaults) :], map(float, defaults), strict=True)),
        tree=tree,
        constants=constants,
        digest=hashlib.blake2b(code.encode(), digest_size=16).hexdigest(),
    )


class _Reader:
    """Reads one function: its tree in the form to be compiled, the helpers and constants that it names."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        self.file = Path(function.__code__.co_filename).name
        self.helpers: dict[str, FunctionType] = {}
        self.constants: dict[str, float] = {}
        linecache.checkcache(function.__code__.co_filename)
        try:
            lines, first = inspect.getsourcelines(function)
        except (OSError, TypeError):
            raise InputError(f"{self.file}: the source of '{function.__name__}' cannot be read") from None
        parsed = ast.parse(textwrap.dedent("".join(lines)))
        ast.increment_lineno(parsed, first - 1)
        tree = parsed.body[0] if parsed.body else None
        if not isinstance(tree, ast.FunctionDef) or tree.name != function.__name__:
            raise InputError(f"{self.file}:{first}: '{function.__name__}' is no plain function: write it with def")
        self.tree = tree
        self._check_head()
        self.local = {*function.__code__.co_varnames}
        body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
        for statement in body:
            self._statement(statement)
        tree.body = [self._guarded(statement) for statement in body] or [ast.Pass(lineno=first, col_offset=0)]
        tree.returns, tree.decorator_list = None, []
        for argument in tree.args.args:
            argument.annotation = None
        tree.args.defaults = []
        ast.fix_missing_locations(tree)

    def refuse(self, node: ast.AST, text: str) -> NoReturn:
        """A message with file and line."""
        line = getattr(node, "lineno", self.function.__code__.co_firstlineno)
        raise InputError(f"{self.file}:{line}: {self.function.__name__}: {text} (see the guide to order policies)")

    def _check_head(self) -> None:
        arguments = self.tree.args
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
            self.refuse(self.tree, "name every argument, without * and /")
        if self.function.__closure__:
            self.refuse(self.tree, f"'{self.function.__code__.co_freevars[0]}' belongs to another function: pass it in")
        if self.tree.decorator_list:
            self.refuse(self.tree, "no decorators")
        for value in self.function.__defaults__ or ():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.refuse(self.tree, f"the default {value!r} is not a number")

    def _statement(self, node: ast.stmt) -> None:
        if not isinstance(node, _STATEMENTS):
            what = _ADVICE.get(type(node), f"no {type(node).__name__.lower()}")
            self.refuse(node, what)
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if target is not None and not isinstance(target, ast.Name):
                self.refuse(node, _ADVICE.get(type(target), "only names can be assigned"))
        if isinstance(node, ast.Return) and node.value is None:
            self.refuse(node, "return a quantity")
        if isinstance(node, ast.For) and not (
            isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name) and node.iter.func.id == "range"
        ):
            self.refuse(node, "loops run over range(...) only")
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._statement(child)
            elif isinstance(child, ast.Call) and isinstance(node, ast.For) and child is node.iter:
                for argument in child.args:
                    self._expression(argument)
            elif not (isinstance(node, ast.AnnAssign) and child is node.annotation):
                self._expression(child)

    def _expression(self, node: ast.AST) -> None:
        if isinstance(node, _BIT_OPERATIONS) or not isinstance(node, _EXPRESSIONS) or type(node) in _ADVICE:
            self.refuse(self._placed(node), _ADVICE.get(type(node), f"no {type(node).__name__.lower()}"))
        if isinstance(node, ast.Constant) and not isinstance(node.value, (int, float)):
            self.refuse(node, f"{node.value!r} is not a number")
        if isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.Attribute):
            if ast.unparse(node) not in _CONSTANTS:
                self.refuse(node, f"'{ast.unparse(node)}' is not known: numbers have no attributes")
        elif isinstance(node, ast.Name):
            self._name(node)
        else:
            self._last = node if hasattr(node, "lineno") else getattr(self, "_last", node)
            for child in ast.iter_child_nodes(node):
                self._expression(child)

    def _placed(self, node: ast.AST) -> ast.AST:
        """The node, or for one that has no line (an operator) the expression that it belongs to."""
        return node if hasattr(node, "lineno") else getattr(self, "_last", self.tree)

    def _call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            self.refuse(node, "call functions with plain arguments")
        known = self.function.__globals__.get(name)
        if name in self.local:
            self.refuse(node, f"'{name}' is a number and cannot be called")
        elif isinstance(known, FunctionType):
            if known is self.function:
                self.refuse(node, "no function calls itself")
            self.helpers[name] = known
        elif name not in _CALLS or known is not None:
            usable = ", ".join(sorted(_CALLS))
            self.refuse(node, f"'{name}' cannot be called; these can: {usable}, and functions of your own")
        for argument in node.args:
            self._expression(argument)

    def _name(self, node: ast.Name) -> None:
        if node.id in self.local:
            return
        value = self.function.__globals__.get(node.id)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(node, f"'{node.id}' is no argument, no number assigned before, and no number of the file")
        self.constants[node.id] = value

    def _guarded(self, statement: ast.stmt) -> ast.stmt:
        class Guard(ast.NodeTransformer):
            def visit_Call(self, node: ast.Call) -> ast.AST:
                self.generic_visit(node)
                name = GUARDED.get(ast.unparse(node.func))
                if name is not None:
                    node.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
                return node

        return ast.fix_missing_locations(Guard().visit(statement))


def lines_of(error: Exception) -> Iterator[int]:
    """Lines that a compiler's message names."""
    location = getattr(error, "loc", None)
    if location is not None and getattr(location, "line", None):
        yield int(location.line)
