"""The network a cascade runs on, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError
from esc_sim.network.scale_free import TIERS

SUPPLIER = "supplier"
SHOWN = 5  # bad items listed in one message


@dataclass(frozen=True, eq=False)
class CascadeNetwork:
    """Nodes with roles and directed arcs i -> j (i supplies j) in compressed rows, neighbours in ascending id.

    Attributes:
        role: (n,) int32, index into `role_names`.
        role_names: names of the roles; one of them is "supplier".
        out_start, out_node: (n + 1,) int64 and (A,) uint32; the customers of i are
            out_node[out_start[i]:out_start[i + 1]].
        in_start, in_node: the same for suppliers.
        in_arc: (A,) int32, position in `out_node` of each entry of `in_node`.
        ids: names of the nodes, or None for "0", "1", ...
    """

    role: NDArray[np.int32]
    role_names: tuple[str, ...]
    out_start: NDArray[np.int64]
    out_node: NDArray[np.uint32]
    in_start: NDArray[np.int64]
    in_node: NDArray[np.uint32]
    in_arc: NDArray[np.int32]
    ids: tuple[str, ...] | None = field(default=None, repr=False)

    @classmethod
    def from_arrays(
        cls,
        roles: Sequence[str] | NDArray[np.str_],
        source: ArrayLike,
        target: ArrayLike,
        ids: Sequence[str] | None = None,
    ) -> CascadeNetwork:
        """Network of nodes 0..n-1.

        Args:
            roles: (n,) name of each node's role.
            source, target: (A,) supplier and customer of each arc; several arcs between one pair count once.
            ids: names of the nodes.

        Raises:
            InputError: no node, no supplier, a loop, an arc to a node that does not exist.
        """
        names, code = np.unique(np.asarray(roles, dtype=np.str_), return_inverse=True)
        n = len(code)
        if SUPPLIER not in names:
            raise InputError(f"the network has no node of the role '{SUPPLIER}': a cascade needs at least one")
        src = np.asarray(source, dtype=np.int64).ravel()
        dst = np.asarray(target, dtype=np.int64).ravel()
        if src.shape != dst.shape:
            raise InputError(f"{len(src)} sources but {len(dst)} targets: every arc needs both")
        _check_arcs(n, src, dst, ids)
        key = np.unique(src * n + dst)
        src, dst = key // n, key % n
        in_arc = np.argsort(dst, kind="stable")
        return cls(
            role=code.astype(np.int32),
            role_names=tuple(str(name) for name in names),
            out_start=_starts(src, n),
            out_node=dst.astype(np.uint32),
            in_start=_starts(dst, n),
            in_node=src[in_arc].astype(np.uint32),
            in_arc=in_arc.astype(np.int32),
            ids=None if ids is None else tuple(ids),
        )

    @classmethod
    def from_ids(cls, ids: Sequence[str], roles: Sequence[str], arcs: Iterable[tuple[str, str]]) -> CascadeNetwork:
        """Network of named nodes; arcs are (supplier, customer) pairs of names.

        Args:
            ids: names of the n nodes, each once.
            roles: role of each node.
            arcs: (supplier, customer) pairs of names.

        Raises:
            InputError: additionally to `from_arrays`, a name given twice or an arc with an unknown name.
        """
        if len(ids) != len(roles):
            raise InputError(f"{len(ids)} node ids but {len(roles)} roles: every node needs one role")
        place = {name: i for i, name in enumerate(ids)}
        if len(place) != len(ids):
            seen: set[str] = set()
            twice = sorted({name for name in ids if name in seen or seen.add(name)})  # type: ignore[func-returns-value]
            raise InputError(f"node ids given twice: {_some(twice)}")
        pairs = list(arcs)
        unknown = sorted({name for pair in pairs for name in pair if name not in place})
        if unknown:
            raise InputError(f"arcs name nodes that do not exist: {_some(unknown)}")
        source = [place[a] for a, _ in pairs]
        target = [place[b] for _, b in pairs]
        return cls.from_arrays(roles, source, target, ids)

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.role)

    @property
    def roles_in_flow(self) -> list[int]:
        """Role codes in the flow of goods as far as the names tell; others after them, by name."""
        names = list(self.role_names)
        known = [names.index(tier) for tier in TIERS if tier in names]
        return known + [code for code in range(len(names)) if code not in known]

    @property
    def arcs(self) -> int:
        """Number of arcs."""
        return len(self.out_node)

    @cached_property
    def is_supplier(self) -> NDArray[np.uint8]:
        """(n,) 1 for suppliers."""
        return (self.role == self.role_names.index(SUPPLIER)).astype(np.uint8)

    @cached_property
    def source(self) -> NDArray[np.int32]:
        """(A,) supplier of each arc, in the order of `out_node`."""
        return np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.out_start))

    @cached_property
    def degree(self) -> NDArray[np.int64]:
        """(n,) customers plus suppliers."""
        return np.diff(self.out_start) + np.diff(self.in_start)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {} if self.ids is None else {name: i for i, name in enumerate(self.ids)}

    def id_of(self, node: int) -> str:
        """Name of a node."""
        return str(node) if self.ids is None else self.ids[node]

    def index_of(self, names: Iterable[str | int], what: str = "removed node") -> NDArray[np.int32]:
        """Indices of named nodes, in the order given.

        Raises:
            InputError: a name that does not exist, or one given twice.
        """
        found: list[int] = []
        missing: list[str] = []
        for name in names:
            text = str(name)
            place = self._place.get(text) if self.ids is not None else _plain_index(text, self.n)
            if place is None:
                missing.append(text)
            else:
                found.append(place)
        if missing:
            raise InputError(f"{what} does not exist in the network: {_some(missing)}")
        if len(set(found)) != len(found):
            twice = sorted({self.id_of(i) for i in found if found.count(i) > 1})
            raise InputError(f"{what} given twice: {_some(twice)}")
        return np.array(found, dtype=np.int32)


def _plain_index(text: str, n: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) < n and str(int(text)) == text else None


def _starts(sorted_or_not: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(sorted_or_not, minlength=n), out=starts[1:])
    return starts


def _check_arcs(n: int, src: NDArray[np.int64], dst: NDArray[np.int64], ids: Sequence[str] | None) -> None:
    outside = (src < 0) | (src >= n) | (dst < 0) | (dst >= n)
    if outside.any():
        at = np.flatnonzero(outside)
        raise InputError(
            f"arcs name nodes that do not exist (nodes are 0 to {n - 1}): "
            + _some([f"{src[a]} -> {dst[a]}" for a in at[:SHOWN]], len(at))
        )
    loops = np.flatnonzero(src == dst)
    if len(loops):
        names = [str(src[a]) if ids is None else ids[src[a]] for a in loops[:SHOWN]]
        raise InputError(f"arcs from a node to itself: {_some(names, len(loops))}; take the loops out")


def _some(items: Sequence[str], count: int | None = None) -> str:
    """The first few items, and how many more there are."""
    count = len(items) if count is None else count
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more
