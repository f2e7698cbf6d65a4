"""Loading compiled kernels from numba's disk cache without what only compiling needs.

numba makes itself ready to compile before it looks into its cache: it imports all that it can compile, SciPy's linear
algebra among it, and registers it, which takes longer than all else of a short command's start.
"""

from __future__ import annotations

from typing import Any

from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys


class KernelCache(FunctionCache):
    """numba's disk cache of a function; where it holds the kernel, nothing is made ready to compile."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel for a signature; None where the cache does not hold it, and it has to be compiled."""
        rtsys.initialize(target_context)  # the names by which compiled code finds numba's runtime
        try:
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)
        except (AttributeError, ImportError):  # what is kept is of types that are no more, of an older version
            self.flush()
        return None
