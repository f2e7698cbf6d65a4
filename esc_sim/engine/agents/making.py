"""What a member of the network does with goods beside trading them: a part of every agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.instance.model import NO_ITEM
from esc_sim.rules.perish import outlived
from esc_sim.rules.produce import stock_gained

if TYPE_CHECKING:
    from esc_sim.engine.agents.books import Books, Numbers
    from esc_sim.engine.agents.model import SupplyChainModel


class Making:
    """Keeping goods.

    Attributes:
        perishing: places of the agent's items among the perishable ones.
    """

    node: int
    model: SupplyChainModel
    books: Books
    numbers: Numbers
    perishing: list[int]

    def expire(self) -> None:
        """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
        books, numbers = self.books, self.numbers
        for k in self.perishing:
            i, life = numbers.perishable[k], numbers.shelf_life[k]
            gained = books.late[k] + stock_gained(books.received[i], numbers.yield_factor[i], numbers.offset)
            gained += books.produced[i]
            books.late[k] = 0.0
            if life > 1:
                place = numbers.ring_start[k] + self.model.period % (life - 1)
                books.recent[k] += gained - books.entered[place]
                books.entered[place] = gained
            books.expired[i] = outlived(books.stock[i], books.recent[k])
            books.stock[i] -= books.expired[i]
        for k in self.perishing:
            i, waste = numbers.perishable[k], numbers.waste[k]
            if waste != NO_ITEM:
                self.take_in_late(waste, books.expired[i])
            else:
                books.disposal[self.node] += numbers.disposal_cost[i] * books.expired[i]

    def take_in_late(self, item: int, amount: float) -> None:
        """Goods come into stock after the review; if they perish they are fresh at the next."""
        books, perishable_of = self.books, self.numbers.perishable_of
        books.stock[item] += amount
        books.produced[item] += amount
        if perishable_of[item] != NO_ITEM:
            books.late[perishable_of[item]] += amount
