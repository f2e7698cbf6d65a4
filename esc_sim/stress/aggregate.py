"""The best possible answer to an outage, lead times ignored: two linear programs on one model.

For an outage of t periods with the set S out, units made u_i, sent y_ij and lost l_j::

    loss               min sum f_j l_j
    time to survive    max t, with l = 0
    subject to         r_kj u_j <= sum of y_ij over the suppliers i of material k of j, for every material k
                       sum_j y_ij + (d_i t - l_i) <= u_i + s_i
                       u_i <= c_i t, and u_i = 0 for i in S; all >= 0

A maker that sells to makers and to customers has one store for both. Where no maker does, the second line is the two
of the literature: what is sent is made or in stock, and what is made, in stock and lost covers the demand.

Source: Simchi-Levi et al. (2015), "Identifying risks and mitigating disruptions in the automotive supply chain",
Interfaces 45(5), 375-390.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import scipy.sparse as sp

from esc_sim.errors import InputError
from esc_sim.lp import BlockModel, Problem, UnboundedError, Variables
from esc_sim.stress.aggregate_network import AggregateNetwork, Floats

_NOTHING: Final = 1e-9
"""Part of the demand of a period that counts as nothing lost."""


class AggregatePrograms:
    """Both programs of a network, each built once; every outage only changes bounds.

    Each solve starts from the basis of the undisturbed network over the same time, or from none, so that what an outage
    gives depends on nothing that was asked before.
    """

    def __init__(self, network: AggregateNetwork) -> None:
        """Build both programs and solve them for the undisturbed network.

        Args:
            network: who makes what of what.
        """
        self.network = network
        self._loss, self._survive = _loss_model(network).compile(), _survival_model(network).compile()
        for problem in (self._loss, self._survive):
            problem.without_presolve()
        self._undisturbed: dict[float, _Start] = {}
        for_ever = _ForEver(network)
        self._for_ever = for_ever if for_ever.undisturbed else None
        if self._for_ever is None:
            found = self._survive.solve(explain=False)
            self._survival = _Start(self._survive.basis, max(-found.objective, 0.0), found["made"])
        else:
            # No basis helps then, and from none the simplex method went round in circles.
            self._survival = _Start(None, math.inf, None)
            self._survive.by_interior_point()
        self.time_to_survive_without_outage = self._survival.value
        """Periods that the undisturbed network can meet all demand; infinite where it always can."""

    def __reduce__(self) -> tuple[type[AggregatePrograms], tuple[AggregateNetwork]]:
        """A copy, or a pickle, builds and solves them anew: the solver's objects cannot be handed on."""
        return AggregatePrograms, (self.network,)

    def loss(self, out: Collection[int], duration: float) -> float:
        """Least profit lost while an outage lasts.

        Args:
            out: makers that can make nothing.
            duration: periods that it lasts, t.

        Raises:
            InputError: the duration is no time of 0 or more.
        """
        if not 0.0 <= duration < math.inf:
            raise InputError(f"an outage lasts 0 periods or more, not {duration:g}")
        start = self._start_of_loss(duration)
        if start.does_without(out):
            return start.value
        self._loss.start_from(start.basis)
        self._set_most(self._loss, self._most_made(duration), out)
        self._loss.set_row_bounds("goods", upper=self.network.stock - self.network.demand * duration)
        return max(self._loss.optimum(), 0.0)

    def time_to_survive(self, out: Collection[int]) -> float:
        """Longest time for which all demand can be met; infinite where it can for ever.

        Args:
            out: makers that can make nothing.
        """
        if self._survival.does_without(out):
            return self._survival.value
        if self._for_ever is None:
            self._survive.start_from(self._survival.basis)
        elif self._for_ever.lasts(out):
            return math.inf
        else:
            self._survive.forget()
        self._set_most(self._survive, np.full(len(self.network.names), np.inf), out)
        try:
            return max(-self._survive.optimum(), 0.0)
        except UnboundedError:
            return math.inf

    def _start_of_loss(self, duration: float) -> _Start:
        """Least loss of the undisturbed network over so many periods."""
        if duration not in self._undisturbed:
            self._loss.forget()
            self._set_most(self._loss, self._most_made(duration), ())
            self._loss.set_row_bounds("goods", upper=self.network.stock - self.network.demand * duration)
            found = self._loss.solve(explain=False)
            self._undisturbed[duration] = _Start(self._loss.basis, max(found.objective, 0.0), found["made"])
        return self._undisturbed[duration]

    def _most_made(self, duration: float) -> Floats:
        """What each maker can make in so many periods."""
        return self.network.capacity * duration if duration > 0.0 else np.zeros_like(self.network.capacity)

    def _set_most(self, problem: Problem, most: Floats, out: Collection[int]) -> None:
        """Bound what is made: nothing where it is out."""
        most = np.nan_to_num(most, nan=0.0, posinf=np.inf)  # an infinite capacity over no time makes nothing
        most[list(out)] = 0.0
        problem.set_bounds("made", upper=most)


class _ForEver:
    """Whether a network can meet all demand for ever: in a period, out of nothing that is in stock.

    The survival program would find out, too, as a ray without end; that takes it about a hundred times as long.
    """

    def __init__(self, network: AggregateNetwork) -> None:
        a_period = replace(
            network, stock=np.zeros(len(network.stock)), margin=(network.demand > 0.0).astype(np.float64)
        )
        self._most = float(network.demand.sum()) * _NOTHING
        self._program = _loss_model(a_period).compile()
        self._program.without_presolve()
        self._capacity = np.nan_to_num(network.capacity, nan=0.0, posinf=np.inf)
        self._program.set_bounds("made", upper=self._capacity)
        self._program.set_row_bounds("goods", upper=-network.demand)
        found = self._program.solve(explain=False)
        self._start = _Start(self._program.basis, found.objective, found["made"])
        self.undisturbed = found.objective <= self._most
        """Whether it can with all makers at work."""

    def lasts(self, out: Collection[int]) -> bool:
        """Whether it can while some makers make nothing."""
        if self._start.does_without(out):
            return True
        most = self._capacity.copy()
        most[list(out)] = 0.0
        self._program.start_from(self._start.basis)
        self._program.set_bounds("made", upper=most)
        return self._program.optimum() <= self._most


@dataclass(frozen=True)
class _Start:
    """What the undisturbed network comes to, from where outages are solved.

    Attributes:
        basis: of the solver.
        value: loss, or time to survive.
        made: what is made at the best point, float64[I]; None where there is none, the time being infinite.
    """

    basis: Any
    value: float
    made: Floats | None

    def does_without(self, out: Collection[int]) -> bool:
        """Whether its best point makes nothing at these makers, and so is the best one without them too."""
        return not out or (self.made is not None and not self.made[list(out)].any())


def _loss_model(network: AggregateNetwork) -> BlockModel:
    """Least profit lost; the time is in the capacities, which are bounds, and in what of the stock demand leaves."""
    model, _ = _goods_model(network)
    lost = model.variables("lost", "maker", upper=np.where(network.demand > 0.0, np.inf, 0.0), cost=network.margin)
    model.row_blocks["goods"].add(lost, -1.0)
    return model


def _survival_model(network: AggregateNetwork) -> BlockModel:
    """Longest time without a loss; the time is a variable."""
    model, made = _goods_model(network)
    time = model.variables("time", cost=-1.0)
    model.row_blocks["goods"].add_matrix(time, network.demand[:, np.newaxis])
    makers, limited = len(network.names), np.flatnonzero(np.isfinite(network.capacity))
    model.index("limited", [network.names[i] for i in limited])
    own = sp.coo_array((np.ones(len(limited)), (np.arange(len(limited)), limited)), shape=(len(limited), makers))
    capacity = model.rows("capacity", "limited", upper=0.0).add_matrix(made, own)
    capacity.add_matrix(time, -network.capacity[limited][:, np.newaxis])
    return model


def _goods_model(network: AggregateNetwork) -> tuple[BlockModel, Variables]:
    """What both programs have in common: materials, and what leaves each maker's store."""
    makers, edges, needs = len(network.names), len(network.supplier), len(network.need_units)
    model = BlockModel("aggregate stress test")
    model.index("maker", network.names)
    model.index("edge", edges)
    model.index("need", needs)
    made = model.variables("made", "maker")
    sent = model.variables("sent", "edge")
    served = sp.coo_array((np.ones(edges), (network.need, np.arange(edges))), shape=(needs, edges))
    used = sp.coo_array((-network.need_units, (np.arange(needs), network.need_maker)), shape=(needs, makers))
    model.rows("materials", "need", lower=0.0).add_matrix(sent, served).add_matrix(made, used)
    leaves = sp.coo_array((np.ones(edges), (network.supplier, np.arange(edges))), shape=(makers, edges))
    model.rows("goods", "maker", upper=network.stock).add_matrix(sent, leaves).add(made, -1.0)
    return model, made
