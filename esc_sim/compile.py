"""Compiling plain rules with numba, with a disk cache that never serves a stale kernel.

numba's disk cache looks at the file a kernel stands in, not at the rules it calls from other files. A kernel
therefore carries a key, the hash of every source it depends on, as a free variable of its body::

    key = kernel_key(rules, __file__)

    def build(key: int):
        @cached_kernel(signature)
        def kernel(...):
            key  # noqa: B018 - the bare name makes the hash part of the cache's index
            ...

        return kernel

Rules stay plain Python. ``register_rules(module)`` lets compiled code call them; nothing in the rule module knows it.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_registered: set[Callable[..., Any]] = set()
_at_work: list[threading.Event] = []
"""One of each compilation that goes on; set: it is not to tell how long it has taken."""

_CALLED_BY_KERNELS: Final = {
    "error_model": "numpy",
    "forceinline": True,
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
"""How functions are compiled that only kernels call. Without wrappers: each would unpack the whole network, hundreds
of values, for a caller in Python or C that does not exist, and took nearly half of the compilation."""
_LOADED_AFTER: Final = 3.0
"""Seconds after which what is there has been loaded, so that it must be compiling."""
_TOLD_EVERY: Final = 20
"""Seconds between two words on a compilation that takes long."""
_FINISHING: Final = "finishing what is being compiled, so that it need not be done again; Ctrl-C once more ends it"


@cache
def kernel_key(*modules: ModuleType | str) -> int:
    """Hash of the sources of modules, for the body of a cached kernel.

    Args:
        modules: modules, or paths of source files (a module that is still loading passes its `__file__`).

    Returns:
        A non-negative integer below 2**63 that changes whenever one of the sources does.
    """
    digest = hashlib.blake2b(digest_size=8)
    for module in modules:
        path = module if isinstance(module, str) else module.__file__
        if path is None:
            raise ValueError(f"{module} has no source file to hash")
        source = Path(path).read_bytes()
        digest.update(len(source).to_bytes(8, "little"))
        digest.update(source)
    return int.from_bytes(digest.digest(), "little") >> 1


def cached_kernel(signature: Any) -> Callable[[Function], Function]:
    """Decorator that compiles a kernel for one signature: cached on disk, GIL released, no reference counts.

    numba would count a reference, atomically, whenever an array is read out of a tuple, which costs more than the
    arithmetic between; kernels only read and write what they are handed, so they need no counts (and cannot allocate).
    """
    import numba

    compile_: Any = numba.njit

    def decorated(function: Function) -> Function:
        options = {"nogil": True, "error_model": "numpy", "_nrt": False}
        if cache_folder(function) is None:
            tell_unkept()
        else:
            from esc_sim.compile_cache import KernelCache

            kernel = compile_(**options)(function)
            kernel._cache = KernelCache(function)
            try:
                kernel.compile(signature)
            except OSError:  # the disk is full: what cannot be kept is compiled all the same
                from numba.core.caching import NullCache

                tell_unkept()
                kernel._cache = NullCache()
                kernel.compile(signature)  # what has been compiled already is not compiled again
            kernel.disable_compile()
            return kernel
        return compile_(signature, **options)(function)

    return decorated


def cache_folder(function: Callable[..., Any]) -> Path | None:
    """Where numba keeps what it compiles of a function; None where it finds no folder that it can write to."""
    import numba

    compile_: Any = numba.njit
    try:
        return Path(compile_(cache=True)(function).stats.cache_path)
    except RuntimeError:
        return None


@cache
def tell_unkept() -> None:
    """Tell once on standard error that every start compiles."""
    words = "no folder can be written to in which compiled code could be kept, so that each start compiles again"
    _say(f"note: {words}; name one in NUMBA_CACHE_DIR")


def _say(line: str) -> None:
    """Write a line to standard error at one go: threads that compile side by side must not share one."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def compiling(what: str) -> Iterator[None]:
    """Tell on standard error that something is compiled, when it takes longer than loading, and how long it has taken.

    Args:
        what: is compiled.
    """
    done, hushed = threading.Event(), threading.Event()

    def tell() -> None:
        seconds = 0
        if done.wait(_LOADED_AFTER):
            return
        if not hushed.is_set():
            _say(f"compiling {what}: once on this machine, about half a minute")
        while not hushed.wait(_TOLD_EVERY):
            seconds += _TOLD_EVERY
            _say(f"compiling {what}: {seconds} s so far")
        if not done.is_set():
            _say(_FINISHING)

    threading.Thread(target=tell, daemon=True).start()
    _at_work.append(hushed)
    try:
        yield
    finally:
        _at_work.remove(hushed)
        done.set()
        hushed.set()


def is_compiling() -> bool:
    """Whether a thread compiles, or loads, something."""
    return bool(_at_work)


def hush() -> None:
    """Say once that what is being compiled is finished first, and no more of it: nobody waits for it any longer."""
    for hushed in list(_at_work):
        hushed.set()


def register_rules(module: ModuleType, without: tuple[str, ...] = (), *, apart: bool = False) -> None:
    """Let numba kernels call the plain functions defined in a rule module; as Python they stay what they are.

    Args:
        module: the rule module, written in the subset that numba compiles.
        without: names of functions that have a compiled form of their own (an `overload`), such as uint64 hashing.
        apart: no two arrays that a function is handed have a number in common.
    """
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and name not in without:
            register_rule(function, apart=apart)


def register_rule(function: Callable[..., Any], *, apart: bool = False) -> None:
    """Let numba kernels call one plain function; ``apart`` as of :func:`register_rules`."""
    from numba.extending import register_jitable

    from esc_sim.compile_parts import ApartCompiler, PartCompiler

    if function not in _registered:
        compiler = ApartCompiler if apart else PartCompiler
        register_jitable(**_CALLED_BY_KERNELS, pipeline_class=compiler)(function)
        _registered.add(function)
