"""Which knowledge of outages a run assumes, in words, and what was ordered from sites that were closed."""

from __future__ import annotations

from typing import Any

from esc_sim.counted import lasting
from esc_sim.scenario.decisions import reviews_continuously
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.joint import JointDisruption
from esc_sim.scenario.laws import Constant, Law
from esc_sim.scenario.schema import Scenario
from esc_sim.written import percent


def known_after_words(scenario: Scenario) -> str:
    """When buyers learn of outages; empty where no disruption hinders what they buy.

    Disruptions that differ from the most of them are named, as in "outages known after 1 day (strike: 7 days)". Buyers
    under continuous review are answered at once, and so know at once.
    """
    usual = scenario.rules.known_after
    all_of_them: list[Disruption | JointDisruption] = [*scenario.disruptions, *scenario.joint_disruptions]
    found = {
        d.name: _known(usual if d.known_after is None else d.known_after, scenario)
        for d in all_of_them
        if d.hinders_buyers
    }
    if not found:
        return ""
    at_once = reviews_continuously(scenario)
    if at_once and all(at_once):
        return "outages known at once, since orders are placed at any time"
    times = list(found.values())
    most = max(times, key=times.count)
    others = [f"{name}: {time.removeprefix('known after ')}" for name, time in found.items() if time != most]
    said = f"outages {most}" + (f" ({', '.join(others)})" if others else "")
    return f"{said}, at once to those who order at any time" if any(at_once) else said


def _known(time: float | Law, scenario: Scenario) -> str:
    if isinstance(time, Constant):
        time = time.value
    if not isinstance(time, float) or 0.0 < time < scenario.run.periods:
        return f"known after {time_words(time, scenario.units.period)}"
    return "known at once" if time == 0.0 else "never known within the run"


def knowledge_line(summary: dict[str, Any]) -> str:
    """Knowledge assumed and orders from closed sites, in a sentence; empty where a summary has none."""
    if "knowledge" not in summary:
        return ""
    said, ordered = summary["knowledge"]["known_after"], summary["knowledge"]["share_from_closed"]
    return f"{said}, {percent(ordered, digits=2)} of orders accepted went to closed sites"


def time_words(time: float | Law, period: str) -> str:
    """A time with its unit, as in "7 days"."""
    if isinstance(time, Constant):
        time = time.value
    if not isinstance(time, float):
        return f"a time drawn ({time.law})"
    return lasting(time, period)


def lasting_words(lasting: tuple[float, float], period: str) -> str:
    """How long things last, the shortest and the longest, as in "7 days" or "2 to 10 days"."""
    shortest, longest = lasting
    words = time_words(float(longest), period)
    return words if shortest == longest else f"{shortest:g} to {words}"
