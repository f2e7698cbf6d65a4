"""Instances whose markets negotiate by another protocol, or whose members are of a user's own class."""

from __future__ import annotations

from dataclasses import replace

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.negotiations.registry import GivenProtocol, protocol_of


def negotiated(instance: Instance, given: GivenProtocol) -> Instance:
    """The instance with a negotiation protocol.

    Args:
        instance: what is run.
        given: the protocol: a name, a class or an object.

    Raises:
        InputError: it is no protocol, or orders are reviewed at any time, where no market is held.
    """
    protocol = protocol_of(given)
    if protocol is not None and instance.live is not None and instance.live.continuous:
        name = instance.network.item_name(instance.live.continuous[0])
        raise InputError(
            f"negotiation: markets are held at reviews, and '{name}' orders at any time (review: continuous): take the "
            "usual negotiation, or periodic orders"
        )
    return replace(instance, negotiation=protocol)
