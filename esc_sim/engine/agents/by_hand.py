"""What is done to a running model by hand: members put out of action and brought back; a part of every model."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

from esc_sim.errors import InputError

if TYPE_CHECKING:
    from esc_sim.engine.agents.books import Health
    from esc_sim.engine.agents.hazards import Hazards
    from esc_sim.engine.agents.live import LiveAgents
    from esc_sim.engine.agents.spreading import Cascades
    from esc_sim.instance.model import Instance


class ByHand:
    """Disrupting and restoring nodes between two steps, or from what members do."""

    if TYPE_CHECKING:  # what a model has
        instance: Instance
        health: Health
        hazards: Hazards
        cascades: Cascades
        live: LiveAgents | None

        def log_event(self, component: str, what: str, level: float) -> None:
            """Add a line to the event log.

            Args:
                component: what it happened to.
                what: what happened.
                level: share of capacity left.
            """

        def _node(self, name: str) -> int: ...

    def disrupt(self, node: str, health: float = 0.0) -> None:
        """Disrupt a node by hand from now on, until :meth:`restore`.

        A cascade that goes on finds a node whose health is 0 down in its next round. With ``cascade: {by_hand: true}``
        in the scenario such a node fails whole, and that spreads as a disruption with ``cascade: true`` does.

        Args:
            node: its name.
            health: share of what it has that it can still use, from 0 to 1.

        Raises:
            InputError: there is no such node, or the share is none.
        """
        self.close(node, health)
        if health <= 0.0 and not self.cascades.by_hand:
            self.cascades.struck.add(self._node(node))

    def close(self, node: str, health: float = 0.0) -> None:
        """Disrupt a node by hand as a dated disruption does: no cascade that goes on takes note of it.

        With ``cascade: {by_hand: true}`` it spreads all the same.

        Args:
            node: its name.
            health: share of what it has that it can still use, from 0 to 1.

        Raises:
            InputError: there is no such node, or the share is none.
        """
        index = self._node(node)
        if not isinstance(health, Real) or not 0.0 <= health <= 1.0:
            raise InputError(f"disrupt {node}: health: a share from 0 to 1 belongs here, not {health!r}")
        self.cascades.let_back(index)
        self.cascades.struck.discard(index)
        if health <= 0.0 and self.cascades.by_hand:
            self.hazards.restore(index)
            self.cascades.put_out(index)
        else:
            self.hazards.disrupt(index, health)
        self._refresh_health(index)
        self.log_event(node, "disrupted by hand", health)

    def restore(self, node: str) -> None:
        """End what was done to a node by hand; of a node to which nothing was done, whatever disrupts it.

        That is a disruption of the scenario, which recovers as it says, or a cascade. A cascade that goes on finds the
        node alive in its next round. Where a node put out of action by hand set a cascade off, its end is the end of
        that event, and with it all who failed resume.

        Args:
            node: its name.

        Raises:
            InputError: there is no such node.
        """
        index = self._node(node)
        by_hand = self._end_by_hand(index)
        if by_hand or self.hazards.repair(index):
            if index not in self.hazards.nodes_out():
                self.cascades.repaired.append(index)
            self._was_restored(index)

    def reopen(self, node: str) -> None:
        """End what was done to a node by hand as the end of a dated disruption does: no cascade takes note of it.

        Args:
            node: its name.

        Raises:
            InputError: there is no such node.
        """
        index = self._node(node)
        if self._end_by_hand(index):
            self._was_restored(index)

    def _end_by_hand(self, node: int) -> bool:
        self.cascades.struck.discard(node)
        spread = self.cascades.let_back(node)
        return self.hazards.restore(node) or spread

    def _was_restored(self, node: int) -> None:
        self._refresh_health(node)
        self.log_event(self.instance.network.node_ids[node], "restored by hand", 1.0)
        if self.live is not None:
            self.live.wake()

    def _refresh_health(self, node: int) -> None:
        """Work a node's health out anew, from its disruptions and what is done by hand."""
        self.health.ship[node] = 1.0
        self.hazards.refresh()
