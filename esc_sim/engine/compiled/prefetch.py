"""Telling the processor ahead of time which row it will need, in networks that its caches do not hold.

Bids come in the order of suppliers, so their buyers lie anywhere. A row that is asked for some bids ahead has arrived
when its turn comes; without that a period with a million arcs is mostly waiting.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir as llvm
from numba.core import types
from numba.core.extending import _Intrinsic

NEAR: Final = 8
"""Bids from asking for a row to using it."""
FAR: Final = 2 * NEAR
"""The same for what tells which row that is."""
LINE: Final = 64
"""Bytes that a processor fetches at a time; what trade needs of a row stands in so many."""
MANY: Final = 256
"""Bids of a round from which on it pays."""


class Prefetch(_Intrinsic):  # type: ignore[misc]  # numba has no types
    """A function for kernels that asks for the row ``table[i]`` of an array of one axis."""

    def __init__(self) -> None:
        """Let numba know of it."""

        def prefetch(context: Any, table: Any, i: Any) -> Any:
            def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
                array = context.make_array(signature.args[0])(context, builder, arguments[0])
                place = context.cast(builder, arguments[1], signature.args[1], types.intp)
                byte, number = llvm.IntType(8).as_pointer(), llvm.IntType(32)
                kind = llvm.FunctionType(llvm.VoidType(), [byte, number, number, number])
                hint = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
                row = builder.bitcast(builder.gep(array.data, [place]), byte)
                for start in (0, LINE - 8):  # a row seldom begins where what the processor fetches begins
                    part = builder.gep(row, [number(start)])
                    builder.call(hint, [part, number(1), number(3), number(1)])  # to write, into the nearest cache
                return context.get_dummy_value()

            return types.none(table, i), build

        super().__init__("prefetch", prefetch)
        self._register()

    def __call__(self, table: Any, i: Any) -> None:  # type: ignore[override]  # numba says that it never returns
        """Nothing, in Python."""


prefetch: Final = Prefetch()
