"""Key figures of a sweep: names, labels and units."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from esc_sim.errors import InputError
from esc_sim.results.estimable import why_not
from esc_sim.results.kpis import KPIS, MONEY_RATE

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
_ALL: Final = {kpi.name: (kpi.label.strip(), kpi.unit) for kpi in KPIS} | _OTHERS


def check_kpis(names: Sequence[str]) -> None:
    """Refuse names that no key figure has.

    Raises:
        InputError: there is no such key figure.
    """
    for name in names:
        if name not in _ALL:
            near = get_close_matches(name, _ALL, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"key figures: {', '.join(_ALL)}"
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
    units = scenario.units
    risk = "{money}" if scenario.risk.pooling == "horizon" else MONEY_RATE
    return _ALL[name][1].replace("{risk}", risk).format(money=units.money, goods=units.goods, period=units.period)


def label_of(name: str, scenario: Scenario) -> str:
    """Words of a key figure."""
    return _ALL[name][0].format(level=f"{100 * scenario.risk.level:g} %")
