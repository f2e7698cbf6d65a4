"""The underload cascade on arrays: the rules of `rules.py`, compiled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from queue import SimpleQueue
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.compile import cached_kernel, compiling, kernel_key, register_rules
from esc_sim.errors import InputError
from esc_sim.recovery import lfsn, rules
from esc_sim.recovery.competition import competitors
from esc_sim.recovery.graph import CascadeNetwork
from esc_sim.recovery.load import eigenvector_loads, given_loads, relation_weights
from esc_sim.recovery.rules import AFFECTED, FRONTIER, LINKS, Net, State
from esc_sim.recovery.settings import CascadeSettings

RN, STRICT, ROUNDS, NEW_LINKS = 0, 1, 2, 3  # columns of a batch's measures
BLOCK_SECONDS = 0.1  # a kernel call lasts about that long, so that Ctrl-C works
ALIVE = -1  # CascadeResult.failed_round of a node that never failed


@dataclass(frozen=True)
class RoundRecord:
    """One round of a cascade.

    Attributes:
        affected: nodes hit in this round, in the order first hit.
        failed: nodes that failed at its end, ascending.
        links: (m, 2) new links made in this round: competitor, node.
        load: (n,) loads at its end (of failed nodes: at failure).
    """

    affected: NDArray[np.int32]
    failed: NDArray[np.int32]
    links: NDArray[np.int32]
    load: NDArray[np.float64]


@dataclass(frozen=True)
class CascadeResult:
    """Outcome of one cascade.

    Attributes:
        rn: nodes of the largest functional sub-network (new links included, at least one supplier).
        strict_rn: the same among alive nodes that an alive supplier reaches, over original arcs only.
        rounds: rounds until nothing failed any more.
        new_links: links made, repeats and links whose ends failed later included.
        alive: (n,) bool.
        load: (n,) loads at the end (of failed nodes: at failure; of removed ones: the initial load).
        failed_round: (n,) round in which a node failed; 0 removed and not restored, -1 (ALIVE) never failed.
        affected: (n,) bool, hit at least once.
        links: (new_links, 2) competitor and node of each new link.
        history: the rounds, when asked for.
    """

    rn: int
    strict_rn: int
    rounds: int
    new_links: int
    alive: NDArray[np.bool_]
    load: NDArray[np.float64]
    failed_round: NDArray[np.int32]
    affected: NDArray[np.bool_]
    links: NDArray[np.int32]
    history: tuple[RoundRecord, ...] = field(default=(), repr=False)


class Cascade:
    """A network with loads and competition lists, ready to run cascades.

    Args:
        network: n nodes.
        settings: parameters and switches.
        loads: (n,) initial loads; default: eigenvector loads of mean `settings.load_scale`.

    Raises:
        InputError: loads of the wrong number or sign.
    """

    def __init__(
        self, network: CascadeNetwork, settings: CascadeSettings | None = None, loads: ArrayLike | None = None
    ) -> None:
        self.network = network
        self.settings = settings or CascadeSettings()
        self.loads = (
            eigenvector_loads(network, self.settings.load_scale) if loads is None else given_loads(loads, network.n)
        )

    @cached_property
    def net(self) -> Net:
        """The arrays that the rules read."""
        network, settings = self.network, self.settings
        weight = relation_weights(self.loads, settings.tau)
        source, target = network.source, network.out_node
        # bincount adds one by one in the order of the arcs, which is ascending on both sides
        customers_weight = np.bincount(source, weights=weight[target], minlength=network.n).astype(np.float64)
        suppliers_weight = np.bincount(target, weights=weight[source], minlength=network.n).astype(np.float64)
        down = _share(weight[target], customers_weight[source])
        up = _share(weight[source], suppliers_weight[target])
        rival_start, rival_node = competitors(network, settings.min_shared, settings.max_competitors)
        return Net(
            out_start=network.out_start,
            out_node=network.out_node,
            out_down=down,
            out_up=up,
            in_start=network.in_start,
            in_node=network.in_node,
            in_down=down[network.in_arc],
            in_up=up[network.in_arc],
            rival_start=rival_start,
            rival_node=rival_node,
            load0=self.loads,
            upper=settings.alpha * self.loads,
            lower=settings.beta * self.loads,
            weight=weight,
            customers_weight=customers_weight,
            suppliers_weight=suppliers_weight,
            is_supplier=network.is_supplier,
            link_probability=float(settings.link_probability),
            spare_above_initial=bool(settings.spare_above_initial),
        )

    def failed_at_start(self, removed: ArrayLike, recovered: ArrayLike = ()) -> NDArray[np.int32]:
        """The removed nodes that are not restored, ascending.

        Raises:
            InputError: a node that does not exist, or a restored node that was not removed.
        """
        out = self._nodes(removed, "removed")
        back = self._nodes(recovered, "restored")
        extra = np.setdiff1d(back, out)
        if len(extra):
            raise InputError(f"restored node {self.network.id_of(int(extra[0]))} is not one of the removed nodes")
        return np.setdiff1d(out, back).astype(np.int32)

    def run(self, removed: ArrayLike, recovered: ArrayLike = (), seed: int = 1, history: bool = False) -> CascadeResult:
        """One cascade after a set of nodes is removed and part of it restored at once.

        Args:
            removed: indices of the removed nodes D.
            recovered: indices of the restored ones, within D.
            seed: of the random numbers of new links.
            history: keep a record of every round.
        """
        _check_seeds([seed])
        state = new_state(self.network)
        failed = self.failed_at_start(removed, recovered)
        failed_round = np.full(self.network.n, ALIVE, dtype=np.int32)
        failed_round[failed] = 0
        affected = np.zeros(self.network.n, dtype=bool)
        records: list[RoundRecord] = []
        rounds = 0
        for rounds, record in enumerate(self.rounds(state, failed, seed, history), start=1):
            failed_round[record.failed] = rounds
            affected[record.affected] = True
            if history:
                records.append(record)
        rn, strict = self.measure(state)
        return CascadeResult(
            rn=rn,
            strict_rn=strict,
            rounds=rounds,
            new_links=int(state.count[LINKS]),
            alive=state.alive.astype(bool),
            load=state.load,
            failed_round=failed_round,
            affected=affected,
            links=_links(state, 0),
            history=tuple(records),
        )

    def rounds(
        self, state: State, failed: NDArray[np.int32], seed: int, keep_load: bool = True
    ) -> Iterator[RoundRecord]:
        """Play a cascade round by round; the caller may look at `state` in between (a simulation lets time pass).

        Args:
            state: from `new_state`; overwritten.
            failed: (F,) ascending nodes that are down at the start.
            seed: of the random numbers of new links.
            keep_load: copy the loads into each record (otherwise its `load` is empty).
        """
        kernels = _kernels(_key())
        kernels.start(self.net, state, failed)
        while state.count[FRONTIER] > 0:
            links = int(state.count[LINKS])
            kernels.advance(self.net, state, seed)
            yield RoundRecord(
                affected=state.affected[: state.count[AFFECTED]].copy(),
                failed=state.frontier[: state.count[FRONTIER]].copy(),
                links=_links(state, links),
                load=state.load.copy() if keep_load else state.load[:0],
            )

    def measure(self, state: State) -> tuple[int, int]:
        """RN and strict RN of a state."""
        out = np.zeros(2, dtype=np.int64)
        _kernels(_key()).measure(self.net, state, out)
        return int(out[0]), int(out[1])

    def evaluate(
        self,
        removed: ArrayLike,
        recovered: ArrayLike,
        seeds: Iterable[int] = (1,),
        workers: int = 1,
        strict: bool = False,
    ) -> NDArray[np.int64]:
        """Measures of many recovery sets, the same on any number of workers.

        Args:
            removed: (R,) indices of the removed nodes.
            recovered: (S, R) bool, which of them each of the S sets restores.
            seeds: Q cascade seeds.
            workers: threads (the kernel releases the GIL).
            strict: also measure the strict RN.

        Returns:
            (S, Q, 4) RN, strict RN (-1 if not asked for), rounds, new links.
        """
        nodes = np.asarray(removed, dtype=np.int64)
        self._nodes(nodes, "removed")
        seeds = list(seeds)
        _check_seeds(seeds)
        order = np.argsort(nodes)
        sets = np.ascontiguousarray(np.atleast_2d(np.asarray(recovered, dtype=np.uint8))[:, order])
        return self._batch(nodes[order].astype(np.int32), sets, np.array(seeds, dtype=np.int64), workers, strict)

    def _batch(
        self, removed: NDArray[np.int32], sets: NDArray[np.uint8], seeds: NDArray[np.int64], workers: int, strict: bool
    ) -> NDArray[np.int64]:
        kernel = _kernels(_key()).batch
        out = np.empty((len(sets), len(seeds), 4), dtype=np.int64)
        states: SimpleQueue[State] = SimpleQueue()
        for _ in range(max(1, workers)):
            states.put(new_state(self.network))

        def work(low: int, high: int) -> None:
            state = states.get()
            kernel(self.net, state, removed, np.empty_like(removed), sets[low:high], seeds, strict, out[low:high])
            states.put(state)

        if len(sets) == 0:
            return out
        began = time.perf_counter()
        work(0, 1)
        fits = int(BLOCK_SECONDS / max(time.perf_counter() - began, 1e-6))
        block = max(1, min(fits, len(sets) // (4 * workers)))
        edges = [*range(1, len(sets), block), len(sets)]
        if workers <= 1:
            for low, high in pairwise(edges):
                work(low, high)
        else:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(work, edges[:-1], edges[1:]))
        return out

    def _nodes(self, nodes: ArrayLike, what: str) -> NDArray[np.int64]:
        index = np.asarray(nodes, dtype=np.int64).ravel()
        outside = index[(index < 0) | (index >= self.network.n)]
        if len(outside):
            raise InputError(
                f"{what} node {outside[0]} does not exist in the network: nodes are 0 to {self.network.n - 1}"
            )
        if len(np.unique(index)) != len(index):
            values, times = np.unique(index, return_counts=True)
            raise InputError(f"{what} node {self.network.id_of(int(values[times > 1][0]))} is given twice")
        return index


def _check_seeds(seeds: Sequence[int]) -> None:
    wrong = [seed for seed in seeds if not 0 <= seed < 2**63]
    if wrong or not seeds:
        raise InputError(
            f"cascade seed {wrong[0]}: not from 0 to 2**63 - 1" if wrong else "give at least one cascade seed"
        )


def new_state(network: CascadeNetwork) -> State:
    """Working space for one cascade at a time."""
    n, arcs = network.n, network.arcs
    return State(
        load=np.zeros(n),
        alive=np.zeros(n, dtype=np.uint8),
        frontier=np.zeros(n, dtype=np.int32),
        affected=np.zeros(n, dtype=np.int32),
        link_from=np.zeros(arcs, dtype=np.int32),
        link_to=np.zeros(arcs, dtype=np.int32),
        count=np.zeros(3, dtype=np.int64),
        gain=np.zeros(n),
        mark=np.zeros(n, dtype=np.uint8),
        lost_supply=np.zeros(n),
        lost_demand=np.zeros(n),
        chain_supply=np.zeros((2, n), dtype=np.int32),
        chain_demand=np.zeros((2, n), dtype=np.int32),
        hits=np.zeros((arcs + 1, 2), dtype=np.int32),
        spare=np.zeros(n),
        best=np.zeros(n, dtype=np.int32),
        parent=np.zeros(n, dtype=np.int32),
        size=np.zeros(n, dtype=np.int32),
        reached=np.zeros(n, dtype=np.uint8),
    )


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares; 0 where the whole is 0 (partners without load)."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _links(state: State, begin: int) -> NDArray[np.int32]:
    made = slice(begin, int(state.count[LINKS]))
    return np.column_stack([state.link_from[made], state.link_to[made]])


class Kernels(NamedTuple):
    """The compiled entry points."""

    start: Any
    advance: Any
    measure: Any
    batch: Any


@cache
def _key() -> int:
    return kernel_key(rules, lfsn, __file__)


@cache
def _kernels(key: int) -> Kernels:
    """Compile (or load from numba's disk cache) every kernel, once, for one explicit signature each."""
    from numba import typeof, types

    _register()
    pair = CascadeNetwork.from_arrays(["supplier", "retailer"], [0], [1])
    net, state = typeof(Cascade(pair).net), typeof(new_state(pair))
    nodes, sets = types.int32[::1], types.uint8[:, ::1]
    seed, seeds, out = types.int64, types.int64[::1], types.int64[:, :, ::1]

    with compiling("the cascade"):

        @cached_kernel(types.void(net, state, nodes))
        def start(net: Any, state: Any, failed: Any) -> None:
            key  # noqa: B018
            rules.start_cascade(net, state, failed)

        @cached_kernel(types.void(net, state, seed))
        def advance(net: Any, state: Any, seed: Any) -> None:
            key  # noqa: B018
            rules.cascade_round(net, state, seed)

        @cached_kernel(types.void(net, state, seeds))
        def measure(net: Any, state: Any, out: Any) -> None:
            key  # noqa: B018
            out[0] = lfsn.resilience(net, state)
            out[1] = lfsn.strict_resilience(net, state)

        @cached_kernel(types.void(net, state, nodes, nodes, sets, seeds, types.boolean, out))
        def batch(
            net: Any, state: Any, removed: Any, failed: Any, sets: Any, seeds: Any, strict: Any, out: Any
        ) -> None:
            key  # noqa: B018
            for s in range(len(sets)):
                down = 0
                for at in range(len(removed)):
                    if sets[s, at] == 0:
                        failed[down] = removed[at]
                        down += 1
                for q in range(len(seeds)):
                    rules.start_cascade(net, state, failed[:down])
                    out[s, q, ROUNDS] = rules.run_cascade(net, state, seeds[q])
                    out[s, q, NEW_LINKS] = state.count[LINKS]
                    out[s, q, RN] = lfsn.resilience(net, state)
                    out[s, q, STRICT] = lfsn.strict_resilience(net, state) if strict else -1

    return Kernels(start, advance, measure, batch)


@cache
def _register() -> None:
    """Let compiled code call the rules; the hash has a uint64 form of its own."""
    from numba import uint64
    from numba.extending import overload

    register_rules(rules, without=("u01",))
    register_rules(lfsn)
    a, b, c = uint64(0x9E3779B97F4A7C15), uint64(0xBF58476D1CE4E5B9), uint64(0x94D049BB133111EB)
    s30, s27, s31, s11 = uint64(30), uint64(27), uint64(31), uint64(11)

    @overload(rules.u01)
    def _u01(seed: Any, i: Any, j: Any) -> Any:
        def compiled(seed: Any, i: Any, j: Any) -> Any:
            z = uint64(seed) * a + uint64(i) * b + uint64(j) * c
            z ^= z >> s30
            z *= b
            z ^= z >> s27
            z *= c
            z ^= z >> s31
            return (z >> s11) * 2.0**-53

        return compiled
