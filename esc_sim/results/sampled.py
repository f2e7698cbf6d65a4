"""What measures are taken of: the counted periods of a run, in the terms of its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.measures.measure import Sample
from esc_sim.measures.terms import Terms, periods_a_year
from esc_sim.results.run import Floats, PeriodTable, RunResult
from esc_sim.risk.measures import RiskSetting

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario


def terms_of(scenario: Scenario) -> Terms:
    """What words and units of measures are filled with."""
    units, risk = scenario.units, scenario.risk
    return Terms(units.money, units.goods, units.period, risk.level, risk.pooling)


def sample_of_periods(values: Floats, scenario: Scenario, twin: Floats | None = None, *, batch: int = 1) -> Sample:
    """Periods of many replications as a sample.

    Args:
        values: float64[R, T, K], counted periods only.
        scenario: whose units and risk hold.
        twin: the same of the undisrupted twin.
        batch: replications that were stratified together.
    """
    risk = scenario.risk
    return Sample(
        periods=PeriodTable(values),
        twin=None if twin is None else PeriodTable(twin),
        risk=RiskSetting(risk.level, risk.estimator, risk.pooling),
        budget=risk.budget,
        year=periods_a_year(scenario.units.period),
        batch=batch,
    )


def sample_of(result: RunResult) -> Sample:
    """A run as a sample, without its warm-up."""
    counted = result.without_warm_up()
    return sample_of_periods(counted.values, result.scenario, counted.twin, batch=result.batch)


def sample_in_stretches(result: RunResult, values: Floats, twin: Floats | None = None) -> Sample:
    """A run, or its twin, as a sample whose intervals rest on stretches where ``run.batches`` asks for them.

    Args:
        result: the run.
        values: float64[R, T, K] of it or of its twin, counted periods only.
        twin: of its twin, to set it against.
    """
    sample = sample_of_periods(values, result.scenario, twin, batch=result.batch)
    batches = result.scenario.run.batches
    if batches == 1:
        return sample
    # Replications that were stratified together stay together, with all their stretches.
    together = result.batch * batches if result.batch > 1 else 1
    return Sample(
        periods=sample.periods,
        twin=sample.twin,
        risk=sample.risk,
        budget=sample.budget,
        year=sample.year,
        batch=sample.batch,
        stretches=PeriodTable(in_batches(values, batches)),
        stretch_batch=together,
    )


def in_batches(values: Floats, batches: int) -> Floats:
    """Each replication cut into as many stretches of equal length, [R * B, T // B, K]; a rest at the start is cut."""
    replications, periods, columns = values.shape
    length = periods // batches
    return values[:, periods - batches * length :].reshape(replications * batches, length, columns)
