"""Disruptions: whom they hit and when; what they do there is up to their kind (``esc_sim.disruptions``)."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from esc_sim.disruptions.kind import Hit, Kind
from esc_sim.disruptions.registry import Effects, check, is_learnt, kind_of, touched_by
from esc_sim.fields.parts import Moment, Part, PositiveDuration, Share
from esc_sim.scenario.parts import DurationOrLaw, LawOfTime, PositiveDurationOrLaw


class Dates(Part):
    """A dated event: from ``start`` on for ``duration``, or until it is over at ``end``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Dates(start=60, duration=21).duration
        21.0
        >>> esc.Dates(start=60, end=81).duration
        21.0
    """

    start: Moment = Field(description="when it begins")
    duration: PositiveDuration = Field(  # type: ignore[assignment] # it is there once `end` has been read
        default=None, description="how long it lasts, unless `end` says it"
    )
    end: Moment | None = Field(
        default=None, description="first time at which it is over, instead of `duration`; once read, that is given"
    )

    @model_validator(mode="before")
    @classmethod
    def _lasts(cls, values: Any) -> Any:
        """Puts the duration in place of the end."""
        if not isinstance(values, dict) or values.get("end") is None:
            return values
        rest = {key: value for key, value in values.items() if key != "end"}
        start, end = rest.get("start"), values["end"]
        if "duration" in rest:
            raise ValueError("'duration' and 'end' say the same: keep one")
        if not all(isinstance(time, int | float) for time in (start, end)):
            return values
        if end <= start:
            raise ValueError(f"it ends at {end:g}, not after its start at {start:g}")
        return {**rest, "duration": end - start}

    @model_validator(mode="after")
    def _has_length(self) -> Dates:
        if self.duration is None:
            raise ValueError("say how long it lasts: give 'duration', or 'end'")
        return self


class When(Hit):
    """Whom it hits and when."""

    together: bool = Field(
        default=True, description="one event hits all targets; false: each target has events of its own"
    )
    probability: Share | None = Field(default=None, description="chance that an event begins at a review")
    duration: PositiveDurationOrLaw = Field(default=1.0, description="length of an event drawn by probability")
    time_between_failures: LawOfTime | None = Field(
        default=None, description="from the end of a repair to the next failure"
    )
    time_to_repair: LawOfTime | None = Field(default=None, description="from a failure to its repair")
    dates: list[Dates] | None = Field(default=None, description="events at given times")


class Disruption(Effects, When):
    """Something that goes wrong: who is hit, when, how hard, and what it stops.

    Targets are ``nodes``, ``regions``, ``roles`` (their nodes), ``arcs``, ``modes``, ``lanes`` (their arcs) or
    ``buses``; which of them, and what happens there, is up to the kind that the keys name, ``health`` unless they name
    another. Exactly one of ``probability``, ``time_between_failures``, ``dates`` says when.

    Examples:
        >>> import esc_sim as esc
        >>> dates = [esc.Dates(start=60, duration=21)]
        >>> strike = esc.Disruption(name="strike", nodes=["factory"], dates=dates, health=0.1)
        >>> strike.kind.name, strike.names_nodes, strike.names_arcs, strike.hinders_buyers
        ('health', True, False, True)
    """

    known_after: DurationOrLaw | None = Field(
        default=None,
        description="when buyers learn of an event, and of its end: so long after it; default that of rules",
    )

    @model_validator(mode="after")
    def _one_law_and_targets(self) -> Disruption:
        ways = [self.probability is not None, self.time_between_failures is not None, self.dates is not None]
        if sum(ways) != 1:
            raise ValueError("give exactly one of probability, time_between_failures, dates")
        if (self.time_between_failures is None) != (self.time_to_repair is None):
            raise ValueError("time_between_failures and time_to_repair go together")
        if not (self.names_nodes or self.names_arcs or self.buses):
            raise ValueError("name what is hit: nodes, regions, roles, arcs, modes, lanes or buses")
        check(self)
        if self.known_after is not None and not self.hinders_buyers:
            raise ValueError("known_after is for what buyers are to learn of: arcs, or nodes that cannot ship")
        return self

    @property
    def kind(self) -> Kind:
        """What it does."""
        return kind_of(self)

    @property
    def hinders_buyers(self) -> bool:
        """Whether it hits what contracts rest on: arcs, or what nodes can ship."""
        touched = touched_by(self)
        at_nodes = touched.get("node", ()) if self.names_nodes else ()
        return is_learnt(at_nodes + (touched.get("arc", ()) if self.names_arcs else ()))
