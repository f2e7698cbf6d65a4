"""The underload cascade on arrays: the rules of `rules.py`, compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.cascade.arrays import build_net, new_state
from esc_sim.cascade.competition import competing_pairs
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.kernels import kernels
from esc_sim.cascade.load import eigenvector_loads, given_loads
from esc_sim.cascade.measured import Measured
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.cascade.state import AFFECTED, FRONTIER, LINKS, Net, State
from esc_sim.crews.crew import Crew, alone
from esc_sim.errors import InputError

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
        competing: pairs of nodes that compete, by index; default by shared customers and suppliers.

    Raises:
        InputError: loads of the wrong number or sign.
    """

    def __init__(
        self,
        network: CascadeNetwork,
        settings: CascadeSettings | None = None,
        loads: ArrayLike | None = None,
        competing: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self.network = network
        self.competing = competing
        self.settings = settings or CascadeSettings()
        self.loads = (
            eigenvector_loads(network, self.settings.load_scale) if loads is None else given_loads(loads, network.n)
        )

    @cached_property
    def net(self) -> Net:
        """The arrays that the rules read."""
        rivals = None if self.competing is None else competing_pairs(self.competing, self.network.n)
        return build_net(self.network, self.loads, self.settings, rivals)

    def at_beta(self, beta: float) -> Cascade:
        """The same network and loads with another beta; nothing else is worked out again.

        Args:
            beta: lower capacity in units of the initial load, 0 to 1.

        Raises:
            InputError: a beta outside of that.
        """
        found = Cascade(self.network, replace(self.settings, beta=beta), self.loads, self.competing)
        found.net = self.net._replace(lower=beta * self.loads)
        return found

    def with_loads(self, loads: ArrayLike) -> Cascade:
        """The same network, settings and competitors with other initial loads.

        Args:
            loads: (n,) initial loads.

        Raises:
            InputError: loads of the wrong number or sign.
        """
        return Cascade(self.network, self.settings, loads, self.competing)

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

        Raises:
            InputError: nodes or seeds that do not exist.
        """
        _check_seeds([seed])
        state = new_state(self.net)
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
        """Play a cascade round by round; the caller may look at `state` in between.

        Args:
            state: from `new_state`; overwritten.
            failed: (F,) ascending nodes that are down at the start.
            seed: of the random numbers of new links.
            keep_load: copy the loads into each record (otherwise its `load` is empty).
        """
        self.start(state, failed)
        while state.count[FRONTIER] > 0:
            yield self.advance(state, seed, keep_load)

    def start(self, state: State, failed: NDArray[np.int32]) -> None:
        """Set a state to the instant after the (F,) ascending nodes went down."""
        kernels().start(self.net, state, failed)

    def advance(self, state: State, seed: int, keep_load: bool = True) -> RoundRecord:
        """Play one round.

        Args:
            state: as :meth:`start`, or the round before, has left it; written.
            seed: of the random numbers of new links.
            keep_load: copy the loads into the record (otherwise its `load` is empty).
        """
        links = int(state.count[LINKS])
        kernels().advance(self.net, state, seed)
        return RoundRecord(
            affected=state.affected[: state.count[AFFECTED]].copy(),
            failed=state.frontier[: state.count[FRONTIER]].copy(),
            links=_links(state, links),
            load=state.load.copy() if keep_load else state.load[:0],
        )

    def measure(self, state: State) -> tuple[int, int]:
        """RN and strict RN of a state."""
        out = np.zeros(2, dtype=np.int64)
        kernels().measure(self.net, state, out)
        return int(out[0]), int(out[1])

    def evaluate(
        self,
        removed: ArrayLike,
        recovered: ArrayLike,
        seeds: Iterable[int] = (1,),
        strict: bool = False,
        crew: Crew = alone,
    ) -> NDArray[np.int64]:
        """Measures of many recovery sets, the same whoever works.

        Args:
            removed: (R,) indices of the removed nodes.
            recovered: (S, R) bool, which of them each of the S sets restores.
            seeds: Q cascade seeds.
            strict: also measure the strict RN.
            crew: who does the work; default this thread.

        Returns:
            (S, Q, 4) RN, strict RN (-1 if not asked for), rounds, new links.

        Raises:
            InputError: nodes or seeds that do not exist.
        """
        nodes = np.asarray(removed, dtype=np.int64)
        self._nodes(nodes, "removed")
        seeds = list(seeds)
        _check_seeds(seeds)
        order = np.argsort(nodes)
        sets = np.ascontiguousarray(np.atleast_2d(np.asarray(recovered, dtype=np.uint8))[:, order])
        measured = Measured(self.network, self.net, nodes[order].astype(np.int32), tuple(seeds), strict)
        return measured.of(sets, crew)

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


def _links(state: State, begin: int) -> NDArray[np.int32]:
    made = slice(begin, int(state.count[LINKS]))
    return np.column_stack([state.link_from[made], state.link_to[made]])
