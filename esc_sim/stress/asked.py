"""What a stress test is asked in reverse, checked before anything is run for long or written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.stress.deviations import Factor, factors_of, scales_from
from esc_sim.stress.least_deviation import Deviation, least_deviation
from esc_sim.stress.reverse import EVALUATIONS, Breaking, least_outage, weights_of
from esc_sim.stress.trial import Trial

Deviations = str | Mapping[str, float] | None
"""Scales of deviations by kind or kind/grouping, as text ("demand/role=0.2, price") or as numbers; None: none."""


@dataclass(frozen=True)
class Asked:
    """A reverse test.

    Attributes:
        trial: how sets of sites and deviations are tried.
        sites: nodes that may be out.
        weights: of sites by name; None: all 1.
        factors: that may be moved; none where no deviation is asked for.
        workers: sets tried side by side.
    """

    trial: Trial
    sites: Sequence[int]
    weights: Mapping[str, float] | None
    factors: Sequence[Factor]
    workers: int | None

    def outage(self) -> Breaking:
        """The least outage that breaks the limit."""
        return least_outage(
            self.trial,
            self.sites,
            weights=self.weights,
            evaluations=EVALUATIONS,
            seed=self.trial.options["seed"],
            workers=self.workers,
        )

    def deviation(self) -> Deviation | None:
        """The least deviation that breaks the limit; None where none is asked for."""
        if not self.factors:
            return None
        return least_deviation(self.trial, self.factors, seed=self.trial.options["seed"], workers=self.workers)


def asked_of(
    trial: Trial,
    instance: Instance,
    active: Collection[int],
    weights: Mapping[str, float] | None,
    deviations: Deviations,
    workers: int | None,
) -> Asked:
    """A reverse test, checked; runs the scenario once without an outage.

    Args:
        trial: how it is tried.
        instance: the network.
        active: nodes that sell, make or store anything.
        weights: of sites by name; None: all 1.
        deviations: what may be moved.
        workers: sets tried side by side.

    Raises:
        InputError: weights or deviations that cannot be used, or the limit is broken without any outage.
    """
    weights_of(trial.network, sorted(active), weights)
    scales = scales_from(deviations) if isinstance(deviations, str) else deviations
    factors = [] if scales is None else factors_of(instance, active, scales)
    trial.undisturbed()
    return Asked(trial, sorted(active), weights, factors, workers)


def check_asked(reverse: str | None, deviations: Deviations) -> None:
    """Deviations are those that break a limit.

    Raises:
        InputError: no limit is given.
    """
    if deviations is not None and reverse is None:
        raise InputError("--deviations: say with --reverse which limit they are to break, such as 'fill_rate<0.9'")
