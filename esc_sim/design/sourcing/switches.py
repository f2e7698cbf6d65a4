"""What each option of the buyers is worth: the cost of a design without it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from esc_sim.crews.crew import Crew, alone
from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.solve import SourcingDesign, design_sourcing
from esc_sim.lp import InfeasibleError


@dataclass(frozen=True)
class SwitchPrice:
    """Price of one switch.

    Attributes:
        switch: what is changed, in words.
        design: the design with the switch thrown; None when no plan is left.
        change: its cost less the cost of the design as asked; inf when no plan is left.
    """

    switch: str
    design: SourcingDesign | None
    change: float


def price_of_switches(
    instance: SourcingInstance,
    demand: DesignDemand,
    options: SourcingOptions,
    *,
    gap: float = 1e-6,
    crew: Crew = alone,
) -> list[SwitchPrice]:
    """Close each source, remove each effort level, buy from one primary only, drop the limit on risk.

    Args:
        instance, demand, options: the design as asked.
        gap: relative gap of every solve.
        crew: solves the variants.

    Raises:
        InfeasibleError: the design as asked has no plan.
    """
    base = design_sourcing(instance, demand, options, gap=gap)
    variants = switches(instance, options)
    designs = crew(partial(_design_of, instance, demand, gap), [changed for _, changed in variants])
    prices = [SwitchPrice("as asked", base, 0.0)]
    for (name, _), design in zip(variants, designs, strict=True):
        change = float("inf") if design is None else design.objective - base.objective
        prices.append(SwitchPrice(name, design, change))
    return prices


def _design_of(
    instance: SourcingInstance, demand: DesignDemand, gap: float, options: SourcingOptions
) -> SourcingDesign | None:
    """A variant's design; None when no plan is left."""
    try:
        return design_sourcing(instance, demand, options, gap=gap, explain=False)
    except InfeasibleError:
        return None


def switches(instance: SourcingInstance, options: SourcingOptions) -> list[tuple[str, SourcingOptions]]:
    """The variants of `price_of_switches`, each one change away from the options."""
    found: list[tuple[str, SourcingOptions]] = []
    if options.backup:
        found.append(("without backup suppliers", replace(options, backup=False)))
    if options.spot:
        found.append(("without the spot market", replace(options, spot=False)))
    levels = options.levels or instance.levels
    if len(levels) > 1:
        for level in levels:
            rest = tuple(x for x in levels if x != level)
            found.append((f"without effort level {level}", replace(options, levels=rest)))
    if not options.sole_sourcing:
        found.append(("one primary supplier, no backup", replace(options, sole_sourcing=True)))
    if options.limits_excess:
        found.append(("without the limit on excess probability", replace(options, epsilon=1.0)))
    return found


def with_rates(instance: SourcingInstance, recovery_rate: float, warning: float) -> SourcingInstance:
    """The instance with one recovery rate v and one warning h at every level, costs as they are (table 5).

    Args:
        instance: data.
        recovery_rate: v, share of capacity regained per period.
        warning: h, share of the recovery time saved, in [0, 1).
    """
    shape = instance.warning.shape
    return replace(instance, recovery_rate=np.full(shape, recovery_rate), warning=np.full(shape, warning))
