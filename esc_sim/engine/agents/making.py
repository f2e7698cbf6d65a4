"""What a member of the network does with goods beside trading them: a part of every agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.behaviours.byproducts import excess, taken_in
from esc_sim.behaviours.perish import expire, take_in_late
from esc_sim.behaviours.recipes import make_output, mature, possible_runs, spend_on_runs, take_back, use_input
from esc_sim.behaviours.sell import reduced, reduced_cap
from esc_sim.instance.model import NO_ITEM

if TYPE_CHECKING:
    from esc_sim.behaviours.terms import Terms
    from esc_sim.engine.agents.books import Books, Health
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.node import Node


class Making:
    """Running recipes, keeping goods that perish, giving away what nobody ordered.

    Attributes:
        node, money: the agent's node, and its row.
        model: the model that it belongs to.
        books: stocks and money of all members.
        health: what each activity of a node can do now.
        terms: what all behaviours have in common.
        perishing: places of the agent's items among the perishable ones.
        recipes: its recipes, in the order in which it runs them.
        maturing: its items that a recipe makes with a lag.
        offering: places of its items among those that are offered.
        leaving: places of its items among those of which customers leave something.
    """

    node: int
    money: Node
    model: SupplyChainModel
    books: Books
    health: Health
    terms: Terms
    perishing: list[int]
    recipes: list[int]
    maturing: list[int]
    offering: list[int]
    leaving: list[int]

    def prepare_making(self) -> None:
        """Look up what of the network's recipes, perishable goods and offers is the agent's own."""
        making, own = self.model.instance.making, set(self.model.items_of_node[self.node])
        self.perishing = [k for k, i in enumerate(making.perishable.tolist()) if i in own]
        self.recipes = [q for q, node in enumerate(making.recipes.node.tolist()) if node == self.node]
        self.maturing = [i for i in making.recipes.lagged.tolist() if i in own]
        self.offering = [g for g, i in enumerate(making.offers.giver.tolist()) if i in own]
        self.leaving = [k for k, i in enumerate(making.leftovers.bought.tolist()) if i in own]

    def transform(self) -> None:
        """Outputs of earlier runs come in; then the recipes are run, in the order in which they are listed."""
        books = self.books
        for i in self.maturing:
            slot = books.maturing[self.model.period % len(books.maturing)]
            mature(books.items[i], books.items[i], slot[i])
            slot[i] = 0.0
        for q in self.recipes:
            runs = self.possible_runs(q)
            if runs > 0.0:
                self.run_recipe(q, runs)

    def possible_runs(self, q: int) -> float:
        """Runs that capacity and health, inputs on hand, room for outputs, energy, and a rolling plan allow."""
        books, health = self.books, self.health.produce[self.node]
        runs = possible_runs(self.terms, books.making, books.items, books.items, self.money, q, health)
        planner = self.model.planner_of_recipe.get(q)
        return runs if planner is None else min(runs, planner.runs(q))

    def run_recipe(self, q: int, runs: float) -> None:
        """Use the inputs of so many runs and make their outputs."""
        books, making, terms = self.books, self.books.making, self.terms
        for k in range(making.input_start[q], making.input_start[q + 1]):
            item = books.items[making.input_item[k]]
            use_input(terms, making, item, item, k, runs)
        ripening = books.maturing[(self.model.period + making.lag[q]) % len(books.maturing)]
        for k in range(making.output_start[q], making.output_start[q + 1]):
            item = books.items[making.output_item[k]]
            make_output(terms, making, item, item, ripening, q, k, runs)
        energy = spend_on_runs(terms, making, self.money, books.sums, q, runs)
        if self.model.watch is not None:
            self.model.watch.runs[q] += runs
            self.model.watch.energy[q] += energy

    def take_back(self, k: int) -> None:
        """What customers leave of what they bought in this period comes back."""
        books, making = self.books, self.books.making
        take_back(self.terms, books.items[making.left[k]], books.items[making.bought[k]], making.left_share[k])

    def expire(self) -> None:
        """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
        books, making = self.books, self.books.making
        for k in self.perishing:
            item = books.items[making.perishable[k]]
            period = self.model.period
            expire(self.terms, making, item, item, books.late, books.recent, books.entered, period, k)
        for k in self.perishing:
            item, waste = books.items[making.perishable[k]], making.waste[k]
            if waste != NO_ITEM:
                books.items[waste].produced += item.expired
                take_in_late(making, books.items[waste], books.late, item.expired)
            else:
                self.money.disposal_cost += making.disposal_cost[item.index] * item.expired

    def offer_byproducts(self) -> None:
        """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
        books, making = self.books, self.books.making
        for g in self.offering:
            i = making.giver[g]
            left = excess(books.items[i].stock, books.items[i].owes, making.room[i])
            if left <= 0.0:
                continue
            offered = reduced(left, self.health.ship[self.node], books.offset)
            for t in range(making.taker_start[g], making.taker_start[g + 1]):
                amount = self.give(i, t, offered)
                offered -= amount
                left -= amount
            books.items[i].stock -= left
            books.items[i].disposed += left
            books.nodes[self.node].disposal_cost += making.disposal_cost[i] * left

    def give(self, item: int, t: int, offered: float) -> float:
        """Offer goods to one taker; returns what it takes.

        Args:
            item: item that is offered.
            t: number of the taker, among those of all offers.
            offered: units.
        """
        books, making = self.books, self.books.making
        takes = making.taker[t]
        giver, taker = self.node, books.items[takes].node
        capacity = reduced_cap(making.taker_capacity[t], self.health.receive[taker], books.offset)
        amount = taken_in(offered, capacity, books.items[takes].stock, making.room[takes])
        if amount <= 0.0:
            return 0.0
        books.items[item].stock -= amount
        books.items[item].given += amount
        books.items[takes].taken += amount
        take_in_late(making, books.items[takes], books.late, amount)
        if self.model.watch is not None:
            self.model.watch.give(item, takes, amount)
        books.pay(giver, taker, making.gate_fee[t] * amount)
        books.nodes[giver].procurement += making.haul[t] * amount
        books.sums.making_emissions += making.haul_emissions[t] * amount
        return amount
