"""A row of a table as a pointer to its first number: what the lean loop hands over, a dozen at a time.

An array would be seven numbers each, and compiled code would test its bounds for negative places.
"""

from __future__ import annotations

from typing import Any, Final

from numba.core import cgutils, types
from numba.core.extending import _Intrinsic


class Row(_Intrinsic):  # type: ignore[misc]  # numba has no types
    """A function for kernels that gives a pointer to the row ``table[i, k]`` of a table of three axes."""

    def __init__(self) -> None:
        """Let numba know of it."""

        def row(context: Any, table: Any, i: Any, k: Any) -> Any:
            def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
                array = context.make_array(signature.args[0])(context, builder, arguments[0])
                _, rows, width = cgutils.unpack_tuple(builder, array.shape)
                kinds = zip(arguments[1:], signature.args[1:], strict=True)
                first, second = (context.cast(builder, value, kind, types.intp) for value, kind in kinds)
                return builder.gep(array.data, [builder.mul(builder.add(builder.mul(first, rows), second), width)])

            return types.CPointer(types.float64)(table, i, k), build

        super().__init__("row", row)
        self._register()

    def __call__(self, table: Any, i: int, k: int) -> Any:
        """The row itself."""
        return table[i, k]


row: Final = Row()
"""The row ``table[i, k]``, of numbers that lie side by side."""
