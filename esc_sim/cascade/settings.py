"""Parameters and switches of the underload cascade (Li, Zhao, Wang, Mi, APEM 2024, section 2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from esc_sim.errors import InputError

OUT_OF_SEED: Final = 20
"""Further cascade seeds, which no search has seen, on which a recovery set is measured."""


@dataclass(frozen=True)
class CascadeSettings:
    """Every parameter of the cascade, and every reading that the paper leaves open.

    Attributes:
        alpha: upper capacity of a node in units of its initial load (at least 1); loads are capped there.
        beta: lower capacity in units of the initial load (0 to 1); an affected node with less load fails.
        tau: exponent of the strength of a relation, W_ij = (L0_i L0_j) ** tau (at least 0).
        link_probability: P_t, chance that a node that lost a partner links to a competitor of that partner (0 to 1).
        min_shared: customers or suppliers that two nodes of one role must share to compete (at least 1).
        max_competitors: competitors that a node keeps, most shared first (at least 0).
        undirected_competition: whoever is listed as a competitor lists the other, too (as printed: the competition
            network is undirected); a node may then have more than `max_competitors`.
        link_to: "best": a node that lost a partner links to the competitor of that partner with the most spare
            capacity; "all": to all that have some (the sum over all competitors as printed).
        link_partners: new links may go to a node that there is a relation with already, original or made in this
            cascade, which then offers twice; False: only to others.
        spare_once: a node grants its spare capacity at most once in a round; False: its customers, its suppliers and
            those who link to it each ask for all of it, and what exceeds it is lost to the cap.
        load_scale: c, the mean initial load; it scales recovery budgets, the cascade itself is free of scale.
        spare_above_initial: spare capacity is alpha L0 - max(L, L0), so that a node that lost load must first make
            good its own loss before it can help; False: alpha L0 - L.
        strict: searches maximise the strict resilience (alive nodes that an alive supplier reaches along original
            arcs) instead of the largest functional sub-network.
    """

    alpha: float = 1.05
    beta: float = 0.86
    tau: float = 0.6
    link_probability: float = 0.5
    min_shared: int = 1
    max_competitors: int = 20
    undirected_competition: bool = False
    link_to: str = "best"
    link_partners: bool = True
    spare_once: bool = False
    load_scale: float = 1.0
    spare_above_initial: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        problems = [
            f"cascade.{name}: {getattr(self, name)!r} is not {wanted}"
            for name, wanted, holds in (
                ("alpha", "a number of at least 1", math.isfinite(self.alpha) and self.alpha >= 1),
                ("beta", "a number from 0 to 1", 0 <= self.beta <= 1),
                ("tau", "a number of at least 0", math.isfinite(self.tau) and self.tau >= 0),
                ("link_probability", "a probability from 0 to 1", 0 <= self.link_probability <= 1),
                ("min_shared", "an integer of at least 1", self.min_shared >= 1),
                ("max_competitors", "an integer of at least 0", self.max_competitors >= 0),
                ("link_to", "'best' or 'all'", self.link_to in ("best", "all")),
                ("load_scale", "a positive number", math.isfinite(self.load_scale) and self.load_scale > 0),
            )
            if not holds
        ]
        if problems:
            raise InputError(problems)
