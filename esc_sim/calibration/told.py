"""What a calibration tells: tables of the estimates and of the moments, and what the user should know of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from esc_sim.calibration.estimate import EDGE, NORMAL_95, Estimate
from esc_sim.calibration.free import Free, values_at
from esc_sim.calibration.moments import Moment
from esc_sim.calibration.profile import CHI_95, profiles
from esc_sim.calibration.search import Found, Size
from esc_sim.calibration.simulated import Simulated
from esc_sim.calibration.store import Points
from esc_sim.calibration.study import Calibration
from esc_sim.counted import enumerated
from esc_sim.scenario.schema import Scenario
from esc_sim.written import number

_ALIKE: Final = 0.95
"""Correlation of two estimates from which on they are hard to tell apart."""
_MISFIT: Final = 0.05


def calibration_of(
    scenario: Scenario,
    simulated: Simulated,
    found: Found,
    points: Points,
    size: Size,
    notices: Sequence[str],
    command: str,
) -> Calibration:
    """The finished calibration.

    Args:
        scenario: as it was before.
        simulated: how points were simulated.
        found: by the search.
        points: that were simulated.
        size: how much was to be simulated.
        notices: what the user should know already.
        command: how it was started.
    """
    free, moments = simulated.free, simulated.moments
    words = [moment.words(len(scenario.products)) for moment in moments]
    profiled, compared = profiles(found, free), _compared(moments, words, found)
    about = [*notices, *_of_moments(words, found), *_of_estimate(free, found.estimate), *_of_fit(compared, found)]
    if not found.settled:
        about.append("the estimates still moved when the search ended: give closer bounds or more replications")
    return Calibration(
        scenario=scenario,
        free=free,
        moments=moments,
        found=found,
        estimates=_estimates(free, found.estimate, profiled),
        compared=compared,
        profiles=profiled,
        points=_points(free, words, points),
        seed=simulated.seed,
        replications=size.replications,
        budget=size.most,
        used=points.replications,
        notices=tuple(about),
        command=command,
    )


def _estimates(free: Sequence[Free], estimate: Estimate, profiled: pd.DataFrame) -> pd.DataFrame:
    rows = []
    values, identified = values_at(free, estimate.place), estimate.identified
    for k, one in enumerate(free):
        error = float(estimate.errors[k]) * (one.high - one.low) if identified[k] else np.nan
        own = profiled[profiled["parameter"] == one.path]
        low, high = _profile_ends(own["value"].to_numpy(), own["distance"].to_numpy(), float(values[k]))
        rows.append(
            {
                "parameter": one.path,
                "words": one.words,
                "value": float(values[k]),
                "standard_error": error,
                "ci_low": float(values[k]) - NORMAL_95 * error,
                "ci_high": float(values[k]) + NORMAL_95 * error,
                "profile_low": low,
                "profile_high": high,
                "low": one.low,
                "high": one.high,
                "identified": bool(identified[k]),
            }
        )
    return pd.DataFrame(rows)


def _profile_ends(values: Any, distances: Any, estimate: float) -> tuple[float, float]:
    """Where a profile crosses the 95 % quantile on either side of the estimate; nan where it does not."""

    def crossing(order: Any) -> float:
        at, away = values[order], distances[order]
        above = np.flatnonzero(away > CHI_95)
        if not len(above):
            return np.nan
        k = int(above[0])
        if k == 0:
            return float(at[0])
        share = (CHI_95 - away[k - 1]) / (away[k] - away[k - 1])
        return float(at[k - 1] + share * (at[k] - at[k - 1]))

    up = np.flatnonzero(values >= estimate)
    return crossing(np.flatnonzero(values <= estimate)[::-1]), crossing(up)


def _compared(moments: Sequence[Moment], words: Sequence[str], found: Found) -> pd.DataFrame:
    errors = np.sqrt(np.diag(found.variance))
    observed = np.array([moment.observed for moment in moments])
    away = observed - found.means
    return pd.DataFrame(
        {
            "name": list(words),
            "observed": observed,
            "simulated": found.means,
            "standard_error": errors,
            "errors_apart": np.divide(away, errors, out=np.full(len(away), np.nan), where=errors > 0.0),
        }
    )


def _points(free: Sequence[Free], words: Sequence[str], points: Points) -> pd.DataFrame:
    rows = []
    for row in points.rows:
        values = values_at(free, np.array(row["place"]))
        paths = {one.path: float(value) for one, value in zip(free, values, strict=True)}
        rows.append({**paths, "replications": row["replications"], **dict(zip(words, row["mean"], strict=True))})
    table = pd.DataFrame(rows)
    table.insert(0, "point", range(len(table)))
    return table


def _of_moments(words: Sequence[str], found: Found) -> list[str]:
    """What is left out of the comparison."""
    names = [name for name, without in zip(words, found.weightless, strict=True) if without]
    still = [name for name, is_still in zip(words, found.still, strict=True) if is_still]
    return [
        *(f"left out, as it is the same in all replications: {name}" for name in names),
        *(f"the same in all replications at the estimate, weighted as if it varied a little: {name}" for name in still),
    ]


def _of_estimate(free: Sequence[Free], estimate: Estimate) -> list[str]:
    """What cannot be told from the observations, and which estimates lie on their bounds."""
    found = []
    for group, direction in zip(estimate.open_groups, estimate.directions[estimate.open_directions], strict=True):
        if len(group) == 1:
            found.append(f"the observations say nothing of {free[group[0]].words}")
            continue
        names = enumerated([free[k].words for k in group])
        first, second = group[:2]
        rate = direction[second] * (free[second].high - free[second].low)
        rate /= direction[first] * (free[first].high - free[first].low)
        trade = f"1 more of the first with {number(abs(rate), digits=2)} {'more' if rate > 0 else 'less'} of the second"
        alike = f" ({trade} looks the same)" if len(group) == 2 else ""
        found.append(f"cannot be told apart: {names}{alike}; observe more, or set one of them (--set)")
    correlation = estimate.correlation
    for k in range(len(free)):
        for other in range(k):
            if abs(correlation[k, other]) > _ALIKE:
                pair = enumerated([free[other].words, free[k].words])
                found.append(f"hard to tell apart: {pair} (correlation {correlation[k, other]:.2f})")
        if estimate.identified[k] and not EDGE < estimate.place[k] < 1.0 - EDGE:
            end = "lower" if estimate.place[k] < 0.5 else "upper"
            found.append(f"{free[k].words} lies on its {end} bound, where its interval is not to be trusted: widen it")
    return found


def _of_fit(compared: pd.DataFrame, found: Found) -> list[str]:
    p = found.estimate.p_value
    if p is None or p >= _MISFIT:
        return []
    worst = max(compared.dropna().to_dict("records"), key=lambda row: abs(row["errors_apart"]))
    return [
        f"no values within the bounds explain all moments (p = {p:.2g}); "
        f"farthest apart is {worst['name']}: observed {number(worst['observed'])}, simulated "
        f"{number(worst['simulated'])}"
    ]
