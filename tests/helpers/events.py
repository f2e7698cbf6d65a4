"""Disruption events of a replication, drawn one at a time as the scenario format states them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

import networkx as nx

from esc_sim.cascade.scenario import cascade_of
from esc_sim.network.model import network_of
from esc_sim.scenario.cascade import CascadeRules
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.joint import JointDisruption
from esc_sim.scenario.schema import Scenario
from tests.helpers.chances import Chances, time_of
from tests.recovery import oracle

ALL = ["ship", "receive", "produce", "retail", "order"]


@dataclass
class Event:
    """One disruption event on its targets; ``channels`` are (activity, node) or ('arc', arc number)."""

    number: int
    channels: list[tuple[str, Any]]
    start: Fraction
    end: Fraction
    source: Disruption
    known_after: Fraction

    def level(self, time: int | Fraction) -> Fraction:
        """Share of capacity (or factor of demand) that this event leaves."""
        d = self.source
        factors = [f for f in (d.demand_factor, d.lead_time_factor, d.price_factor) if f is not None]
        low = Fraction(factors[0] if factors else d.health)
        recovery = time_of(d.recovery.duration)
        if not self.start <= time < self.end + recovery:
            return Fraction(1)
        if time < self.end:
            return low
        done = (time - self.end) / recovery
        gone = {"linear": done, "slow_start": done**2, "fast_start": 1 - (1 - done) ** 2}[d.recovery.shape]
        return low + (1 - low) * gone

    def known(self, time: int) -> Fraction:
        """What buyers know of it: how it was so long ago as news takes, unless it was over when the first came."""
        recovery = Fraction(round(self.source.recovery.duration * 2**20), 2**20)
        is_heard = self.start + self.known_after < self.end + recovery
        return self.level(time - self.known_after) if is_heard else Fraction(1)


@dataclass
class CaseEvent:
    """What a case of a joint disruption sets, as long as it holds."""

    channels: list[tuple[str, Any]]
    start: int
    end: int
    low: Fraction
    known_after: Fraction

    def level(self, time: int | Fraction) -> Fraction:
        """Share of capacity, or factor."""
        return self.low if self.start <= time < self.end else Fraction(1)

    def known(self, time: int) -> Fraction:
        """What buyers know of it; a case of a single period is over before the news of it comes, if that takes one."""
        is_heard = self.start + self.known_after < self.end
        return self.level(time - self.known_after) if is_heard else Fraction(1)


def case_events(scenario: Scenario, chances: Chances) -> list[CaseEvent]:
    """What the cases drawn in a replication set, period by period."""
    return [
        event
        for law in scenario.joint_disruptions
        for start, end in (
            [(t, t + 1) for t in range(scenario.run.periods)] if law.drawn == "period" else [(0, scenario.run.periods)]
        )
        for event in _one_case(law, scenario.rules.known_after, chances, start, end)
    ]


def _one_case(law: JointDisruption, usual: Any, chances: Chances, start: int, end: int) -> list[CaseEvent]:
    drawn = chances.uniform(f"joint/{law.name}", start)
    whole = sum(Fraction(case.probability) for case in law.cases)
    passed = Fraction(0)
    chosen = law.cases[-1]
    for case in law.cases:
        passed += Fraction(case.probability)
        if drawn < passed / whole:
            chosen = case
            break
    groups = [(law.stops, chosen.health), (["price_factor"], chosen.price), (["demand"], chosen.demand)]
    groups.append((["lead_time"], chosen.lead_time))
    news = chances.news(usual if law.known_after is None else law.known_after, f"joint/{law.name}", start)
    return [
        CaseEvent([(what, node) for what in kinds], start, end, Fraction(level), news)
        for kinds, levels in groups
        for node, level in levels.items()
    ]


def events_of(scenario: Scenario, chances: Chances) -> list[Event]:
    """All events of a replication, disruption by disruption."""
    found = []
    first = scenario.products[0].id
    for number, d in enumerate(scenario.disruptions):
        hit: list[tuple[str, list[tuple[str, Any]]]] = []
        for n in scenario.nodes:
            if n.id in d.nodes or n.region in d.regions or n.role in d.roles:
                stopped = ["demand"] if d.demand_factor is not None else ALL if d.cascade else d.stops
                stopped = ["lead_time"] if d.lead_time_factor is not None else stopped
                stopped = ["price_factor"] if d.price_factor is not None else stopped
                hit.append((n.id, [(what, n.id) for what in stopped]))
        for wanted in d.arcs:
            arcs = [
                k for k, a in enumerate(scenario.arcs)
                if (wanted.buyer, wanted.supplier) == (a.buyer, a.supplier)
                and wanted.product in (None, a.product or first)
            ]  # fmt: skip
            name = f"{wanted.buyer}/{wanted.supplier}" + (f"/{wanted.product}" if wanted.product else "")
            hit.append((name, [("arc" if d.lead_time_factor is None else "arc_lead_time", k) for k in arcs]))
        groups = [("", [c for _, channels in hit for c in channels])] if d.together else hit
        for name, channels in groups:
            stream = f"disruption/{d.name}" + (f"/{name}" if name else "")
            known_after = scenario.rules.known_after if d.known_after is None else d.known_after
            for place, start, end in chances.spans(d, stream, scenario.run.periods):
                found.append(Event(number, channels, start, end, d, chances.news(known_after, stream, place)))
    return found + _cascades(scenario, [event for event in found if event.source.cascade])


def slowed_arcs(scenario: Scenario) -> set[int]:
    """Arcs whose lead time some disruption may multiply."""
    nodes = {name for law in scenario.joint_disruptions for case in law.cases
             for name, factor in case.lead_time.items() if factor != 1}  # fmt: skip
    found = set()
    for d in scenario.disruptions:
        if d.lead_time_factor is not None:
            nodes |= {n.id for n in scenario.nodes if n.id in d.nodes or n.region in d.regions or n.role in d.roles}
            for k, arc in enumerate(scenario.arcs):
                product = arc.product or scenario.products[0].id
                if any((w.buyer, w.supplier) == (arc.buyer, arc.supplier) and w.product in (None, product)
                       for w in d.arcs):  # fmt: skip
                    found.add(k)
    return found | {k for k, arc in enumerate(scenario.arcs) if arc.supplier in nodes}


def _cascades(scenario: Scenario, events: list[Event]) -> list[Event]:
    """What the cascades of these events stop, by the networkx oracle; events of one moment spread together."""
    rules = scenario.cascade or CascadeRules()
    ids = [node.id for node in scenario.nodes]
    graph = nx.DiGraph()
    graph.add_nodes_from((k, {"role": node.role}) for k, node in enumerate(scenario.nodes))
    graph.add_edges_from((ids.index(arc.supplier), ids.index(arc.buyer)) for arc in scenario.arcs)
    parameters = oracle.Parameters(**{f.name: getattr(rules, f.name) for f in fields(oracle.Parameters)})
    found = []
    for start in sorted({event.start for event in events}):
        together = [event for event in events if event.start == start]
        longest = min(together, key=lambda event: (-event.end, event.number))
        removed = {ids.index(node) for event in together for _, node in event.channels}
        # Eigenvectors agree to rounding only, so the loads are those under test.
        loads = dict(enumerate(cascade_of(scenario, network_of(scenario)).loads.tolist()))
        outcome = oracle.cascade(graph, loads, removed, set(), rules.seed, parameters)
        for number, failed in enumerate(outcome.failed_in, start=1):
            begin = start + number * time_of(rules.delay)
            if failed and begin < longest.end:
                channels = [(what, ids[node]) for node in failed for what in ALL]
                found.append(Event(longest.number, channels, begin, longest.end, longest.source, longest.known_after))
    return found
