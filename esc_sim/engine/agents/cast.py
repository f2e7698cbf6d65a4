"""Which class plays which member."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping

from esc_sim.engine.agents.agents import SupplyAgent
from esc_sim.errors import InputError
from esc_sim.network.model import Network

Members = Mapping[str, type[SupplyAgent]]
"""Classes of agents by role or by node; a node's own class goes before that of its role."""


def cast_of(network: Network, members: Members) -> dict[int, type[SupplyAgent]]:
    """The classes of a user's own, by node.

    Raises:
        InputError: there is no such role or node, or what is given is no class of agents.
    """
    for name, kind in members.items():
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
    found = {}
    for node, (name, role) in enumerate(zip(network.node_ids, network.roles, strict=True)):
        kind = members.get(name) or members.get(role)
        if kind is not None:
            found[node] = kind
    return found


def check_reachable(kinds: Iterable[type], workers: int | None) -> None:
    """Refuse classes that worker processes cannot find.

    Args:
        kinds: classes of a user's own.
        workers: processes that are to run them.

    Raises:
        InputError: one was written in a notebook or at a prompt, and several processes are to run it.
    """
    if workers is None or workers <= 1:
        return
    for kind in kinds:
        if "<locals>" in kind.__qualname__ or (
            kind.__module__ == "__main__" and not hasattr(sys.modules["__main__"], "__file__")
        ):
            raise InputError(
                f"class {kind.__name__} cannot be found by other processes: write it at the top of a file and import "
                "it, or leave workers at 1"
            )
