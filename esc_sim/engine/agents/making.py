"""What a member of the network does with goods beside trading them: a part of every agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.behaviours.byproducts import dispose, excess, give, hand_over
from esc_sim.behaviours.perish import become_waste, expire
from esc_sim.behaviours.recipes import make_output, mature, possible_runs, spend_on_runs, take_back, use_input
from esc_sim.behaviours.sell import reduced

if TYPE_CHECKING:
    from esc_sim.behaviours.terms import Terms
    from esc_sim.engine.agents.books import Books, Health
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.making import Giver, Leftover, Perishable, Recipe, RecipePart, Taker
    from esc_sim.fields.node import Node
    from esc_sim.fields.sequences import Rows


class Making:
    """Running recipes, keeping goods that perish, giving away what nobody ordered.

    Attributes:
        node, money: the agent's node, and its row.
        model: the model that it belongs to.
        books: stocks and money of all members.
        health: what each activity of a node can do now.
        terms: what all behaviours have in common.
        perishing: its goods that keep for a time.
        recipes: its recipes, in the order in which it runs them.
        maturing: its items that a recipe makes with a lag.
        offering: its items whose excess is offered.
        leaving: what its customers leave.
    """

    node: int
    money: Node
    model: SupplyChainModel
    books: Books
    health: Health
    terms: Terms
    perishing: list[Perishable]
    recipes: list[Recipe]
    maturing: list[int]
    offering: list[Giver]
    leaving: list[Leftover]

    def prepare_making(self) -> None:
        """Look up what of the network's recipes, perishable goods and offers is the agent's own."""
        making, own = self.books.making, set(self.model.items_of_node[self.node])
        self.perishing = [one for one in self.books.perishables if one.item in own]
        self.recipes = [recipe for recipe in making.recipes if recipe.node == self.node]
        self.maturing = [i for i in making.lagged if i in own]
        self.offering = [giver for giver in making.givers if giver.item in own]
        self.leaving = [one for one in making.leftovers if one.item in own]

    def transform(self) -> None:
        """Outputs of earlier runs come in; then the recipes are run, in the order in which they are listed."""
        books = self.books
        for i in self.maturing:
            slot = books.maturing[self.model.period % len(books.maturing)]
            mature(books.items[i], books.items[i], slot[i])
            slot[i] = 0.0
        for recipe in self.recipes:
            runs = self.possible_runs(recipe)
            if runs > 0.0:
                self.run_recipe(recipe, runs)

    def inputs_of(self, recipe: Recipe) -> Rows[RecipePart]:
        """What a recipe uses."""
        return self.books.making.inputs[recipe.first_input : recipe.end_input]

    def outputs_of(self, recipe: Recipe) -> Rows[RecipePart]:
        """What a recipe makes."""
        return self.books.making.outputs[recipe.first_output : recipe.end_output]

    def possible_runs(self, recipe: Recipe) -> float:
        """Runs that capacity and health, inputs on hand, room for outputs, energy, and a rolling plan allow."""
        books, health = self.books, self.health.produce[self.node]
        runs = possible_runs(self.terms, books.making, recipe, books.items, books.items, self.money, health)
        planner = self.model.planner_of_recipe.get(recipe.index)
        return runs if planner is None else min(runs, planner.runs(recipe.index))

    def run_recipe(self, recipe: Recipe, runs: float) -> None:
        """Use the inputs of so many runs and make their outputs."""
        books, terms = self.books, self.terms
        for part in self.inputs_of(recipe):
            use_input(terms, part, books.items[part.item], books.items[part.item], runs)
        ripening = books.maturing[(self.model.period + recipe.lag) % len(books.maturing)]
        for part in self.outputs_of(recipe):
            make_output(terms, recipe, part, books.items[part.item], books.items[part.item], ripening, runs)
        energy = spend_on_runs(terms, recipe, self.money, books.sums, runs)
        if self.model.watch is not None:
            self.model.watch.runs[recipe.index] += runs
            self.model.watch.energy[recipe.index] += energy

    def take_back(self, leftover: Leftover) -> None:
        """What customers leave of what they bought in this period comes back."""
        take_back(self.terms, leftover, self.books.items)

    def expire(self) -> None:
        """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
        books = self.books
        for one in self.perishing:
            expire(self.terms, one, books.items[one.item], books.items[one.item], books.entered, self.model.period)
        for one in self.perishing:
            become_waste(one, books.items, books.items, books.perishables, self.money)

    def offer_byproducts(self) -> None:
        """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
        books = self.books
        for giver in self.offering:
            item = books.items[giver.item]
            left = excess(item, item)
            if left <= 0.0:
                continue
            offered = reduced(left, self.health.ship[self.node], books.offset)
            for taker in books.making.takers[giver.first_taker : giver.end_taker]:
                amount = self.give(giver, taker, offered)
                offered -= amount
                left -= amount
            dispose(item, item, self.money, left)

    def give(self, giver: Giver, taker: Taker, offered: float) -> float:
        """Offer goods to one taker; returns what it takes.

        Args:
            giver: item that is offered.
            taker: to whom.
            offered: units.
        """
        books, to = self.books, self.books.items[taker.item].node
        items, health = books.items, self.health.receive[to]
        amount = give(self.terms, giver, taker, items, items, books.perishables, offered, health)
        if amount > 0.0:
            hand_over(taker, self.money, books.nodes[to], books.sums, amount)
            if self.model.watch is not None:
                self.model.watch.give(giver.item, taker.item, amount)
        return amount
