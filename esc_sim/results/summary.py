"""The summary of a run: every key figure with its confidence interval, and the difference to the undisrupted twin."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from esc_sim.results.dates import calendar_entry
from esc_sim.results.knowledge import known_after_words
from esc_sim.results.kpis import KPIS, MONEY_RATE, Kpi, net_cost
from esc_sim.results.losses import LOSSES, loss_interval, losses_block, tail_of
from esc_sim.results.lots import lots_summary
from esc_sim.results.products import product_balance
from esc_sim.results.run import UNDISRUPTED, Floats, RunResult, column
from esc_sim.results.service import service_entries
from esc_sim.results.states import states_summary
from esc_sim.results.tiers import tier_entries
from esc_sim.risk.intervals import Interval, around, mean_interval, paired_difference
from esc_sim.risk.measures import RiskSetting, conditional_value_at_risk, over_replications
from esc_sim.risk.resilience import Resilience, measure_resilience, performance
from esc_sim.risk.tails import Tail, cvar_interval, var_interval
from esc_sim.scenario.calendar import calendar_of

RECOVERY_THRESHOLD: Final = 0.95
RESILIENCE_MEASURES: Final = {"served": "ratio", "shipped": "ratio", "profit": "difference"}
"""Period columns whose performance curve is measured, and how (see :func:`esc_sim.risk.resilience.performance`)."""

Entry = dict[str, Any]


def build_summary(result: RunResult) -> dict[str, Any]:
    """Content of summary.json.

    Money and goods per period are means over replications with Student's t intervals; so are EPF and CVaR, from what
    each replication adds to them; VaR has an interval by sectioning. Differences are paired with the undisrupted
    twin, and so is what is lost. What cannot be estimated (an interval from one replication, a fill rate without
    demand, losses without a twin) is None.

    Args:
        result: the run, with at least one replication and one period.

    Returns:
        Plain dictionaries, lists, strings and numbers, fit for JSON.
    """
    scenario, periods = result.scenario, result.periods
    tiers, products, service = tier_entries(result), product_balance(result), service_entries(result)
    result = result.without_warm_up()
    kpis = {result.label: _means(result, result.values) | _risks(result, result.values)}
    kpis[result.label] |= _losses(result)
    if result.twin is not None:
        kpis[UNDISRUPTED] = _means(result, result.twin) | _risks(result, result.twin)
        kpis["difference"] = _mean_differences(result, result.twin) | _risks(result, result.values, result.twin)
    summary: dict[str, Any] = {
        "scenario": scenario.name,
        "title": scenario.title or scenario.name,
        "data": {"status": scenario.data.status, "note": scenario.data.note},
        "units": scenario.units.model_dump(),
        "engine": result.engine,
        "seed": result.seed,
        "replications": result.replications,
        "periods": periods,
        "warm_up": scenario.run.warm_up,
        **calendar_entry(calendar_of(scenario)),
        "plan": result.plan,
        "kpis": kpis,
        "risk": _risk_block(result),
    }
    if result.promises:
        units = scenario.units.model_dump()
        summary["promises"] = {p.name: p.entry(units, result.batch) for p in result.promises}
    known = known_after_words(scenario)
    if known:
        summary["knowledge"] = {"known_after": known, "share_from_closed": _share_from_closed(result.values)}
    if tiers:
        summary["tiers"] = tiers
    if products:
        summary["products"] = products
    if service:
        summary["service"] = service
    states = states_summary(result)
    if states:
        summary["states"] = states
    if result.lots is not None:
        summary["lots"] = lots_summary(result.lots)
    if result.twin is not None:
        resilience = _resilience_block(result, result.twin)
        summary["resilience"] = resilience
        kpis[result.label] |= resilience["measures"][resilience["main_measure"]]
    return summary


def _share_from_closed(values: Floats) -> float:
    """Part of all that was contracted whose supplier or arc was out."""
    contracted = float(column(values, "contracted").sum())
    return float(column(values, "contracted_from_closed").sum()) / contracted if contracted > 0.0 else 0.0


def _entry(interval: Interval, unit: str, result: RunResult) -> Entry:
    units = result.scenario.units
    return interval.entry(unit.format(money=units.money, goods=units.goods, period=units.period))


def _means(result: RunResult, values: Floats) -> dict[str, Entry]:
    return {k.name: _entry(_interval(k, result, values), k.unit, result) for k in KPIS}


def _interval(kpi: Kpi, result: RunResult, values: Floats, twin: Floats | None = None) -> Interval:
    """Interval of a key figure, or with a twin of the paired difference to it, from replications or their batches.

    With batches the figure is still that of whole replications, as everywhere; only the interval's width is theirs.
    """
    batches = 1 if kpi.name == "profit_total" else result.scenario.run.batches
    if batches > 1:
        whole = kpi.of(values) if twin is None else kpi.of(values) - kpi.of(twin)
        return around(mean_interval(whole, batch=result.batch).mean, _batched(kpi, result, batches, values, twin))
    return _batched(kpi, result, batches, values, twin)


def _batched(kpi: Kpi, result: RunResult, batches: int, values: Floats, twin: Floats | None) -> Interval:
    # Replications that were stratified together stay together, with all their stretches.
    batch = result.batch * batches if result.batch > 1 else 1
    samples = kpi.of(in_batches(values, batches))
    if twin is None:
        return mean_interval(samples, batch=batch)
    return paired_difference(samples, kpi.of(in_batches(twin, batches)), batch=batch)


def in_batches(values: Floats, batches: int) -> Floats:
    """Each replication cut into as many stretches of equal length, [R * B, T // B, K]; a rest at the start is cut."""
    replications, periods, columns = values.shape
    length = periods // batches
    return values[:, periods - batches * length :].reshape(replications * batches, length, columns)


def _mean_differences(result: RunResult, twin: Floats) -> dict[str, Entry]:
    return {k.name: _entry(_interval(k, result, result.values, twin), k.unit, result) for k in KPIS}


def _cost(values: Floats) -> Floats:
    return column(values, "cost")


def _setting(result: RunResult) -> RiskSetting:
    risk = result.scenario.risk
    return RiskSetting(risk.level, risk.estimator, risk.pooling)


def _risk_intervals(result: RunResult, values: Floats, twin: Floats | None) -> dict[str, Interval]:
    """VaR, CVaR, CVaR of net cost and EPF of a run, or with a twin the paired differences to it.

    Intervals are those of :mod:`esc_sim.risk.tails`.
    """
    risk, setting, batch = result.scenario.risk, _setting(result), result.batch
    tables = [values] if twin is None else [values, twin]

    def tails(costs: Callable[[Floats], Floats]) -> list[Tail]:
        return [Tail(costs(table), setting) for table in tables]

    found = {
        "var": var_interval(*tails(_cost), batch=batch),
        "cvar": cvar_interval(*tails(_cost), batch=batch),
        "cvar_net": cvar_interval(*tails(net_cost), batch=batch),
    }
    if risk.budget is not None:
        shares = [setting.epf_by_replication(_cost(table), risk.budget) for table in tables]
        found["epf"] = mean_interval(shares[0] if twin is None else shares[0] - shares[1], batch=batch)
    return found


def _risks(result: RunResult, values: Floats, twin: Floats | None = None) -> dict[str, Entry]:
    money = "{money}" if result.scenario.risk.pooling == "horizon" else MONEY_RATE
    return {
        name: _entry(interval, "share" if name == "epf" else money, result)
        for name, interval in _risk_intervals(result, values, twin).items()
    }


def _losses(result: RunResult) -> dict[str, Entry]:
    """What the run lost against its twin; without one nothing can be estimated."""
    scenario = result.scenario
    return {
        figure.name: _entry(
            loss_interval(figure, tail_of(figure, result), batch=result.batch), figure.unit_pattern(scenario), result
        )
        for figure in LOSSES
    }


def _risk_block(result: RunResult) -> dict[str, Any]:
    """How the risk was measured, and CVaR by both estimators, for the run as configured."""
    risk = result.scenario.risk
    setting = _setting(result)
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
        "losses": losses_block(result),
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
