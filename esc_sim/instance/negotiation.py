"""Instances whose markets negotiate by another protocol, or whose members are of a user's own class."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import FunctionType
from typing import Any

from esc_sim.errors import InputError
from esc_sim.instance.arrange import arrange
from esc_sim.instance.model import Instance
from esc_sim.instance.ranking import Ranking
from esc_sim.negotiations.registry import GivenProtocol, protocol_of


def negotiated(instance: Instance, given: GivenProtocol) -> Instance:
    """The instance with a negotiation protocol.

    Args:
        instance: what is run.
        given: the protocol: a name, a class or an object; or a pure function that ranks suppliers, which both engines
            run (:mod:`esc_sim.instance.ranking`).

    Raises:
        InputError: it is none of these, or orders are reviewed at any time, where no market is held, or new links of
            a cascade are to carry orders, which takes the usual markets.
    """
    if isinstance(given, FunctionType):
        ranked = replace(instance.arcs, ranking=Ranking(given, instance.clock))
        return replace(instance, arcs=ranked, lines=arrange(instance.network, ranked), negotiation=None)
    protocol = protocol_of(given)
    if (protocol or instance.live) and instance.spreading is not None and instance.spreading.links_trade:
        what = "orders and customers at reviews" if protocol is None else "the usual negotiation"
        raise InputError(f"cascade.links_trade: orders over new links take {what}: change that, or leave it at false")
    if protocol is not None and instance.live is not None and instance.live.continuous:
        name = instance.network.item_name(instance.live.continuous[0])
        raise InputError(
            f"negotiation: markets are held at reviews, and '{name}' orders at any time (review: continuous): take the "
            "usual negotiation, or periodic orders"
        )
    return replace(instance, negotiation=protocol)


def check_reachable(instance: Instance) -> None:
    """Refuse classes and functions of a user's own that worker processes cannot find.

    Raises:
        InputError: one was written in a function, a notebook or at a prompt.
    """
    ranking = instance.arcs.ranking
    kinds: set[Any] = {*instance.members.values(), type(instance.negotiation)}
    for kind in kinds if ranking is None else {*kinds, ranking.function}:
        in_main = kind.__module__ == "__main__" and not hasattr(sys.modules["__main__"], "__file__")
        if in_main or "<locals>" in kind.__qualname__:
            raise InputError(
                f"{kind.__name__} cannot be found by other processes: write it at the top of a file and import "
                "it, or leave workers at 1"
            )
