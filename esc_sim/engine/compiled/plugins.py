"""Users' pure functions in the compiled engine: compiled on their own, called by their address.

The kernel knows a function as a number, so that a new function costs less than a second and not a new kernel, and the
kernel's disk cache never depends on users' code. Functions are compiled anew in each process, by their source's hash.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.errors import NumbaError
from numba.extending import intrinsic
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.instance.functions import SEEN, FunctionPlugin
from esc_sim.instance.plugins import PolicyView
from esc_sim.instance.subset import PureFunction

_SIGNATURE = types.float64(types.int64, *[types.float64] * 6, types.CPointer(types.float64))
_HUGE = 2.0**62

_compiled: dict[tuple[str, str], Any] = {}
_lock = Lock()


def _sqrt(x: float) -> float:
    if x < 0.0:
        raise ValueError
    return math.sqrt(x)


def _log(x: float) -> float:
    if not x > 0.0:
        raise ValueError
    return math.log(x)


def _exp(x: float) -> float:
    if x > 709.0:
        raise OverflowError
    return math.exp(x)


def _int(x: float) -> int:
    if not abs(x) < _HUGE:
        raise ValueError
    return int(x)


def _floor(x: float) -> int:
    if not abs(x) < _HUGE:
        raise ValueError
    return math.floor(x)


def _ceil(x: float) -> int:
    if not abs(x) < _HUGE:
        raise ValueError
    return math.ceil(x)


_GUARDS: tuple[Callable[..., Any], ...] = (_sqrt, _log, _exp, _int, _floor, _ceil)


def address_of(plugin: FunctionPlugin) -> int:
    """Address of the compiled function, compiled when it is first asked for.

    Raises:
        InputError: numba cannot compile it; with the user's file and line.
    """
    pure = plugin.pure
    key = (pure.digest, pure.name)
    with _lock:
        if key not in _compiled:
            _compiled[key] = _compile(pure)
        address: int = _compiled[key].address
    return address


def _compile(pure: PureFunction) -> Any:
    """A C function of what a policy sees and of its parameters; not a number where Python would fail."""
    namespace: dict[str, Any] = {"math": math, **pure.constants}
    for guard in _GUARDS:
        namespace[guard.__name__] = nb.njit(guard)
    exec(compile(pure.tree, pure.path, "exec"), namespace)
    for definition in pure.tree.body:
        assert isinstance(definition, ast.FunctionDef)
        namespace[definition.name] = nb.njit(namespace[definition.name], error_model="python")
    parameters = [name for name in pure.arguments if name not in SEEN]
    arguments = ", ".join(name if name in SEEN else f"values[{parameters.index(name)}]" for name in pure.arguments)
    source = (
        f"def policy({', '.join(SEEN)}, values):\n"
        f"    try:\n        return float({pure.name}({arguments}))\n"
        "    except Exception:\n        return nan\n"
    )
    namespace["nan"] = math.nan
    exec(compile(source, "<order policy>", "exec"), namespace)
    try:
        return nb.cfunc(_SIGNATURE)(namespace["policy"])
    except NumbaError as error:
        raise InputError(f"{_place(pure, error)}: {pure.name}: cannot be compiled: {_reason(error)}") from None


def _place(pure: PureFunction, error: Exception) -> str:
    """File and line of the user's function, the line of the mistake where numba names it."""
    name = Path(pure.path).name
    marks = [part for part in str(error).split('File "') if part.startswith((pure.path, name))]
    for mark in reversed(marks):
        digits = mark.partition("line ")[2].split(":")[0].strip()
        if digits.isdigit():
            return f"{name}:{digits}"
    own = next(d for d in pure.tree.body if isinstance(d, ast.FunctionDef) and d.name == pure.name)
    return f"{name}:{own.lineno}"


def _reason(error: Exception) -> str:
    """The line of numba's message that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith(("Failed in", "File", "During", "-", "<source"))]
    return telling[0] if telling else type(error).__name__


def policies_of(
    plugins: dict[int, FunctionPlugin], items: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Address of each item's function (0: none), where its parameters start, and all parameters."""
    address = np.zeros(items, np.int64)
    start = np.zeros(items, np.int64)
    values: list[float] = []
    for item, plugin in plugins.items():
        address[item] = address_of(plugin)
        start[item] = len(values)
        values += plugin.values.values()
    return address, start, np.array([*values, 0.0])


def _ask(
    typing: Any, address: Any, period: Any, on_hand: Any, safety: Any, on_order: Any, owed: Any, position: Any,
    demand: Any, values: Any, start: Any,
) -> Any:  # fmt: skip
    """Call the function at an address; ``values`` from ``start`` on are its parameters."""
    numbers = (on_hand, safety, on_order, owed, position, demand)
    signature = types.float64(
        types.int64, types.int64, *[types.float64] * len(numbers), values, types.int64
    )  # fmt: skip

    def generate(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
        where, when, *seen, array, first = arguments
        double, pointer = ir.DoubleType(), ir.DoubleType().as_pointer()
        form = ir.FunctionType(double, [ir.IntType(64), *[double] * len(seen), pointer])
        made = context.make_array(signature.args[-2])(context, builder, array)
        own = builder.gep(made.data, [first])
        return builder.call(builder.inttoptr(where, form.as_pointer()), [when, *seen, own])

    return signature, generate


ask: Callable[..., float] = intrinsic(_ask)
"""Called in compiled code with all arguments of :func:`_ask` but the first."""


def failed_view(failure: NDArray[np.float64], node: str, product: str) -> PolicyView:
    """What a function saw that gave no quantity, as the kernel wrote it down.

    Args:
        failure: (9,) as in ``Work.failure``.
        node: id of the node.
        product: id of the product.
    """
    period, *seen = failure[2:9].tolist()
    on_hand, safety, on_order, owed, position, demand = seen
    return PolicyView(int(period), node, product, on_hand, safety, on_order, owed, position, demand)
