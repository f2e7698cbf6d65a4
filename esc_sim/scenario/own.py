"""Scenarios with measures of a user's own, which no file holds: they go with the scenario from run to table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from esc_sim.errors import InputError
from esc_sim.fields.names import listed
from esc_sim.measures.chances import Chance
from esc_sim.measures.measure import ByReplication, Measure
from esc_sim.measures.own import GivenMeasures, own_measures
from esc_sim.measures.registry import MEASURES, SEARCHED
from esc_sim.measures.terms import SHARE
from esc_sim.scenario.checked import checked
from esc_sim.scenario.optimization import Optimization
from esc_sim.scenario.schema import Scenario


def with_measures(scenario: Scenario, given: GivenMeasures | None) -> Scenario:
    """The scenario with measures of a user's own, in place of earlier ones; None: as it is.

    Raises:
        InputError: a measure cannot be used.
    """
    if given is None:
        return scenario
    found = scenario.model_copy()
    found._measures = own_measures(given)
    return found


def measures_of(scenario: Scenario) -> Mapping[str, Measure]:
    """Every measure of a run of the scenario, by name, in the order of tables."""
    return {**MEASURES, **scenario.measures}


def searched_by(name: str, scenario: Scenario) -> Measure:
    """The measure that a search of the scenario calls so.

    Raises:
        KeyError: there is none.
    """
    if name in scenario.measures:
        return scenario.measures[name]
    return SEARCHED[name] if name in SEARCHED else chances_of(scenario)[name]


def chances_of(scenario: Scenario) -> dict[str, Chance]:
    """The chances that a search of the scenario limits, by name.

    Raises:
        InputError: a limit with a probability on a measure that a single replication does not have.
    """
    found = {}
    for place, limit in enumerate(scenario.optimize.constraints if scenario.optimize is not None else ()):
        if limit.probability is None:
            continue
        of = searched_by(limit.measure, scenario)
        if not isinstance(of, ByReplication):
            raise InputError(
                f"optimize.constraints.{place}.probability: {limit.measure} is no figure of a single replication; "
                "leave the probability out, or limit another measure"
            )
        sides = (("at least", limit.at_least), ("at most", limit.at_most))
        scale, sign = (100, " %") if of.is_share else (1, "")
        within = " and ".join(f"{words} {scale * side:g}{sign}" for words, side in sides if side is not None)
        found[limit.name] = Chance(
            name=limit.name,
            label=f"Chance that {of.label[0].lower()}{of.label[1:]} is {within}",
            unit=SHARE,
            better="larger",
            range=(0.0, 1.0),
            needs=of.needs,
            definition="",
            of=of,
            at_least=limit.at_least,
            at_most=limit.at_most,
        )
    return found


def with_search(
    scenario: Scenario,
    given: GivenMeasures | None,
    objectives: Sequence[str] | None,
    constraints: Sequence[Mapping[str, Any]] | None,
) -> Scenario:
    """The scenario with measures of a user's own, and what a search of it is for.

    Args:
        scenario: with a section ``optimize``.
        given: measures by name.
        objectives: names of measures, in place of the scenario's.
        constraints: limits as in a scenario, in place of the scenario's.

    Raises:
        InputError: a measure cannot be used, there is none of a name, or a search would not look at it.
    """
    found = with_measures(scenario, given)
    objectives = None if objectives is None else listed("objectives", objectives)
    section = found.optimize
    changes: dict[str, Any] = {
        key: value for key, value in (("objectives", objectives), ("constraints", constraints)) if value is not None
    }
    if section is not None and changes:
        plain = section.model_dump(by_alias=True, warnings=False) | {k: list(v) for k, v in changes.items()}
        found = checked(found.model_copy(update={"optimize": Optimization.model_construct(**plain)}))
    section = found.optimize
    if section is not None:
        named = {*section.objectives, *(limit.measure for limit in section.constraints)}
        for name in found.measures:
            if name not in named:
                raise InputError(f"measures: no objective and no constraint names '{name}', so no search looks at it")
    return found
