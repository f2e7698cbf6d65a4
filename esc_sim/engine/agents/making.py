"""What a member of the network does with goods beside trading them: a part of every agent."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from esc_sim.behaviours.byproducts import excess, taken_in
from esc_sim.behaviours.perish import outlived
from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.recipes import recipe_amount, runs_within
from esc_sim.behaviours.sell import reduced, reduced_cap
from esc_sim.instance.model import NO_ITEM

if TYPE_CHECKING:
    from esc_sim.behaviours.terms import Terms
    from esc_sim.engine.agents.books import Books, Health
    from esc_sim.engine.agents.model import SupplyChainModel


class Making:
    """Running recipes, keeping goods that perish, giving away what nobody ordered.

    Attributes:
        node: the agent's node.
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
            done, slot[i] = slot[i], 0.0
            books.items[i].in_process -= done
            books.items[i].stock += done
            books.items[i].produced += done
        for q in self.recipes:
            runs = self.possible_runs(q)
            if runs > 0.0:
                self.run_recipe(q, runs)

    def possible_runs(self, q: int) -> float:
        """Runs that capacity and health, inputs on hand, room for outputs, and energy allow."""
        books = self.books
        recipes = books.recipes
        runs = reduced_cap(recipes.capacity[q], self.health.produce[self.node], books.offset)
        if q in self.model.planner_of_recipe:
            runs = min(runs, self.model.planner_of_recipe[q].runs(q))
        for i, amount in recipes.inputs[q]:
            if not books.environment[i]:
                runs = runs_within(runs, books.items[i].stock, amount)
        for i, amount, limits in recipes.outputs[q]:
            if limits:
                runs = runs_within(
                    runs, books.items[i].target_stock - books.items[i].stock - books.items[i].in_process, amount
                )
        if recipes.energy[q] > 0.0:
            runs = runs_within(runs, books.nodes[self.node].energy, recipes.energy[q])
        return runs

    def run_recipe(self, q: int, runs: float) -> None:
        """Use the inputs of so many runs and make their outputs."""
        books, node = self.books, self.node
        recipes, offset = books.recipes, books.offset
        for i, per_run in recipes.inputs[q]:
            if books.environment[i]:
                amount = recipe_amount(per_run, runs, inf, offset)
                books.items[i].produced += amount
            else:
                amount = recipe_amount(per_run, runs, books.items[i].stock, offset)
                books.items[i].stock -= amount
            books.items[i].consumed += amount
            if self.terms.tally:
                books.items[i].requested += amount
                books.items[i].filled += amount
        for i, per_run, limits in recipes.outputs[q]:
            most = books.items[i].target_stock - books.items[i].stock - books.items[i].in_process if limits else inf
            amount = recipe_amount(per_run, runs, most, offset)
            if recipes.lag[q] > 0:
                books.maturing[(self.model.period + recipes.lag[q]) % len(books.maturing)][i] += amount
                books.items[i].in_process += amount
            else:
                books.items[i].stock += amount
                books.items[i].produced += amount
        energy = recipe_amount(recipes.energy[q], runs, books.nodes[node].energy, offset)
        books.nodes[node].energy -= energy
        books.sums.energy += energy
        books.nodes[node].recipe_cost += recipes.cost[q] * runs
        books.sums.making_emissions += recipes.emissions[q] * runs
        if self.model.watch is not None:
            self.model.watch.runs[q] += runs
            self.model.watch.energy[q] += energy

    def take_back(self, k: int) -> None:
        """What customers leave of what they bought in this period comes back."""
        books = self.books
        i = books.left[k]
        amount = recipe_amount(books.left_share[k], books.items[books.bought[k]].served, inf, books.offset)
        books.items[i].stock += amount
        books.items[i].produced += amount

    def expire(self) -> None:
        """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
        books = self.books
        for k in self.perishing:
            i, life = books.perishable[k], books.shelf_life[k]
            gained = books.late[k] + stock_gained(books.items[i].received, books.items[i].yield_factor, books.offset)
            gained += books.items[i].produced
            books.late[k] = 0.0
            if life > 1:
                place = books.ring_start[k] + self.model.period % (life - 1)
                books.recent[k] += gained - books.entered[place]
                books.entered[place] = gained
            books.items[i].expired = outlived(books.items[i].stock, books.recent[k])
            books.items[i].stock -= books.items[i].expired
        for k in self.perishing:
            i, waste = books.perishable[k], books.waste[k]
            if waste != NO_ITEM:
                books.items[waste].produced += books.items[i].expired
                self.take_in_late(waste, books.items[i].expired)
            else:
                books.nodes[self.node].disposal_cost += books.disposal_cost[i] * books.items[i].expired

    def take_in_late(self, item: int, amount: float) -> None:
        """Goods come into stock after the review; if they perish they are fresh at the next."""
        books, perishable_of = self.books, self.books.perishable_of
        books.items[item].stock += amount
        if perishable_of[item] != NO_ITEM:
            books.late[perishable_of[item]] += amount

    def offer_byproducts(self) -> None:
        """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
        books = self.books
        for g in self.offering:
            i = books.giver[g]
            left = excess(books.items[i].stock, books.items[i].owes, books.room[i])
            if left <= 0.0:
                continue
            offered = reduced(left, self.health.ship[self.node], books.offset)
            for t in range(books.taker_start[g], books.taker_start[g + 1]):
                amount = self.give(i, t, offered)
                offered -= amount
                left -= amount
            books.items[i].stock -= left
            books.items[i].disposed += left
            books.nodes[self.node].disposal_cost += books.disposal_cost[i] * left

    def give(self, item: int, t: int, offered: float) -> float:
        """Offer goods to one taker; returns what it takes.

        Args:
            item: item that is offered.
            t: number of the taker, among those of all offers.
            offered: units.
        """
        books = self.books
        takes = books.taker[t]
        giver, taker = self.node, books.items[takes].node
        capacity = reduced_cap(books.taker_capacity[t], self.health.receive[taker], books.offset)
        amount = taken_in(offered, capacity, books.items[takes].stock, books.room[takes])
        if amount <= 0.0:
            return 0.0
        books.items[item].stock -= amount
        books.items[item].given += amount
        books.items[takes].taken += amount
        self.take_in_late(takes, amount)
        if self.model.watch is not None:
            self.model.watch.give(item, takes, amount)
        books.pay(giver, taker, books.gate_fee[t] * amount)
        books.nodes[giver].procurement += books.haul[t] * amount
        books.sums.making_emissions += books.haul_emissions[t] * amount
        return amount
