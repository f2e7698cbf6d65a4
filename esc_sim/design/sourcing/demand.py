"""Demand that a design must cover: the nominal one, or the worst case of an uncertainty set.

The robust counterpart (24c) asks each row for max d_a over the set. The maximum does not depend on the decisions, so
it is a number, computed once and exactly; the paper's dual system (26) is kept in `full` as an oracle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.design.uncertainty import (
    BoxBallSet,
    UncertaintySet,
    ball_radius,
    check_samples,
    check_theta,
    most_outside,
    sample_box,
    sample_budgeted_set,
    svc_joint,
    svc_marginal,
)
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

DemandKind = Literal["deterministic", "ddro-marginal", "ddro-joint", "bro", "box", "box-ball"]
DEMAND_KINDS: tuple[DemandKind, ...] = ("deterministic", "ddro-marginal", "ddro-joint", "bro", "box", "box-ball")

BOX = 3.0
"""Standard deviations at which the box cuts the ball of a box-ball set; at a theta below 0.011 only the box is left."""


@dataclass(frozen=True)
class DesignDemand:
    """What a design must cover.

    Attributes:
        kind: how it was made ("deterministic", "ddro-joint", ...).
        worst: demand of each buyer, shape (A,), or (K, A) if it differs by scenario.
        uncertainty: the set behind it; None for a nominal demand. With scenarios of different demand, one set each.
        theta: the set's parameter, None for a nominal demand and for sets that have none.
        beyond: how many past demands of each buyer lie above `worst` at most, where the kind of set says so before they
            are seen; None where they have to be counted.
    """

    kind: str
    worst: FloatArray
    uncertainty: UncertaintySet | tuple[UncertaintySet, ...] | None = None
    theta: float | None = None
    beyond: int | None = None


def nominal_demand(demand: ArrayLike) -> DesignDemand:
    """A known demand, shape (A,) or (K, A).

    Raises:
        InputError: negative or not finite.
    """
    values = np.asarray(demand, dtype=float)
    if not np.isfinite(values).all() or (values < 0.0).any():
        raise InputError("demand must be finite and not negative")
    return DesignDemand("deterministic", values)


def design_demand(kind: DemandKind, samples: ArrayLike, theta: float = 0.05) -> DesignDemand:
    """Demand to cover, from past demand.

    Args:
        kind: "deterministic" (the mean), "ddro-joint" and "ddro-marginal" (SVC set in its two readings), "bro"
            (budgeted set), "box" (range of the samples, whatever theta is), "box-ball" (a ball of sqrt(2 ln(1 / theta))
            standard deviations, cut at three of them).
        samples: past demand, shape (periods, buyers).
        theta: share of samples that may lie outside, or the sets' violation probability, in (0, 1).

    Raises:
        InputError: theta outside (0, 1), unusable samples, an unknown kind.
    """
    d = check_samples(samples)
    check_theta(theta)
    if kind == "deterministic":
        return nominal_demand(d.mean(axis=0))
    if kind == "box":
        return replace(from_set(kind, sample_box(d)), beyond=0)
    if kind == "ddro-marginal":
        return replace(from_set(kind, svc_marginal(d, theta), theta), beyond=most_outside(len(d), theta / 2.0))
    made: UncertaintySet
    if kind == "ddro-joint":
        made = svc_joint(d, theta)
    elif kind == "bro":
        made = sample_budgeted_set(d, theta)
    elif kind == "box-ball":
        made = BoxBallSet(d.mean(axis=0), BOX * d.std(axis=0, ddof=1), ball_radius(theta) / BOX)
    else:
        raise InputError(f"unknown kind of demand '{kind}'; known are {', '.join(DEMAND_KINDS)}")
    return from_set(kind, made, theta)


def from_set(kind: str, uncertainty: UncertaintySet, theta: float | None = None) -> DesignDemand:
    """Demand to cover for any uncertainty set: its worst case, never below zero.

    Args:
        kind: name of the demand model, for tables.
        uncertainty: the set, of A buyers' demands in units.
        theta: its size, where it has one.
    """
    return DesignDemand(kind, np.maximum(uncertainty.worst_case(), 0.0), uncertainty, theta)
