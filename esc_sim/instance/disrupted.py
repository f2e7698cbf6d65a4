"""An instance with other disruptions: all that they do not touch is as it was."""

from __future__ import annotations

from dataclasses import replace

from esc_sim.instance.hazards import hazards_of
from esc_sim.instance.model import Instance
from esc_sim.instance.spreading import spreading_of
from esc_sim.sampling.clock import clock_of
from esc_sim.scenario.distances import distance_notices
from esc_sim.scenario.schema import Scenario


def with_disruptions(instance: Instance, scenario: Scenario) -> Instance | None:
    """The instance of a scenario that differs from that of another instance in its disruptions alone.

    Args:
        instance: of the other scenario.
        scenario: checked.

    Returns:
        The instance; None where more depends on the disruptions: how finely time is counted, what demands are drawn.
    """
    clock, network = clock_of(scenario), instance.network
    if clock != instance.clock or scenario.joint_disruptions or instance.columns.spreads:
        return None
    channels, effects, triggers = hazards_of(scenario, network, clock)
    spreading, channels, effects = spreading_of(scenario, network, channels, effects, clock)
    return replace(
        instance,
        channels=channels,
        effects=effects,
        triggers=triggers,
        spreading=spreading,
        notices=(*scenario.notices, *distance_notices(scenario)),
    )
