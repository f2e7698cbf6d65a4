"""Disruptions put beside those of a scenario: as the change that ``run --set`` replays."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from esc_sim.scenario.schema import Scenario


def patch_of(scenario: Scenario, *disruptions: dict[str, Any]) -> str:
    """The change that adds disruptions to those of the scenario, as a 'path=value' text for ``--set``."""
    own = [d.model_dump(mode="json", by_alias=True, exclude_unset=True) for d in scenario.disruptions]
    return f"disruptions={json.dumps([*own, *renamed(scenario, disruptions)])}"


def renamed(scenario: Scenario, disruptions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Disruptions by names that nothing in the scenario has, nor another of them."""
    taken = {d.name for d in scenario.disruptions} | {d.name for d in scenario.joint_disruptions}
    found = []
    for disruption in disruptions:
        name = disruption["name"]
        while name in taken:
            name += "_"
        taken.add(name)
        found.append({**disruption, "name": name})
    return found
