"""Levers tried: the worst exposures put out with some of them in place."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.results.run import column
from esc_sim.scenario.checked import changed
from esc_sim.scenario.schema import DataStatus, Scenario
from esc_sim.scenario.unread import Reads
from esc_sim.stress.durations import Durations
from esc_sim.stress.impact import Twin, impact_of, twin_of
from esc_sim.stress.job import served_instance
from esc_sim.stress.lever_places import Places, in_force, use_of
from esc_sim.stress.levers import Effect, Lever, Levers, effects_of, levers_of, together
from esc_sim.stress.parts import Row
from esc_sim.stress.stressors import Stressor
from esc_sim.stress.tasks import Plan

Names = tuple[str, ...]


@dataclass(frozen=True)
class Toolbox:
    """Levers that fit their scenario, and what each does.

    Attributes:
        levers: the levers.
        effects: by the name of the lever.
        budget: what may be spent in a year; None: nothing is chosen.
        data: where costs of levers and chances of outages come from.
    """

    levers: tuple[Lever, ...]
    effects: Mapping[str, Effect]
    budget: float | None
    data: DataStatus

    def content(self) -> dict[str, Any]:
        """What the work on levers is, for a checkpoint."""
        found = [[lever.model_dump(mode="json"), self.effects[lever.name].texts] for lever in self.levers]
        return {"levers": found, "budget": self.budget}


def toolbox_of(
    scenario: Scenario,
    levers: Levers,
    budget: float | None,
    durations: Durations,
    run: tuple[str, int],
    allow_code: bool,
) -> Toolbox | None:
    """The levers that are to be tried, all checked; None where none are asked for.

    Args:
        scenario: the scenario.
        levers: see :func:`esc_sim.stress.levers.levers_of`; False: none.
        budget: what may be spent in a year.
        durations: how long outages last.
        run: engine and seed.
        allow_code: may Python files that the scenario names be run.

    Raises:
        InputError: a lever, or the budget, is not fit.
    """
    if levers is False:
        if budget is not None:
            raise InputError("--budget: is for levers: add --levers")
        return None
    if budget is not None and not 0.0 <= budget < math.inf:
        raise InputError(f"--budget {budget:g}: is no amount of money: 0 or more a year")
    if not isinstance(levers, (bool, str, os.PathLike)):
        raise InputError(f"--levers: give True, False or the path of a file, not {levers!r}")
    found, data = levers_of(scenario, levers)
    instance = served_instance(scenario, allow_code)
    effects = effects_of(found, Places(scenario, use_of(instance, *run)), durations)
    for name, effect in effects.items():
        if effect.texts:
            try:
                instance_of(changed(scenario, effect.texts), allow_code=allow_code)
            except InputError as error:
                raise InputError([f"lever '{name}': {problem}" for problem in error.problems]) from None
    return Toolbox(tuple(found), effects, budget, data)


def lever_reads(reads: Reads, levers: Levers) -> Reads:
    """What a stress test reads, with what only levers do: options, their costs, chances of outages."""
    if levers is False:
        return reads

    def read(scenario: Scenario) -> str:
        nodes = [node.outage_chance for node in scenario.nodes]
        arcs = [arc.outage_chance for arc in scenario.arcs]
        return f"{reads(scenario)} {scenario.options!r} {nodes} {arcs}"

    return read


def is_lever_row(row: Row) -> bool:
    """Whether a stored line is what :meth:`LeverTrial.play` gives."""
    return {"levers", "exposures", "impact", "lost", "undisturbed"} <= row.keys()


@dataclass(frozen=True)
class LeverTrial:
    """How levers are tried.

    Attributes:
        plan: the stress test without them.
        scenario: its scenario.
        effects: what each lever does, by name.
        exposures: what is put out.
        allow_code: may Python files that the scenario names be run.
    """

    plan: Plan
    scenario: Scenario
    effects: Mapping[str, Effect]
    exposures: tuple[Stressor, ...]
    allow_code: bool

    def play(self, names: Names) -> Row:
        """Run all exposures with some levers in place; lists are by exposure, start date, replication."""
        effect = together([self.effects[name] for name in names])
        twin, at = self._twin(effect.texts)
        found = []
        for one in self.exposures:
            moved = replace(one, arcs=tuple(at[arc] for arc in one.arcs))
            back = self.plan.durations.at(at).sooner(effect.nodes, {at[arc]: time for arc, time in effect.arcs.items()})
            for start in self.plan.starts:
                first, *also = self.plan.outages(moved, start, "scenario", back)
                found.append(impact_of(twin, first, self.plan.tolerance, also))
        shape = (len(self.exposures), len(self.plan.starts), len(twin.replications))
        warm_up, base = twin.instance.warm_up, self.plan.twin.blocks
        profits = [
            math.fsum((column(own.periods[0], "profit") - column(old.periods[0], "profit"))[warm_up:].tolist())
            for own, old in zip(twin.blocks, base, strict=True)
        ]
        return {
            "levers": list(names),
            "exposures": [list(one.key) for one in self.exposures],
            "impact": np.array([one.impact for one in found]).reshape(shape).tolist(),
            "lost": np.array([one.lost.sum(axis=1) for one in found]).reshape(shape).tolist(),
            "undisturbed": profits,
        }

    def is_of(self, row: Row, names: Names) -> bool:
        """Whether a row is that of some levers."""
        exposures = [list(one.key) for one in self.exposures]
        return (row.get("levers"), row.get("exposures")) == (list(names), exposures)

    def _twin(self, texts: Sequence[str]) -> tuple[Twin, dict[int, int]]:
        """The runs without an outage, and the number that each arc has in them."""
        base = self.plan.twin
        if not texts:
            return base, {arc: arc for arc in range(base.instance.network.arc_count)}
        scenario = changed(self.scenario, texts)
        instance = served_instance(scenario, self.allow_code)
        whole = base.course is None
        starts, usual = self.plan.starts, self.plan.durations.usual()
        twin = twin_of(instance, base.engine, base.seed, base.replications, starts, usual, whole=whole)
        now = {number: arc for arc, number in enumerate(in_force(scenario))}
        return twin, {arc: now[number] for arc, number in enumerate(in_force(self.scenario))}
