"""What a scenario calls its money, goods and period: what words and units of measures are filled with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

SHARE: Final = "share"
"""Unit of a share, 0 to 1; shown in percent."""
YEAR: Final = "year"

PERIODS_A_YEAR: Final = {
    "minute": 525_600.0,
    "hour": 8_760.0,
    "day": 365.0,
    "week": 52.0,
    "month": 12.0,
    "quarter": 4.0,
    YEAR: 1.0,
}
"""Review periods of a year of 365 days, by the scenario's ``units.period``; a year of weeks has 52."""


def periods_a_year(period: str) -> float | None:
    """Review periods of a year, None where the name of the period does not tell."""
    name = period.strip().lower()
    return PERIODS_A_YEAR.get(name, PERIODS_A_YEAR.get(name.removesuffix("s")))


@dataclass(frozen=True)
class Terms:
    """Names of units, and how risk is measured.

    Attributes:
        money, goods, period: units of the scenario.
        level: of VaR and CVaR.
        pooling: of costs, see :class:`esc_sim.risk.measures.RiskSetting`.
        budget: that costs should not exceed, where it is to be named.
    """

    money: str = "money"
    goods: str = "goods"
    period: str = "period"
    level: float = 0.95
    pooling: str = "pooled"
    budget: float | None = None

    @lru_cache(maxsize=1024)  # noqa: B019 - few terms are made, and they are small
    def fill(self, pattern: str) -> str:
        """Words or a unit with the placeholders of :class:`esc_sim.measures.measure.Declaration` filled in.

        Raises:
            ValueError: there is another placeholder, or a lone brace.
        """
        rate = f"{self.money}/{self.period}"
        try:
            return pattern.format(
                money=self.money,
                goods=self.goods,
                period=self.period,
                tail=self.money if self.pooling == "horizon" else rate,
                a_year="" if periods_a_year(self.period) is None else f"/{YEAR}",
                level=f"{100 * self.level:g} %",
                budget="the budget" if self.budget is None else f"the budget of {self.budget:,.0f}",
            )
        except (KeyError, IndexError):
            raise ValueError(f"'{pattern}' holds a placeholder that no scenario fills") from None
