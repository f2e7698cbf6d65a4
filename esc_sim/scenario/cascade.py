"""The section ``cascade`` of a scenario: how failures spread (Li, Zhao, Wang, Mi, APEM 2024)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from esc_sim.fields.parts import Duration, Identifier, Number, Part, Share
from esc_sim.scenario.parts import MOST_NODES

MEASURED: Final = ("throughput", "current_throughput")
"""Loads that are measured in the running model."""


class Competition(Part):
    """Two nodes that compete: each may stand in for the other when it fails."""

    node: Identifier = Field(description="one of them")
    competitor: Identifier = Field(description="the other")


class CascadeRules(Part):
    """Parameters and readings of the underload cascade; docs/background/cascade.md explains each."""

    alpha: Annotated[Number, Field(ge=1, description="upper capacity of a node in units of its initial load")] = 1.05
    beta: Share = Field(
        default=0.86, description="lower capacity: a node hit fails with less than this share of its load"
    )
    tau: Annotated[Number, Field(ge=0, le=10)] = Field(
        default=0.6, description="exponent of the strength of a relation, (L_i L_j)^tau"
    )
    link_probability: Share = Field(
        default=0.5, description="P_t: chance that a node that lost a partner links to a competitor of that partner"
    )
    min_shared: Annotated[int, Field(ge=1, le=MOST_NODES)] = Field(
        default=1, description="partners that two nodes of a role share to be competitors"
    )
    max_competitors: Annotated[int, Field(ge=0, le=MOST_NODES)] = Field(
        default=20, description="competitors that a node keeps, most shared first"
    )
    undirected_competition: bool = Field(
        default=False, description="whoever is listed as a competitor lists the other, too, beyond max_competitors"
    )
    link_to: Literal["best", "all"] = Field(
        default="best",
        description="who offers a new link: the competitor with the most spare capacity, or all that have some",
    )
    link_partners: bool = Field(
        default=True,
        description="new links may go to a node that there is a relation with already, original or made in this "
        "cascade; false: only to others",
    )
    spare_once: bool = Field(
        default=False,
        description="a node grants its spare capacity at most once in a round; false: to each side, up to its limit",
    )
    load_scale: Annotated[Number, Field(ge=1e-9, le=1e9)] = Field(
        default=1.0, description="c, the mean initial load: the unit of recovery budgets"
    )
    spare_above_initial: bool = Field(
        default=True, description="spare capacity counts from the larger of load and initial load; false: from the load"
    )
    strict: bool = Field(
        default=False, description="searches count only nodes that a living supplier reaches along original arcs"
    )
    load: Literal["eigenvector", "throughput", "current_throughput", "stated"] = Field(
        default="eigenvector",
        description="loads: principal eigenvector of the network; what each node states as its `load`; or goods that "
        "pass a node in the running model, measured when the event strikes or at every round anew (agent engine only)",
    )
    seed: Annotated[int, Field(ge=0, lt=2**63, description="of the random numbers of new links")] = 1
    delay: Duration = Field(default=1.0, description="review periods that a round of a cascade takes in a simulation")
    whole_network: bool = Field(
        default=True,
        description="each cascade starts on the whole network; false: every round takes as down whoever is, whatever "
        "put it down (agent engine only)",
    )
    links_trade: bool = Field(
        default=False,
        description="new links of a cascade become arcs of trade, and strengthened relations carry more (agent engine "
        "only)",
    )
    by_hand: bool = Field(
        default=False, description="a node put out of action by hand in a running model fails whole, and that spreads"
    )
