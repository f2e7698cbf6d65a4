"""SciPy's special functions, without the rest of its package.

They are compiled functions of NumPy arrays in a module of their own. The package around them makes a variant of each
for other kinds of arrays, and loads most of NumPy for it, which takes a tenth of a short command's start. Whoever asks
for `scipy.special` later gets it whole, with the same functions.

    >>> from esc_sim import special
    >>> float(special.ndtri(0.5))
    0.0
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, Final

_PACKAGE: Final = "scipy.special"


def _functions() -> ModuleType:
    """The module of the functions; the whole package where it is loaded already, or keeps them elsewhere."""
    spec = None if _PACKAGE in sys.modules else find_spec(_PACKAGE)
    if spec is None:
        return import_module(_PACKAGE)
    sys.modules[_PACKAGE] = module_from_spec(spec)  # a place to look for the module in, and nothing more
    try:
        return import_module(f"{_PACKAGE}._ufuncs")
    except ImportError:
        pass
    finally:
        del sys.modules[_PACKAGE]
    return import_module(_PACKAGE)


_FUNCTIONS: Final = _functions()


def __getattr__(name: str) -> Any:
    return getattr(_FUNCTIONS, name)
