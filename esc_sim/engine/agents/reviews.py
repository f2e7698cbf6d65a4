"""The reviews of all members: what has to be called in a period is looked up once, when the model is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esc_sim.engine.agents.agents import SupplyAgent

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Reviews:
    """Steps 1 to 5 of a review period.

    They go member by member where a member has a class of its own. Else all members receive, then all produce and so
    on: where they share power, or orders planned before demand look at others' books, that is how it must be, and where
    each touches its own books alone it comes to the same, in less time.
    """

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model
        self.members = members = model.members
        early = model.instance.orders.early_items.tolist()
        depend = model.farms or any(model.books.echelons[i] or i in model.planner_of for i in early)
        plain = not model.planners and all(type(member) is SupplyAgent for member in members)
        self.by_phase = depend or plain or model.microgrids is not None

        def steps(name: str, *work: str) -> list[Any]:
            """A step of all members who have work in it, or do it in a way of their own."""
            own = getattr(SupplyAgent, name)
            return [
                getattr(member, name)
                for member in members
                if getattr(type(member), name) is not own or any(getattr(member, part) for part in work)
            ]

        self.receive, self.produce = steps("receive", "bought"), steps("produce", "made")
        self.transform = steps("transform", "maturing", "recipes")
        self.open_book, self.order = steps("open_book", "items"), steps("order", "drawn", "early")
        self.serve = steps("serve", "retailed", "leaving")

    def hold(self, draws: list[float]) -> None:
        """Let all members review their stock, and what belongs to it.

        Args:
            draws: the tape's row of the period.
        """
        if self.by_phase:
            self._hold_by_phase(draws)
        else:
            for member in self.members:
                member.review(draws)

    def _hold_by_phase(self, draws: list[float]) -> None:
        model = self.model
        for receive in self.receive:
            receive()
        for produce in self.produce:
            produce(draws)
        if model.farms:
            for member in self.members:
                member.grow(draws)
        if model.microgrids is not None:
            model.microgrids.supply(draws)
        for transform in self.transform:
            transform()
        if model.farms:
            model.nutrients.hold()
            for member in self.members:
                member.fertilise()
        for open_book in self.open_book:
            open_book()
        for order in self.order:
            order(draws)
        for serve in self.serve:
            serve(draws)
