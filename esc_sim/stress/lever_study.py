"""What each lever does to the worst exposures, and the best of them for a budget, tried together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.measures.terms import periods_a_year
from esc_sim.risk.intervals import mean_interval
from esc_sim.scenario.schema import DataStatus, Scenario
from esc_sim.stress.lever_trial import LeverTrial, Names, Toolbox
from esc_sim.stress.levers import Effect, together
from esc_sim.stress.parts import Parts, Row
from esc_sim.stress.portfolio import best_portfolio
from esc_sim.stress.stressors import Key, Stressor

Floats = NDArray[np.float64]

A_YEAR: Final = "a year"
PER_OUTAGE: Final = "per outage"
BASIS_WORDS: Final = {A_YEAR: " a year", PER_OUTAGE: ", one outage of each"}
COLUMNS: Final = (
    "exposure",
    "exposure_kind",
    "lever",
    "lever_kind",
    "yearly_cost",
    "outage_chance",
    "impact_before",
    "impact_after",
    "impact_avoided",
    "avoided_low",
    "avoided_high",
    "avoided_a_year",
    "return",
    "return_is",
    "undisturbed_profit",
)
"""Columns of levers.csv."""


@dataclass(frozen=True)
class Chosen:
    """The best portfolio for a budget.

    Attributes:
        levers: numbers of the levers.
        row: what they do together, of :meth:`LeverTrial.play`.
    """

    levers: tuple[int, ...]
    row: Row


@dataclass(frozen=True)
class LeverStudy:
    """What levers do.

    Attributes:
        trial: how they were tried.
        toolbox: the levers.
        before: float64[E, S, R], impact of each exposure, start date and replication without a lever.
        rows: what each lever gave, in their order.
        chosen: the portfolio; None where there was no budget.
    """

    trial: LeverTrial
    toolbox: Toolbox
    before: Floats
    rows: tuple[Row, ...]
    chosen: Chosen | None

    @cached_property
    def chances(self) -> list[float | None]:
        """Chance of an outage in a year of each exposure."""
        return [chance_of(self.trial.scenario, one) for one in self.trial.exposures]

    @property
    def basis(self) -> str:
        """Whether impacts avoided are added up a year, each with its chance, or per outage of each exposure."""
        return PER_OUTAGE if None in self.chances else A_YEAR

    @property
    def basis_words(self) -> str:
        """The basis behind a unit of money, for people."""
        return BASIS_WORDS[self.basis]

    @property
    def weights(self) -> Floats:
        """What an outage of each exposure counts."""
        return np.array([1.0 if self.basis == PER_OUTAGE else chance for chance in self.chances], np.float64)

    @property
    def costs(self) -> list[float]:
        """Of each lever, in a year."""
        return [lever.yearly_cost for lever in self.toolbox.levers]

    @property
    def avoided(self) -> Floats:
        """What each lever avoids of each exposure, weighted, float64[E, L]."""
        return np.stack([self.avoided_by(row) for row in self.rows], axis=1)

    @property
    def limits(self) -> Floats:
        """All that can be avoided of each exposure, weighted, float64[E]."""
        return self.weights * np.maximum(self.before.mean(axis=(1, 2)), 0.0)

    def avoided_by(self, row: Row) -> Floats:
        """What a row avoids of each exposure, weighted, float64[E]."""
        return self.weights * (self.before - np.array(row["impact"])).mean(axis=(1, 2))

    def best(self, budget: float) -> tuple[int, ...]:
        """Numbers of the levers of the best portfolio for a budget."""
        groups = [lever.group for lever in self.toolbox.levers]
        return best_portfolio(self.avoided, self.limits, self.costs, groups, budget)

    @property
    def sum_of_single_effects(self) -> float:
        """What the chosen levers avoid alone, added up."""
        return math.fsum(self.avoided[:, list(self._portfolio.levers)].ravel().tolist())

    @property
    def joint_effect(self) -> float:
        """What the chosen levers avoid together."""
        return math.fsum(self.avoided_by(self._portfolio.row).tolist())

    @property
    def yearly_cost(self) -> float:
        """Of the chosen levers."""
        return math.fsum(self.costs[lever] for lever in self._portfolio.levers)

    @property
    def names(self) -> Names:
        """Of the chosen levers."""
        return tuple(self.toolbox.levers[number].name for number in self._portfolio.levers)

    @property
    def effect(self) -> Effect:
        """What the chosen levers change."""
        return together([self.toolbox.effects[name] for name in self.names])

    @property
    def _portfolio(self) -> Chosen:
        if self.chosen is None:
            raise ValueError("without a budget nothing is chosen")
        return self.chosen

    def table(self) -> pd.DataFrame:
        """A row for each exposure and lever, columns ``COLUMNS``."""
        return pd.DataFrame(
            [
                self._entry(exposure, lever)
                for exposure in range(len(self.trial.exposures))
                for lever in range(len(self.toolbox.levers))
            ],
            columns=list(COLUMNS),
        )

    def _entry(self, exposure: int, lever: int) -> dict[str, Any]:
        one, what, row = self.trial.exposures[exposure], self.toolbox.levers[lever], self.rows[lever]
        before, after = self.before[exposure], np.array(row["impact"])[exposure]
        interval = mean_interval((before - after).mean(axis=0))
        chance, avoided = self.chances[exposure], float((before - after).mean())
        a_year = math.nan if chance is None else chance * avoided
        instance = self.trial.plan.twin.instance
        span = periods_a_year(self.trial.scenario.units.period)
        years = 1.0 if span is None else span / (instance.periods - instance.warm_up)
        return {
            "exposure": one.name,
            "exposure_kind": one.kind,
            "lever": what.name,
            "lever_kind": what.kind,
            "yearly_cost": what.yearly_cost,
            "outage_chance": math.nan if chance is None else chance,
            "impact_before": float(before.mean()),
            "impact_after": float(after.mean()),
            "impact_avoided": avoided,
            "avoided_low": interval.low,
            "avoided_high": interval.high,
            "avoided_a_year": a_year,
            "return": return_of(avoided if chance is None else a_year, what.yearly_cost),
            "return_is": PER_OUTAGE if chance is None else A_YEAR,
            "undisturbed_profit": float(np.mean(row["undisturbed"])) * years,
        }

    def portfolio_table(self) -> pd.DataFrame:
        """A row for each lever: what it costs, what it avoids of all exposures, whether it is chosen."""
        total = self.avoided.sum(axis=0).tolist()
        taken = () if self.chosen is None else self.chosen.levers
        return pd.DataFrame(
            {
                "lever": [lever.name for lever in self.toolbox.levers],
                "lever_kind": [lever.kind for lever in self.toolbox.levers],
                "group": [lever.group or "" for lever in self.toolbox.levers],
                "yearly_cost": self.costs,
                "avoided": total,
                "return": [return_of(value, cost) for value, cost in zip(total, self.costs, strict=True)],
                "return_is": self.basis,
                "chosen": [number in taken for number in range(len(total))],
            }
        )


def return_of(avoided: float, cost: float) -> float:
    """What is avoided for each unit of money; infinite for what costs nothing and avoids something."""
    if cost > 0.0:
        return avoided / cost
    return math.inf if avoided > 0.0 else math.nan


def chance_of(scenario: Scenario, stressor: Stressor) -> float | None:
    """Chance of an outage in a year of a single site or supply relation, where the tables give it."""
    if stressor.kind == "node":
        return scenario.nodes[stressor.nodes[0]].outage_chance
    if stressor.kind == "arc":
        given = [scenario.arcs[arc].outage_chance for arc in stressor.arcs]
        return max((chance for chance in given if chance is not None), default=None)
    return None


def study_of(
    trial: LeverTrial, toolbox: Toolbox, rows: Mapping[tuple[Key, str], Row], parts: Parts
) -> LeverStudy | None:
    """Try every lever alone, then the best portfolio; None where no exposure has a positive impact.

    Args:
        trial: how levers are tried.
        toolbox: the levers.
        rows: what stressors do without them, by key and knowledge.
        parts: does the work.
    """
    before = np.array([rows[one.key, "scenario"]["impact"] for one in trial.exposures], np.float64)
    hurts = before.mean(axis=(1, 2)) > 0.0
    if not hurts.any():
        return None
    exposures = tuple(one for one, counts in zip(trial.exposures, hurts, strict=True) if counts)
    trial, before = replace(trial, exposures=exposures), before[hurts]
    alone = list(parts.simulate([(lever.name,) for lever in toolbox.levers], trial, trial.is_of))
    study = LeverStudy(trial, toolbox, before, tuple(alone), None)
    if toolbox.budget is None:
        return study
    best = study.best(toolbox.budget)
    names = tuple(toolbox.levers[lever].name for lever in best)
    (joint,) = parts.simulate([names], trial, trial.is_of)
    return replace(study, chosen=Chosen(best, joint))


def lever_notices(study: LeverStudy | None) -> list[str]:
    """What the user should know of the levers that were tried; None: of none, for want of an impact."""
    if study is None:
        return ["no lever was tried: none of the worst outages has a positive impact"]
    data = study.toolbox.data
    found = [] if data.status == "measured" else [f"costs of levers and chances of outages: {data.status}{_note(data)}"]
    without = [one.name for one, chance in zip(study.trial.exposures, study.chances, strict=True) if chance is None]
    if without:
        found.append(f"levers are judged per outage: no outage_chance is known of {', '.join(without)}")
    return found


def _note(data: DataStatus) -> str:
    return f" ({data.note})" if data.note else ""
