"""Key figures of a sweep: names, labels and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.measures.measure import Place
from esc_sim.measures.registry import FORMER_NAMES, KEY_FIGURES, highlighted
from esc_sim.results.estimable import why_not
from esc_sim.results.sampled import terms_of

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.scenario.schema import Scenario

DRAWN: Final = highlighted(Place.SWEEP)
"""Drawn and printed when nobody says otherwise."""
WORTH: Final = ("npv", "irr")
"""Drawn and printed as well where the scenario has investments."""


def check_kpis(names: Sequence[str]) -> None:
    """Refuse names that no key figure has.

    Raises:
        InputError: there is no such key figure.
    """
    for name in names:
        if name in FORMER_NAMES:
            raise InputError(f"--kpi {name}: this key figure is now called '{FORMER_NAMES[name]}'")
        if name not in KEY_FIGURES:
            near = get_close_matches(name, KEY_FIGURES, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"key figures: {', '.join(KEY_FIGURES)}"
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
    usual = DRAWN
    if any(scenario.appraisal is not None and scenario.appraisal.investments for scenario in scenarios):
        usual += WORTH
    for name in usual if asked is None else asked:
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
    return KEY_FIGURES[name].unit_words(terms_of(scenario))


def label_of(name: str, scenario: Scenario) -> str:
    """Words of a key figure."""
    return KEY_FIGURES[name].words(terms_of(scenario))


def kpis_of(table: pd.DataFrame) -> list[str]:
    """Names of the key figures of a sweep's table; a parameter, too, may end in ".mean", but has no interval."""
    return [name.removesuffix(".ci_low") for name in table.columns if name.endswith(".ci_low")]


def table_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table of a sweep from the rows of its points, numbered; nan where a point lacks a key figure."""
    import pandas as pd

    columns = {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain(*rows))}
    kpis = [name.removesuffix(".ci_low") for name in columns if name.endswith(".ci_low")]
    numbers = [f"{name}.{part}" for name in kpis for part in ("mean", "ci_low", "ci_high")]
    found = {name: np.array(columns[name], np.float64) for name in numbers}
    return pd.DataFrame({"point": range(len(rows)), **columns, **found})


def has_value(table: pd.DataFrame, kpi: str) -> bool:
    """Whether a key figure has a value at some point of a sweep's table."""
    return f"{kpi}.mean" in table and bool(table[f"{kpi}.mean"].notna().any())
