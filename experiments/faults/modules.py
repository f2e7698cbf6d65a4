"""The modules of `esc_sim` that the mutations are drawn from, and what a mutation changes of the code in memory."""

from __future__ import annotations

import ast
import gc
import sys
from contextlib import suppress
from fnmatch import fnmatch
from importlib import import_module
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final

from experiments.faults.sources import Mutant

ROOT: Final = Path(__file__).parents[2]
KERNELS: Final = ("behaviours/*", "engine/compiled/*", "cascade/rules.py", "cascade/lfsn.py", "cascade/state.py")
"""What kernels are made of: compiled once, and compared with the agents' own code by the tests of parity."""
SIGNS: Final = ("esc_sim.compile", "import numba", "from numba")
"""What the source of any other module with kernels holds."""


def sources() -> dict[str, str]:
    """Source of each module without kernels, by its path from the root of the project."""
    found = {}
    for path in sorted((ROOT / "esc_sim").rglob("*.py")):
        name, source = path.relative_to(ROOT / "esc_sim").as_posix(), path.read_text(encoding="utf-8")
        compiled = any(fnmatch(name, kernel) for kernel in KERNELS) or any(sign in source for sign in SIGNS)
        if not compiled and name != "compile.py":
            found[f"esc_sim/{name}"] = source
    return found


def module_of(path: str) -> str:
    """Name of the module that a path holds, such as "esc_sim.lp" of "esc_sim/lp/__init__.py"."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def changed_functions(path: str, source: str, mutant: Mutant) -> dict[tuple[str, int], CodeType] | None:
    """New code of each function that a mutation changes, by its qualified name and first line.

    Args:
        path: of the module, from the root of the project.
        source: of the module as it stands.
        mutant: of it.

    Returns:
        None when it changes what the module does on import: a constant, a default value, the body of a class.
    """
    file = str(ROOT / path)
    found: dict[tuple[str, int], CodeType] = {}
    same = _compare(compile(source, file, "exec"), compile(mutant.applied(source), file, "exec"), found)
    return found if same else None


def _compare(old: CodeType, new: CodeType, found: dict[tuple[str, int], CodeType]) -> bool:
    """Whether two codes do the same apart from functions that they hold; those that differ are put into `found`."""
    if _own(old) != _own(new):
        return False
    for before, after in zip(_codes(old), _codes(new), strict=True):
        if before.co_flags & CO_OPTIMIZED:  # a function, not the body of a class
            if before != after:
                found[before.co_qualname, before.co_firstlineno] = after
        elif not _compare(before, after, found):
            return False
    return True


def _own(code: CodeType) -> tuple[object, ...]:
    constants = [repr(value) for value in code.co_consts if not isinstance(value, CodeType)]
    return code.co_code, constants, code.co_names, len(_codes(code))


def _codes(code: CodeType) -> list[CodeType]:
    return [value for value in code.co_consts if isinstance(value, CodeType)]


def put_in_place(path: str, functions: dict[tuple[str, int], CodeType]) -> bool:
    """Give functions of a module, wherever they are held, new code; whether there are such functions.

    Args:
        path: of the module, from the root of the project.
        functions: as :func:`changed_functions` gives them.
    """
    with suppress(ImportError):  # of a package that is not there; then nothing runs the module
        import_module(module_of(path))  # tests may be the first to import it
    file, any_found = str(ROOT / path), False
    for value in gc.get_objects():
        if type(value) is FunctionType and value.__code__.co_filename == file:
            code = value.__code__
            new = functions.get((code.co_qualname, code.co_firstlineno))
            if new is not None:
                value.__code__, any_found = new, True
    return any_found


def forget(*packages: str) -> None:
    """Let packages be imported anew."""
    for module in [module for module in sys.modules if module.partition(".")[0] in packages]:
        del sys.modules[module]


def text_of(path: str, source: str, mutant: Mutant) -> CodeType:
    """Code of a whole changed module.

    Args:
        path: of the module, from the root of the project.
        source: of the module as it stands.
        mutant: of it.
    """
    tree: ast.Module = mutant.applied(source)
    return compile(tree, str(ROOT / path), "exec")
