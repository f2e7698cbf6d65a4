"""Key figures of a sweep: names, labels and units."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from esc_sim.errors import InputError
from esc_sim.results.estimable import why_not
from esc_sim.results.kpis import KPIS, MONEY_RATE, RENAMED
from esc_sim.results.losses import LOSSES

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.scenario.schema import Scenario

DRAWN: Final = ("profit_total", "cvar", "profit_lost_cvar", "demand_lost_cvar", "fill_rate")
"""Drawn and printed when nobody says otherwise."""

_OTHERS: Final = {
    "var": ("VaR {level} of cost", "{risk}"),
    "cvar": ("CVaR {level} of cost", "{risk}"),
    "cvar_net": ("CVaR {level} of cost net of transfers", "{risk}"),
    "epf": ("Chance of exceeding the budget", "share"),
    "depth": ("Deepest loss of service", "share"),
    "loss_area": ("Loss area", "{period}"),
    "time_to_recover": ("Time to recover", "{period}"),
    "share_recovered": ("Recovered", "share"),
    "time_to_survive": ("Time to survive", "{period}"),
    "share_surviving": ("Never fell", "share"),
}
_LOSSES: Final = {figure.name: figure for figure in LOSSES}
ALL_KPIS: Final = (
    {kpi.name: (kpi.label.strip(), kpi.unit) for kpi in KPIS}
    | _OTHERS
    | {name: (figure.label, figure.quantity) for name, figure in _LOSSES.items()}
)
"""Label and unit of every key figure; of losses, what is lost instead of the unit."""


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


def shown_kpis(
    asked: Sequence[str] | None, scenarios: Sequence[Scenario], replications: int
) -> tuple[tuple[str, ...], list[str]]:
    """The key figures to draw, and what to say of the usual ones that are left out.

    Args:
        asked: by the user; None for the usual ones.
        scenarios: of some points of the sweep.
        replications: of each point.

    Raises:
        InputError: a key figure that was asked for is unknown, or no point can give it.
    """
    check_kpis(asked or ())
    shown, missing = [], {}
    for name in DRAWN if asked is None else asked:
        reasons = [why_not(name, scenario, replications) for scenario in scenarios]
        if reasons and all(reasons):
            missing[name] = reasons[0]
        else:
            shown.append(name)
    if asked is not None and missing:
        raise InputError([f"--kpi {name}: cannot be estimated: {reason}" for name, reason in missing.items()])
    return tuple(shown), [f"{name} is not shown, as it cannot be estimated: {why}" for name, why in missing.items()]


def unit_of(name: str, scenario: Scenario) -> str:
    """Unit of a key figure, "share" for shares."""
    if name in _LOSSES:
        return _LOSSES[name].unit(scenario)
    units = scenario.units
    risk = "{money}" if scenario.risk.pooling == "horizon" else MONEY_RATE
    return ALL_KPIS[name][1].replace("{risk}", risk).format(money=units.money, goods=units.goods, period=units.period)


def label_of(name: str, scenario: Scenario) -> str:
    """Words of a key figure."""
    return ALL_KPIS[name][0].format(level=f"{100 * scenario.risk.level:g} %")


def has_value(table: pd.DataFrame, kpi: str) -> bool:
    """Whether a key figure has a value at some point of a sweep's table."""
    return f"{kpi}.mean" in table and bool(table[f"{kpi}.mean"].notna().any())
