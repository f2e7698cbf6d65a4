"""What becomes of a front on numbers that the search has not seen: a verdict, and what to do.

A search that judges its plans on few replications fits them to these. How much, the hypervolume says: that of the front
on the draws of the search against that of the same plans on held-out draws, plans that break a limit there left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from esc_sim.optimize.settings import Settings

KEEPS_LEAST: Final = 0.9
"""Share of its hypervolume that a front is to keep on held-out draws; one that keeps less is said to fall far below."""
_REPLICATIONS: Final = 16
"""Replications that are advised at least."""


@dataclass(frozen=True)
class Verdict:
    """Hypervolumes of a front.

    Attributes:
        training: on the draws of the search; nan where the search does not tell, as it played both on different ones.
        held_out: on held-out draws, of the plans that keep all limits there.
        shifted: held out, were all plans judged as much better as the scenario's own plan was in training.
        broken, plans: how many plans break a limit on the held-out draws, of how many.
        of: what is measured: the "hypervolume" of a front, or the "gain" of one plan on the scenario's own.
        low, high: ends of the 95 % interval of a gain, of paired differences; nan where there is none.
    """

    training: float
    held_out: float
    shifted: float
    broken: int
    plans: int
    of: str = "hypervolume"
    low: float = math.nan
    high: float = math.nan

    @property
    def share(self) -> float | None:
        """Share of the training's hypervolume that is left; None where the training had none."""
        return self.held_out / self.training if self.training > 0.0 and not math.isnan(self.held_out) else None

    @property
    def falls_far(self) -> bool:
        """Whether the held-out hypervolume falls far below that of the training."""
        return self.share is not None and self.share < KEEPS_LEAST

    def entry(self) -> dict[str, Any]:
        """As summary.json has it."""
        return {
            "training": None if math.isnan(self.training) else self.training,
            "held_out": None if math.isnan(self.held_out) else self.held_out,
            **({"ci_low": self.low, "ci_high": self.high} if not math.isnan(self.low) else {}),
            "share_kept": self.share,
            "least_share": KEEPS_LEAST,
            "falls_far_below": self.falls_far,
        }

    def notice(self, settings: Settings) -> str | None:
        """What to tell the user; None where the front holds."""
        if not self.falls_far or self.share is None:
            return None
        fall = (
            f"held out, {'the best plan' if self.of == 'gain' else 'the front'} keeps {100 * self.share:.0f} % of its "
            f"{self.of} in training ({self.held_out:.4g} of {self.training:.4g}; below {100 * KEEPS_LEAST:.0f} % it "
            "does not hold)"
        )
        return f"{fall}: {self._cause(settings)}"

    def _cause(self, settings: Settings) -> str:
        if self.of == "gain":
            if settings.algorithm == "warm":
                return "it was chosen on few replications. Search again with a larger --budget"
            fitted = f"it is fitted to the {settings.replications} replications that it was chosen on"
            return f"{fitted}. Search again with more --replications, or --algorithm warm"
        count = settings.replications
        more = f"--replications {max(_REPLICATIONS, 4 * count)}"
        if self.broken and self.shifted < KEEPS_LEAST * self.training:
            return (
                f"{self.broken} of {self.plans} plans break a limit there. Ask for {more}, or for a stricter limit "
                "than the plan has to keep"
            )
        if self.shifted >= KEEPS_LEAST * self.training:
            return (
                f"the {count} replications of the search were kinder than the average, to the scenario's own plan as "
                f"well. Plans still compare with one another held out; {more} judges them nearer to these numbers"
            )
        better = "" if settings.algorithm == "warm-nsga2" else ", or --algorithm warm-nsga2 (common, stratified draws)"
        fitted = f"the plans are fitted to the {count} replications that they were chosen on"
        return f"{fitted}. Search again with {more}{better}"
