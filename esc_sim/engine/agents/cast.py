"""Which class plays which member."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Final

from esc_sim.engine.agents.agents import Producer, Retailer, SupplyAgent, Trader
from esc_sim.errors import InputError
from esc_sim.fields.names import named
from esc_sim.network.model import Network

Members = Mapping[str, type[SupplyAgent]]
"""Classes of agents by role or by node; a node's own class goes before that of its role."""

_DOES: Final = {Producer: ("produce",), Trader: ("buy",), Retailer: ("buy", "serve final demand")}


def cast_of(network: Network, members: Members) -> dict[int, type[SupplyAgent]]:
    """The classes of a user's own, by node.

    Raises:
        InputError: there is no such role or node, or what is given is no class of agents.
    """
    for name, kind in named("members", members).items():
        if name not in network.roles and name not in network.node_index:
            known = sorted({*network.roles, *network.node_ids})
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"roles are {', '.join(sorted(set(network.roles)))}"
            raise InputError(f"members: there is no role or node '{name}'; {hint}")
        if not isinstance(kind, type) or not issubclass(kind, SupplyAgent):
            raise InputError(
                f"members: {kind!r} for '{name}' is no class of agents: write class {name.title().replace('_', '')}"
                "(esc_sim.SupplyAgent)"
            )
    given = [members.get(name, members.get(role)) for name, role in zip(network.node_ids, network.roles, strict=True)]
    return {node: kind for node, kind in enumerate(given) if kind is not None}


def check_fits(kind: type[SupplyAgent], name: str, buys: bool, makes: bool, retails: bool) -> None:
    """Refuse a class that leaves out what its member must do.

    Args:
        kind: class of the member, with the review of one of the house's classes or one of its own.
        name: of the member.
        buys: whether it has suppliers.
        makes: whether it produces, or runs recipes.
        retails: whether it has final demand.

    Raises:
        InputError: a Trader is to produce, say.
    """
    for base, does in _DOES.items():
        if kind.review is base.review:
            for what, must in (("buy", buys), ("produce", makes), ("serve final demand", retails)):
                if must and what not in does:
                    raise InputError(
                        f"members: a {base.__name__} does not {what}, which {name} must: let class {kind.__name__} be "
                        "a SupplyAgent, which does all"
                    )
