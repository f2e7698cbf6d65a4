"""What was asked of a scenario, in words: who is disrupted, when and how hard, what buyers know, what was changed."""

from __future__ import annotations

import json
from typing import Any, Final

from esc_sim.counted import enumerated, lasting
from esc_sim.fields.parts import ArcName
from esc_sim.results.knowledge import known_after_words, time_words
from esc_sim.scenario.calendar import calendar_of
from esc_sim.scenario.disruptions import Dates, Disruption
from esc_sim.scenario.dotted import split_change
from esc_sim.scenario.joint import JointDisruption
from esc_sim.scenario.laws import Constant, Law, mean_of
from esc_sim.scenario.path_words import path_words
from esc_sim.scenario.relative import is_written_relative, relative_of
from esc_sim.scenario.schema import Scenario
from esc_sim.written import number, percent

_MOST_NAMED: Final = 4
_MOST_LETTERS: Final = 60


def asked_of(scenario: Scenario) -> dict[str, Any]:
    """What was asked, for the manifest.

    Returns:
        ``disruptions``: a phrase for each; ``is_dated``: whether all of them come at given times; ``known_after``: when
        buyers learn of outages; ``changes``: what was changed against the scenario as it is written, 'path=value';
        ``entries_changed``: how many entries were reached by those of them that name several.
    """
    found = [f"{d.name}: {_hit(d, scenario)}" for d in scenario.disruptions]
    return {
        "disruptions": found + [f"{joint.name}: {_joint(joint)}" for joint in scenario.joint_disruptions],
        "is_dated": not scenario.joint_disruptions and all(d.dates is not None for d in scenario.disruptions),
        "known_after": known_after_words(scenario),
        "changes": list(scenario.changes),
        **({"entries_changed": dict(scenario.entries_changed)} if scenario.entries_changed else {}),
    }


def change_words(change: str) -> str:
    """A change in words: 'nodes.depot.order.mean=72' as "mean order of depot = 72"; a long value is cut."""
    path, value = split_change(change) or (change, "")
    said = _plain(value)
    relative = relative_of(said) if said != value or is_written_relative(said) else None
    if relative is not None and relative.factor:
        return f"{path_words(path)} {said.replace('+-', '-')}"
    return f"{path_words(path)} = {_cut(said)}"


def _plain(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 3]}..."


def _hit(one: Disruption, scenario: Scenario) -> str:
    period = scenario.units.period
    what = one.kind.words(one, _whom(one))
    back = one.recovery.duration
    rest = f", then comes back over {time_words(back, period)}" if back > 0 else ""
    each = "" if one.together else ", each by itself"
    return f"{what}{each}{_when(one, scenario)}{rest}"


def _whom(one: Disruption) -> str:
    parts = [*one.nodes, *(f"all of the region {name}" for name in one.regions)]
    parts += [f"all of the role {name}" for name in one.roles]
    parts += [*(_arc(name) for name in one.arcs), *(f"all routes by {name}" for name in one.modes)]
    parts += [*(f"all routes over {name}" for name in one.lanes), *(f"the bus {name}" for name in one.buses)]
    return enumerated(parts, _MOST_NAMED)


def _arc(name: ArcName) -> str:
    more = ", ".join(filter(None, (name.product, name.mode)))
    return f"the arc {name.supplier} to {name.buyer}" + (f" ({more})" if more else "")


def _when(one: Disruption, scenario: Scenario) -> str:
    period = scenario.units.period
    if one.dates is not None:
        return " " + enumerated([_dated(date, scenario) for date in one.dates], _MOST_NAMED)
    if one.probability is not None:
        return f", with a chance of {percent(one.probability)} each {period}, for {_time(one.duration, period)}"
    assert one.time_between_failures is not None
    assert one.time_to_repair is not None
    between, repair = _time(one.time_between_failures, period), _time(one.time_to_repair, period)
    return f", at random, {between} between failures, for {repair}"


def _dated(date: Dates, scenario: Scenario) -> str:
    period, calendar = scenario.units.period, calendar_of(scenario)
    day = calendar.label(int(date.start)) if calendar is not None else ""
    seen = scenario.run.periods - date.start
    cut = (
        ""
        if seen >= date.duration
        else f", of which the run sees {number(seen)}"
        if seen > 0
        else ", after the run ends"
    )
    return f"from {period} {date.start:g}{f' ({day})' if day else ''} on for {time_words(date.duration, period)}{cut}"


def _time(time: float | Law, period: str) -> str:
    if isinstance(time, float | Constant):
        return time_words(time, period)
    return f"{lasting(mean_of(time), period)} on average"


def _joint(joint: JointDisruption) -> str:
    nodes = dict.fromkeys(
        node for case in joint.cases for name in type(case).model_fields
        if isinstance(levels := getattr(case, name), dict) for node in levels
    )  # fmt: skip
    often = "in each period" if joint.drawn == "period" else "for the whole replication"
    return f"one of {len(joint.cases)} cases, drawn {often}, which hit {enumerated(list(nodes), _MOST_NAMED)}"
