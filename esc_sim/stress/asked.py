"""What a stress test is asked in reverse, checked before anything is run for long or written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.stress.deviations import Factor, factors_of, scales_from
from esc_sim.stress.least_deviation import Deviation, least_deviation
from esc_sim.stress.parts import Parts
from esc_sim.stress.reverse import EVALUATIONS, Breaking, least_outage
from esc_sim.stress.tasks import KNOWLEDGE
from esc_sim.stress.trial import Trial
from esc_sim.stress.weights import Weights, weights_from, weights_of

Deviations = str | Mapping[str, float] | None
"""Scales of deviations by kind or kind/grouping, as text ("demand/role=0.2, price") or as numbers; None: none."""


@dataclass(frozen=True)
class Asked:
    """A reverse test.

    Attributes:
        trial: how sets of sites and deviations are tried.
        sites: nodes that may be out.
        weights: of sites by name; of others it is 1.
        factors: that may be moved; none where no deviation is asked for.
    """

    trial: Trial
    sites: Sequence[int]
    weights: Mapping[str, float]
    factors: Sequence[Factor]

    def outage(self, parts: Parts) -> Breaking:
        """The least outage that breaks the limit."""
        return least_outage(
            self.trial,
            self.sites,
            weights=self.weights,
            evaluations=EVALUATIONS,
            seed=self.trial.options["seed"],
            parts=parts,
        )

    def deviation(self, parts: Parts) -> Deviation | None:
        """The least deviation that breaks the limit; None where none is asked for."""
        if not self.factors:
            return None
        return least_deviation(self.trial, self.factors, seed=self.trial.options["seed"], parts=parts)

    def content(self) -> dict[str, Any]:
        """What is asked, for a checkpoint."""
        scales = [[factor.name, factor.scale] for factor in self.factors]
        return {"limit": str(self.trial.limit), "weights": dict(self.weights), "scales": scales} | self.trial.terms()


def asked_of(
    trial: Trial,
    instance: Instance,
    active: Collection[int],
    weights: Weights,
    deviations: Deviations,
) -> Asked:
    """A reverse test, checked; runs the scenario once without an outage.

    Args:
        trial: how it is tried.
        instance: the network.
        active: nodes that sell, make or store anything.
        weights: of sites; None: all 1.
        deviations: what may be moved.

    Raises:
        InputError: weights or deviations that cannot be used, or the limit is broken without any outage.
    """
    named = weights_from(weights, trial.scenario, sorted(active))
    weights_of(trial.network, sorted(active), named)
    scales = scales_from(deviations) if isinstance(deviations, str) else deviations
    factors = [] if scales is None else factors_of(instance, active, scales)
    trial.undisturbed()
    return Asked(trial, sorted(active), named, factors)


def check_asked(reverse: str | None, weights: Weights, deviations: Deviations) -> None:
    """Weights and deviations are those that break a limit.

    Args:
        reverse: the limit, None where there is none.
        weights: of sites, if any.
        deviations: what may be moved, if anything.

    Raises:
        InputError: no limit is given, or they are neither text nor dict.
    """
    for name, given in (("weights", weights), ("deviations", deviations)):
        if given is not None and not isinstance(given, (str, Mapping)):
            raise InputError(f"--{name}: give a dict of numbers by name, or a text, not {given!r}")
        if given is not None and reverse is None:
            raise InputError(f"--{name}: say with --reverse which limit is to be broken, such as 'fill_rate<0.9'")


def check_numbers(
    replications: int,
    engine: str,
    health: float,
    tolerance: float,
    worst: int,
    knowledge: Sequence[str],
) -> None:
    """Refuse numbers and words that cannot be.

    Args:
        replications, engine: of the simulation.
        health: share of capacity that is left.
        tolerance: part of the twin's mean that may be missing.
        worst: how many are told in detail.
        knowledge: states of knowledge.

    Raises:
        InputError: one of them cannot be.
    """
    for what, value in (("replications", replications), ("worst", worst)):
        if value < 1:
            raise InputError(f"{what}: {value} cannot work; give at least 1")
    if engine not in ("compiled", "agents"):
        raise InputError(f"engine: there is no {engine!r}; the engines are compiled and agents")
    if not 0.0 <= health < 1.0:
        raise InputError(f"health: {health:g} is no share of capacity that is left in an outage: 0, or less than 1")
    if not 0.0 <= tolerance <= 1.0:
        raise InputError(f"tolerance: {tolerance:g} is no part of what the twin serves: give a share from 0 to 1")
    for known in knowledge:
        if known not in KNOWLEDGE:
            raise InputError(f"knowledge: there is no {known!r}; take some of {', '.join(KNOWLEDGE)}")
