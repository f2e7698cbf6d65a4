"""What `design` reads of a scenario: a fingerprint, equal where a change means nothing to the design."""

from __future__ import annotations

from esc_sim.design.safety_stock.read import chain_of
from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.network.model import network_of
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import Reads


def design_reads(kind: str | None = None) -> Reads:
    """What `design` reads: the section of the chosen kind, and which nodes and arcs there are.

    Args:
        kind: the kind asked for; by default the only one.
    """
    from esc_sim.design.kinds import chosen_kind

    def reads(scenario: Scenario) -> str:
        chosen = chosen_kind(scenario, kind)
        structure = network_of(scenario).structure_hash
        if chosen == "dispatch":
            instance, section = instance_of(scenario), scenario.design and scenario.design.dispatch
            drawn = (instance.triggers, scenario.run.seed) if section and section.outages else ()
            return fingerprint(chosen, structure, instance.power, section, *drawn)
        placing = scenario.design and scenario.design.safety_stock
        if chosen == "safety_stock" and placing:
            return fingerprint(chosen, structure, placing, chain_of(scenario, placing))
        return fingerprint(chosen, structure, getattr(scenario.design, chosen))

    return reads
