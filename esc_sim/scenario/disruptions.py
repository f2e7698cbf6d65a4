"""Disruptions: whom they hit, when, how hard, and what they stop; ``joint`` has those drawn from a table of cases."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from esc_sim.fields.parts import Amount, Duration, Identifier, Part, PositiveDuration, Share
from esc_sim.scenario.parts import Activity, ArcName, DurationOrLaw, LawOfTime, PositiveDurationOrLaw, Supply


class Dates(Part):
    """A dated event: from ``start`` for ``duration`` periods."""

    start: Duration
    duration: PositiveDuration


class Recovery(Part):
    """Gradual return from the disrupted health to 1 after the event's end."""

    duration: Duration = Field(0.0, description="review periods until full health")
    shape: Literal["linear", "slow_start", "fast_start"] = Field("linear", description="shape of the return")


class Disruption(Part):
    """Something that goes wrong: who is hit, when, how hard, and what it stops.

    Targets are ``nodes``, ``regions``, ``roles`` (their nodes), ``arcs``, ``buses``, or, with ``demand_factor``, the
    final demand of the nodes named. Exactly one of ``probability``, ``time_between_failures``, ``dates`` says when.
    """

    name: Identifier
    nodes: list[Identifier] = Field([], description="ids of nodes hit")
    regions: list[Identifier] = Field([], description="regions all of whose nodes are hit")
    roles: list[Identifier] = Field([], description="roles all of whose nodes are hit")
    arcs: list[ArcName] = Field([], description="arcs hit")
    buses: list[Identifier] = Field([], description="buses of the section power that lose the grid")
    together: bool = Field(True, description="one event hits all targets; false: each target has events of its own")
    probability: Share | None = Field(None, description="chance that an event begins at a review")
    duration: PositiveDurationOrLaw = Field(1.0, description="length of an event drawn by probability")
    time_between_failures: LawOfTime | None = Field(None, description="from the end of a repair to the next failure")
    time_to_repair: LawOfTime | None = Field(None, description="from a failure to its repair")
    dates: list[Dates] | None = Field(None, description="events at given times")
    health: Share = Field(0.0, description="share of capacity left while it lasts")
    recovery: Recovery = Field(Recovery(), description="gradual return to full health after an event")
    stops: list[Activity | Supply] = Field(
        ["ship"], description="what the nodes hit cannot do; what buses lose: grid (default), or grid and lines"
    )
    demand_factor: Amount | None = Field(None, description="final demand is multiplied by this while it lasts")
    in_transit: Literal["hold", "reroute", "lose"] = Field("hold", description="goods on an arc that is out")
    detour: Duration = Field(1.0, description="extra time of goods that are rerouted")
    known_after: DurationOrLaw | None = Field(
        None, description="when buyers learn of an event, and of its end: so long after it; default that of rules"
    )
    cascade: bool = Field(False, description="the failure spreads (section cascade); failed nodes stop all their trade")

    @model_validator(mode="after")
    def _one_law_and_targets(self) -> Disruption:
        ways = [self.probability is not None, self.time_between_failures is not None, self.dates is not None]
        if sum(ways) != 1:
            raise ValueError("give exactly one of probability, time_between_failures, dates")
        if (self.time_between_failures is None) != (self.time_to_repair is None):
            raise ValueError("time_between_failures and time_to_repair go together")
        if not (self.nodes or self.regions or self.roles or self.arcs or self.buses):
            raise ValueError("name what is hit: nodes, regions, roles, arcs or buses")
        self._check_buses()
        if self.demand_factor is not None and self.arcs:
            raise ValueError("demand_factor is for nodes, not for arcs")
        if self.cascade:
            self._check_cascade()
        if self.known_after is not None and not self.hinders_buyers:
            raise ValueError("known_after is for what buyers are to learn of: arcs, or nodes that cannot ship")
        return self

    @property
    def hinders_buyers(self) -> bool:
        """Whether it hits what contracts rest on: arcs, or what nodes can ship."""
        if self.demand_factor is not None or self.buses:
            return False
        return bool(self.arcs) or self.cascade or "ship" in self.stops

    def _check_buses(self) -> None:
        supply = [what for what in self.stops if what in get_args(Supply)]
        if not self.buses:
            if supply:
                raise ValueError(f"only buses lose the {supply[0]}: name buses")
            return
        if self.nodes or self.regions or self.roles or self.arcs:
            raise ValueError("what hits buses hits them alone: give nodes and arcs a disruption of their own")
        if self.health > 0 or self.recovery.duration > 0 or self.demand_factor is not None or self.cascade:
            raise ValueError("a bus loses its grid whole: leave out health, recovery, demand_factor and cascade")
        if self.stops != ["ship"] and (len(supply) < len(self.stops) or "grid" not in supply):
            raise ValueError("buses can lose the grid, or grid and lines: stops: [grid] or [grid, lines]")

    def _check_cascade(self) -> None:
        if self.arcs or self.demand_factor is not None:
            raise ValueError("a cascade starts at nodes that fail: leave out arcs and demand_factor")
        if self.health > 0:
            raise ValueError("a cascade starts at nodes that fail: leave health at 0")
        if self.stops not in (["ship"], list(get_args(Activity))):
            raise ValueError("a cascade stops all trade of a failed node: leave out stops")
