"""Key figures of a sweep: names, labels and units."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from esc_sim.errors import InputError
from esc_sim.results.kpis import KPIS, MONEY_RATE, RENAMED

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

DRAWN: Final = ("profit_total", "cvar", "fill_rate")
"""Drawn and printed when nobody says otherwise."""

_OTHERS: Final = {
    "var": ("VaR {level}", "{risk}"),
    "cvar": ("CVaR {level}", "{risk}"),
    "cvar_net": ("CVaR {level} net of transfers", "{risk}"),
    "epf": ("Chance of exceeding the budget", "share"),
    "depth": ("Deepest loss of service", "share"),
    "loss_area": ("Loss area", "{period}"),
    "time_to_recover": ("Time to recover", "{period}"),
    "share_recovered": ("Recovered", "share"),
    "time_to_survive": ("Time to survive", "{period}"),
    "share_surviving": ("Never fell", "share"),
}
ALL_KPIS: Final = {kpi.name: (kpi.label.strip(), kpi.unit) for kpi in KPIS} | _OTHERS
"""Label and unit of every key figure."""


def check_kpis(names: Sequence[str]) -> None:
    """Refuse names that no key figure has.

    Raises:
        InputError: there is no such key figure.
    """
    for name in names:
        if name in RENAMED:
            raise InputError(f"--kpi {name}: this key figure is now called '{RENAMED[name]}'")
        if name not in ALL_KPIS:
            near = get_close_matches(name, ALL_KPIS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"key figures: {', '.join(ALL_KPIS)}"
            raise InputError(f"--kpi {name}: there is no such key figure; {hint}")


def unit_of(name: str, scenario: Scenario) -> str:
    """Unit of a key figure, "share" for shares."""
    units = scenario.units
    risk = "{money}" if scenario.risk.pooling == "horizon" else MONEY_RATE
    return ALL_KPIS[name][1].replace("{risk}", risk).format(money=units.money, goods=units.goods, period=units.period)


def label_of(name: str, scenario: Scenario) -> str:
    """Words of a key figure."""
    return ALL_KPIS[name][0].format(level=f"{100 * scenario.risk.level:g} %")
