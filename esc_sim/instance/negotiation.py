"""Instances whose markets negotiate by another protocol, or whose members are of a user's own class."""

from __future__ import annotations

import sys
from collections.abc import Iterable
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


def check_reachable(kinds: Iterable[type]) -> None:
    """Refuse classes of a user's own that worker processes cannot find.

    Raises:
        InputError: one was written in a function, a notebook or at a prompt.
    """
    for kind in kinds:
        in_main = kind.__module__ == "__main__" and not hasattr(sys.modules["__main__"], "__file__")
        if in_main or "<locals>" in kind.__qualname__:
            raise InputError(
                f"class {kind.__name__} cannot be found by other processes: write it at the top of a file and import "
                "it, or leave workers at 1"
            )
