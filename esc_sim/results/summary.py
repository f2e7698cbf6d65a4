"""The summary of a run: every key figure with its confidence interval, and the difference to the undisrupted twin."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from esc_sim.results.kpis import KPIS, MONEY_RATE, net_cost
from esc_sim.results.run import UNDISRUPTED, Floats, RunResult, column
from esc_sim.risk.intervals import Interval, mean_interval, paired_difference, section_interval
from esc_sim.risk.measures import RiskSetting, conditional_value_at_risk, over_replications
from esc_sim.risk.resilience import Resilience, measure_resilience, performance

RECOVERY_THRESHOLD: Final = 0.95
RESILIENCE_MEASURES: Final = {"served": "ratio", "shipped": "ratio", "profit": "difference"}
"""Period columns whose performance curve is measured, and how (see :func:`esc_sim.risk.resilience.performance`)."""

Entry = dict[str, Any]


def build_summary(result: RunResult) -> dict[str, Any]:
    """Content of summary.json.

    Money and goods per period are means over replications with Student's t intervals; VaR, CVaR and EPF have
    intervals by sectioning; differences are paired with the undisrupted twin. What cannot be estimated (an interval
    from one replication, a fill rate without demand) is None.

    Args:
        result: the run, with at least one replication and one period.

    Returns:
        Plain dictionaries, lists, strings and numbers, fit for JSON.
    """
    scenario = result.scenario
    kpis = {result.label: _means(result, result.values) | _risks(result, result.values)}
    if result.twin is not None:
        kpis[UNDISRUPTED] = _means(result, result.twin) | _risks(result, result.twin)
        kpis["difference"] = _mean_differences(result, result.twin) | _risk_differences(result, result.twin)
    summary: dict[str, Any] = {
        "scenario": scenario.name,
        "title": scenario.title or scenario.name,
        "data": {"status": scenario.data.status, "note": scenario.data.note},
        "units": scenario.units.model_dump(),
        "engine": result.engine,
        "seed": result.seed,
        "replications": result.replications,
        "periods": result.periods,
        "plan": result.plan,
        "kpis": kpis,
        "risk": _risk_block(result),
    }
    if result.twin is not None:
        resilience = _resilience_block(result, result.twin)
        summary["resilience"] = resilience
        kpis[result.label] |= resilience["measures"][resilience["main_measure"]]
    return summary


def _entry(interval: Interval, unit: str, result: RunResult) -> Entry:
    units = result.scenario.units
    return {
        "mean": _or_none(interval.mean),
        "ci_low": _or_none(interval.low),
        "ci_high": _or_none(interval.high),
        "n": interval.n,
        "unit": unit.format(money=units.money, goods=units.goods, period=units.period),
    }


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _means(result: RunResult, values: Floats) -> dict[str, Entry]:
    return {k.name: _entry(mean_interval(k.of(values), batch=result.batch), k.unit, result) for k in KPIS}


def _mean_differences(result: RunResult, twin: Floats) -> dict[str, Entry]:
    return {
        k.name: _entry(paired_difference(k.of(result.values), k.of(twin), batch=result.batch), k.unit, result)
        for k in KPIS
    }


def _risk_statistics(result: RunResult) -> dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], float], str]]:
    """Name -> (costs [R, T] of period values, statistic of costs, unit)."""
    risk = result.scenario.risk
    setting = RiskSetting(risk.level, risk.estimator, risk.pooling)
    unit = "{money}" if risk.pooling == "horizon" else MONEY_RATE
    found: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], float], str]] = {
        "var": (_cost, setting.var, unit),
        "cvar": (_cost, setting.cvar, unit),
        "cvar_net": (net_cost, setting.cvar, unit),
    }
    if risk.budget is not None:
        budget = risk.budget
        found["epf"] = (_cost, lambda costs: setting.epf(costs, budget), "share")
    return found


def _cost(values: Floats) -> Floats:
    return column(values, "cost")


def _least_replications(result: RunResult) -> int:
    """Replications a section needs to hold two samples of the tail."""
    risk = result.scenario.risk
    samples = math.ceil(2.0 / (1.0 - risk.level))
    return samples if risk.pooling == "horizon" else math.ceil(samples / result.periods)


def _risks(result: RunResult, values: Floats) -> dict[str, Entry]:
    least = _least_replications(result)
    return {
        name: _entry(section_interval([costs(values)], statistic, least=least, batch=result.batch), unit, result)
        for name, (costs, statistic, unit) in _risk_statistics(result).items()
    }


def _risk_differences(result: RunResult, twin: Floats) -> dict[str, Entry]:
    least = _least_replications(result)
    found: dict[str, Entry] = {}
    for name, (costs, statistic, unit) in _risk_statistics(result).items():

        def change(run: Floats, base: Floats, statistic: Callable[[Floats], float] = statistic) -> float:
            return statistic(run) - statistic(base)

        tables = [costs(result.values), costs(twin)]
        found[name] = _entry(section_interval(tables, change, least=least, batch=result.batch), unit, result)
    return found


def _risk_block(result: RunResult) -> dict[str, Any]:
    """How the risk was measured, and CVaR by both estimators, for the run as configured."""
    risk = result.scenario.risk
    setting = RiskSetting(risk.level, risk.estimator, risk.pooling)
    costs = _cost(result.values)

    def tail_mean(sample: Floats) -> float:
        return conditional_value_at_risk(sample, risk.level)

    def rockafellar_uryasev(sample: Floats) -> float:
        return conditional_value_at_risk(sample, risk.level, estimator="rockafellar_uryasev")

    return {
        "level": risk.level,
        "estimator": risk.estimator,
        "pooling": risk.pooling,
        "budget": risk.budget,
        "var": setting.var(costs),
        "cvar": setting.cvar(costs),
        "cvar_by_estimator": {
            "tail_mean": over_replications(costs, tail_mean, risk.pooling),
            "rockafellar_uryasev": over_replications(costs, rockafellar_uryasev, risk.pooling),
        },
    }


def resilience_curves(values: Floats, twin: Floats) -> dict[str, Floats]:
    """Performance curve [R, T] of every measure that the twin has something of."""
    return {
        name: performance(column(values, name), column(twin, name), kind)  # type: ignore[arg-type]
        for name, kind in RESILIENCE_MEASURES.items()
        if np.any(column(twin, name))
    }


def _resilience_block(result: RunResult, twin: Floats) -> dict[str, Any]:
    curves = resilience_curves(result.values, twin) or {"served": np.ones(result.values.shape[:2])}
    active = result.activity()
    measured = {name: measure_resilience(curve, active, RECOVERY_THRESHOLD) for name, curve in curves.items()}
    return {
        "threshold": RECOVERY_THRESHOLD,
        "events_recorded": active is not None,
        "main_measure": next(iter(measured)),
        "measures": {name: _resilience_entries(found, result) for name, found in measured.items()},
    }


def _resilience_entries(found: Resilience, result: RunResult) -> dict[str, Entry]:
    """Entries of one measure. Shares say how much of a mean time is missing because the run ended before."""

    def entry(values: Floats, unit: str) -> Entry:
        return _entry(mean_interval(values, batch=result.batch), unit, result)

    def share(value: float, of: int) -> Entry:
        return _entry(Interval(value, math.nan, math.nan, of), "share", result)

    return {
        "depth": entry(found.depth, "share"),
        "loss_area": entry(found.loss_area, "{period}"),
        "time_to_recover": entry(found.time_to_recover, "{period}"),
        "share_recovered": share(found.share_recovered, int(found.episodes.sum())),
        "time_to_survive": entry(found.time_to_survive, "{period}"),
        "share_surviving": share(found.share_surviving, int(found.struck.sum())),
    }
