"""The summary of a run: every key figure with its confidence interval, and the difference to the undisrupted twin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from esc_sim.measures.goods import SHARE_FROM_CLOSED
from esc_sim.measures.measure import Measure, Sample, table_of
from esc_sim.measures.recovery import MEASURES as RECOVERY
from esc_sim.network.model import stock_lines
from esc_sim.network.side_links import side_links_of
from esc_sim.results.circular import circular_block, circular_entries, circular_intervals
from esc_sim.results.customer_demand import customer_demand, demand_block
from esc_sim.results.dates import calendar_entry
from esc_sim.results.knowledge import known_after_words
from esc_sim.results.links import links_block
from esc_sim.results.losses import losses_block
from esc_sim.results.lots import lots_summary
from esc_sim.results.products import product_balance
from esc_sim.results.rolling import rolling_summary
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import UNDISRUPTED, About, Floats, PeriodTable, RunResult, column
from esc_sim.results.sampled import sample_in_stretches, terms_of
from esc_sim.results.service import service_entries
from esc_sim.results.states import states_summary
from esc_sim.results.struck import struck_by
from esc_sim.results.tiers import tier_entries, tier_labels
from esc_sim.risk.intervals import Interval
from esc_sim.risk.measures import RiskSetting, conditional_value_at_risk, over_replications
from esc_sim.risk.parts import Table
from esc_sim.risk.resilience import Kind, Resilience, joined, measure_resilience, performance
from esc_sim.scenario.calendar import calendar_of
from esc_sim.scenario.own import measures_of

RECOVERY_THRESHOLD: Final = 0.95
RESILIENCE_MEASURES: Final[Mapping[str, Kind]] = {"served": "ratio", "shipped": "ratio", "profit": "difference"}
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
    scenario, periods = result.scenario, result.period_count
    tiers, products, service = tier_entries(result), product_balance(result), service_entries(result)
    whole, result = result, result.without_warm_up()
    sample = sample_in_stretches(result, result.values, result.twin)
    kpis = {result.label: _figures(result, measures_of(scenario).values(), sample)}
    if result.twin is not None:
        alone = [m for m in measures_of(scenario).values() if not m.of_twin]
        twin = sample_in_stretches(result, result.twin)
        kpis[UNDISRUPTED] = _figures(result, alone, twin)
        kpis["difference"] = _figures(result, alone, sample, twin)
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
        **result.found,
        **calendar_entry(calendar_of(scenario)),
        "plan": result.plan,
        "kpis": kpis,
        "risk": _risk_block(result),
    }
    if scenario.measures:
        terms = terms_of(scenario)
        summary["measures"] = {name: {"label": m.words(terms)} for name, m in scenario.measures.items()}
    if result.promises:
        units = scenario.units.model_dump()
        summary["promises"] = {p.name: p.entry(units, result.batch) for p in result.promises}
    known = known_after_words(scenario)
    if known:
        summary["knowledge"] = {
            "known_after": known,
            "share_from_closed": SHARE_FROM_CLOSED.of(PeriodTable(result.values)),
        }
    if result.links:
        summary["links"] = links_block(result.links)
    if tiers:
        summary["tiers"], summary["tier_labels"] = tiers, tier_labels(result.network)
    if products:
        summary["products"] = products
    if service:
        summary["service"] = service
        summary["demand"] = demand_block(customer_demand(whole), periods - scenario.run.warm_up)
    states = states_summary(result)
    if states:
        summary["states"] = states
    if scenario.rolling_plans and whole.observations is not None:
        shown = whole.observed, whole.observations, whole.batch, scenario.units.money
        summary["rolling_plans"] = rolling_summary(scenario.rolling_plans, *shown)
    if result.lots is not None:
        summary["lots"] = lots_summary(result.lots)
    if result.twin is not None:
        resilience = _resilience_block(result, result.twin)
        summary["resilience"] = resilience
        kpis[result.label] |= resilience["measures"][resilience["main_measure"]]
    circular = circular_entries(result)
    if circular:
        kpis[result.label] |= circular
        summary["circular"] = circular_block(result, circular)
    return summary


def key_figures(result: RunResult) -> dict[str, Interval]:
    """The key figures of the run as configured that ``summary.json`` has, without the rest of the summary.

    Args:
        result: the run, with at least one replication and one period.
    """
    result = result.without_warm_up()
    sample = sample_in_stretches(result, result.values, result.twin)
    asked = (measure for measure in measures_of(result.scenario).values() if measure.is_asked(sample))
    found = {measure.name: measure.interval(sample) for measure in asked}
    if result.twin is not None:
        main = next(measured_curves(result.twin))
        curve = resiliences(result, result.twin, [main])[main]
        found |= {measure.name: measure.interval(curve, result.batch) for measure in RECOVERY}
    return found | circular_intervals(result)


def about_of(result: RunResult) -> About:
    """What tables and figures need to know of a run's scenario, its summary included."""
    scenario = result.scenario
    lines = [data for _, _, data in stock_lines(scenario)]
    nodes, arcs = struck_by(result)
    index = result.network.node_index
    ends = [(index[row.supplier], index[row.buyer]) for row in result.links]
    return About(
        title=scenario.title or scenario.name,
        label=result.label,
        units=scenario.units,
        data=scenario.data,
        safety_stock=np.array([line.safety_stock for line in lines], np.float64),
        target_stock=np.array([line.target_stock for line in lines], np.float64),
        side_ends=side_links_of(scenario, result.network).ends,
        link_ends=np.array(ends, np.int64).reshape(-1, 2),
        link_shipped=np.array([row.shipped for row in result.links], np.float64),
        struck_nodes=np.flatnonzero(nodes),
        struck_arcs=np.flatnonzero(arcs),
        summary=build_summary(result),
    )


def _figures(
    result: RunResult, measures: Iterable[Measure], sample: Sample, base: Sample | None = None
) -> dict[str, Entry]:
    """Measures with their intervals, or with a base the paired differences to it."""
    terms = terms_of(result.scenario)
    return {
        measure.name: measure.interval(sample, base).entry(measure.unit_words(terms))
        for measure in measures
        if measure.is_asked(sample)
    }


def _setting(result: RunResult) -> RiskSetting:
    risk = result.scenario.risk
    return RiskSetting(risk.level, risk.estimator, risk.pooling)


def _risk_block(result: RunResult) -> dict[str, Any]:
    """How the risk was measured, and CVaR by both estimators, for the run as configured."""
    risk = result.scenario.risk
    setting = _setting(result)
    costs = table_of(lambda periods: periods["cost"], PeriodTable(result.values))

    def tail_mean(sample: Table) -> float:
        return conditional_value_at_risk(sample, risk.level)

    def rockafellar_uryasev(sample: Table) -> float:
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
        name: performance(column(values, name), column(twin, name), kind)
        for name, kind in RESILIENCE_MEASURES.items()
        if np.any(column(twin, name))
    }


def measured_curves(twin: Floats) -> Iterator[str]:
    """Measures whose curves are read, the main one first: those that the twin has something of, else service."""
    parts, found = PeriodTable(twin).parts(), False
    for name in RESILIENCE_MEASURES:
        if any(np.any(part[name]) for part in parts):
            found = True
            yield name
    if not found:
        yield "served"


def resiliences(result: RunResult, twin: Floats, names: Sequence[str] | None = None) -> dict[str, Resilience]:
    """Resilience by some measures; default those of :func:`measured_curves`.

    Args:
        result: the run, without its warm-up.
        twin: float64[R, T, K] of its undisrupted twin.
        names: of the measures.
    """
    beside, active = PeriodTable(twin), result.activity()
    found: dict[str, list[Resilience]] = {name: [] for name in names or measured_curves(twin)}
    first = 0
    for run, undisrupted in zip(PeriodTable(result.values).parts(), beside.parts(), strict=True):
        last = first + len(run.array)
        struck = None if active is None else in_memory(active[first:last])
        for name, measured in found.items():
            curve = performance(run[name], undisrupted[name], RESILIENCE_MEASURES[name])
            measured.append(measure_resilience(curve, struck, RECOVERY_THRESHOLD))
        first = last
    return {name: joined(measured) for name, measured in found.items()}


def _resilience_block(result: RunResult, twin: Floats) -> dict[str, Any]:
    measured = resiliences(result, twin)
    return {
        "threshold": RECOVERY_THRESHOLD,
        "events_recorded": result.activity() is not None,
        "main_measure": next(iter(measured)),
        "measures": {name: _resilience_entries(found, result) for name, found in measured.items()},
    }


def _resilience_entries(found: Resilience, result: RunResult) -> dict[str, Entry]:
    """Entries of one measure."""
    terms = terms_of(result.scenario)
    return {m.name: m.interval(found, result.batch).entry(m.unit_words(terms)) for m in RECOVERY}
