"""Errors that a user can mend: one message that says where and what to do."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

_ENDLESS = re.compile(r"([^\s'\":;,]{57})[^\s'\":;,]{244,}")
"""A word of more than 300 characters: no name or place in a scenario is as long, so its beginning is enough."""


class EscSimError(Exception):
    """Base of all errors raised on purpose; the command line prints it and ends with status 2."""


class InputError(EscSimError):
    """Input that cannot be used.

    Args:
        problems: one or several messages, each with its place ("scenario.yaml:11:15: nodes.1.leadtime: ...").

    Examples:
        >>> import esc_sim as esc
        >>> try:
        ...     esc.load_scenario("scenarios/nowhere")
        ... except esc.InputError as error:
        ...     print(*error.problems)
        scenarios/nowhere: no such file or folder
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        given = [problems] if isinstance(problems, str) else problems
        self.problems: list[str] = [_ENDLESS.sub(r"\1...", problem) for problem in given]
        super().__init__("\n".join(self.problems))


def raised(where: str, function: Callable[..., Any], error: Exception) -> InputError:
    """What code of a user's own raised, as one message; the caller raises it ``from error``.

    Args:
        where: what the code is to esc_sim: "measure 'worst'", "reward", "member 'shop' (class Careful)".
        function: that failed.
        error: what it raised.
    """
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return InputError(f"{where}: {place_of(function)}: {type(error).__name__}: {text}")


def place_of(function: Callable[..., Any]) -> str:
    """Name of a function, and where it stands."""
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", type(function).__name__)
    return name if code is None else f"{name} (line {code.co_firstlineno})"


def tell_failures(kind: type, where: Callable[[Any], str]) -> None:
    """Let the methods that a user's class overrides tell what they raise as one message, with its cause.

    ``__init__`` is left alone: whoever calls it sees what it raises.

    Args:
        kind: class of a user's own, with a base class of the house.
        where: what an object of the class is to esc_sim.
    """
    for name, method in list(kind.__dict__.items()):
        overrides = any(name in base.__dict__ for base in kind.__mro__[1:] if base.__module__.startswith("esc_sim."))
        if overrides and name != "__init__" and isinstance(method, FunctionType):
            told = _told(method, where)
            told.__name__ = name  # the method's own may be another, as of a function that was written elsewhere
            setattr(kind, name, told)


def _told(method: Callable[..., Any], where: Callable[[Any], str]) -> Callable[..., Any]:
    @functools.wraps(method)
    def told(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except EscSimError:
            raise
        except Exception as error:
            raise raised(where(self), method, error) from error

    return told
