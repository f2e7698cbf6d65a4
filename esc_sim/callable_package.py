"""Packages that can be called: ``esc_sim.optimize(...)`` is ``esc_sim.optimize.search.optimize(...)``.

The public function and the package that holds it share their name; whichever is imported first, both uses work.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    # A package whose call is passed on to a function, which is imported then. Help and completion are the function's.

    _target: tuple[str, str]

    def _function(self) -> Callable[..., Any]:
        module, name = self._target
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function()(*args, **kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self._function())

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self._function().__doc__


def make_callable(package: str, module: str, name: str) -> None:
    """Let a package be called.

    Args:
        package: its name, already in ``sys.modules``.
        module, name: where the function is.
    """
    found = sys.modules[package]
    found.__class__ = _CallablePackage
    found._target = (module, name)  # type: ignore[attr-defined]
