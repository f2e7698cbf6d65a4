"""What a member of the network does with goods beside trading them: a part of every agent."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from esc_sim.behaviours.byproducts import excess, taken_in
from esc_sim.behaviours.perish import outlived
from esc_sim.behaviours.produce import stock_gained
from esc_sim.behaviours.recipes import recipe_amount, runs_within
from esc_sim.behaviours.sell import reduced, reduced_cap
from esc_sim.instance.model import NO_ITEM

if TYPE_CHECKING:
    from esc_sim.engine.agents.books import Books, Health, Numbers
    from esc_sim.engine.agents.model import SupplyChainModel


class Making:
    """Running recipes, keeping goods that perish, giving away what nobody ordered.

    Attributes:
        node: the agent's node.
        model: the model that it belongs to.
        books: stocks and money of all members.
        numbers: numbers of the instance, as lists.
        health: what each activity of a node can do now.
        extended: whether the books keep the lists that only some scenarios need.
        perishing: places of the agent's items among the perishable ones.
        recipes: its recipes, in the order in which it runs them.
        maturing: its items that a recipe makes with a lag.
        offering: places of its items among those that are offered.
        leaving: places of its items among those of which customers leave something.
    """

    node: int
    model: SupplyChainModel
    books: Books
    numbers: Numbers
    health: Health
    extended: bool
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
            books.in_process[i] -= done
            books.stock[i] += done
            books.produced[i] += done
        for q in self.recipes:
            runs = self.possible_runs(q)
            if runs > 0.0:
                self.run_recipe(q, runs)

    def possible_runs(self, q: int) -> float:
        """Runs that capacity and health, inputs on hand, room for outputs, and energy allow."""
        books, numbers = self.books, self.numbers
        recipes = numbers.recipes
        runs = reduced_cap(recipes.capacity[q], self.health.produce[self.node], numbers.offset)
        if q in self.model.planner_of_recipe:
            runs = min(runs, self.model.planner_of_recipe[q].runs(q))
        for i, amount in recipes.inputs[q]:
            if not numbers.environment[i]:
                runs = runs_within(runs, books.stock[i], amount)
        for i, amount, limits in recipes.outputs[q]:
            if limits:
                runs = runs_within(runs, numbers.target[i] - books.stock[i] - books.in_process[i], amount)
        if recipes.energy[q] > 0.0:
            runs = runs_within(runs, books.energy[self.node], recipes.energy[q])
        return runs

    def run_recipe(self, q: int, runs: float) -> None:
        """Use the inputs of so many runs and make their outputs."""
        books, numbers, node = self.books, self.numbers, self.node
        recipes, offset = numbers.recipes, numbers.offset
        for i, per_run in recipes.inputs[q]:
            if numbers.environment[i]:
                amount = recipe_amount(per_run, runs, inf, offset)
                books.produced[i] += amount
            else:
                amount = recipe_amount(per_run, runs, books.stock[i], offset)
                books.stock[i] -= amount
            books.consumed[i] += amount
            if self.extended:
                books.requested[i] += amount
                books.filled[i] += amount
        for i, per_run, limits in recipes.outputs[q]:
            most = numbers.target[i] - books.stock[i] - books.in_process[i] if limits else inf
            amount = recipe_amount(per_run, runs, most, offset)
            if recipes.lag[q] > 0:
                books.maturing[(self.model.period + recipes.lag[q]) % len(books.maturing)][i] += amount
                books.in_process[i] += amount
            else:
                books.stock[i] += amount
                books.produced[i] += amount
        energy = recipe_amount(recipes.energy[q], runs, books.energy[node], offset)
        books.energy[node] -= energy
        books.energy_used += energy
        books.recipe_cost[node] += recipes.cost[q] * runs
        books.making_emissions += recipes.emissions[q] * runs
        if self.model.watch is not None:
            self.model.watch.runs[q] += runs
            self.model.watch.energy[q] += energy

    def take_back(self, k: int) -> None:
        """What customers leave of what they bought in this period comes back."""
        books, numbers = self.books, self.numbers
        i = numbers.left[k]
        amount = recipe_amount(numbers.left_share[k], books.served[numbers.bought[k]], inf, numbers.offset)
        books.stock[i] += amount
        books.produced[i] += amount

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
                books.produced[waste] += books.expired[i]
                self.take_in_late(waste, books.expired[i])
            else:
                books.disposal[self.node] += numbers.disposal_cost[i] * books.expired[i]

    def take_in_late(self, item: int, amount: float) -> None:
        """Goods come into stock after the review; if they perish they are fresh at the next."""
        books, perishable_of = self.books, self.numbers.perishable_of
        books.stock[item] += amount
        if perishable_of[item] != NO_ITEM:
            books.late[perishable_of[item]] += amount

    def offer_byproducts(self) -> None:
        """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
        books, numbers = self.books, self.numbers
        for g in self.offering:
            i = numbers.giver[g]
            left = excess(books.stock[i], books.owes[i], numbers.room[i])
            if left <= 0.0:
                continue
            offered = reduced(left, self.health.ship[self.node], numbers.offset)
            for t in range(numbers.taker_start[g], numbers.taker_start[g + 1]):
                amount = self.give(i, t, offered)
                offered -= amount
                left -= amount
            books.stock[i] -= left
            books.disposed[i] += left
            books.disposal[self.node] += numbers.disposal_cost[i] * left

    def give(self, item: int, t: int, offered: float) -> float:
        """Offer goods to one taker; returns what it takes.

        Args:
            item: item that is offered.
            t: number of the taker, among those of all offers.
            offered: units.
        """
        books, numbers = self.books, self.numbers
        takes = numbers.taker[t]
        giver, taker = self.node, numbers.item_node[takes]
        capacity = reduced_cap(numbers.taker_capacity[t], self.health.receive[taker], numbers.offset)
        amount = taken_in(offered, capacity, books.stock[takes], numbers.room[takes])
        if amount <= 0.0:
            return 0.0
        books.stock[item] -= amount
        books.given[item] += amount
        books.taken[takes] += amount
        self.take_in_late(takes, amount)
        if self.model.watch is not None:
            self.model.watch.give(item, takes, amount)
        books.pay(giver, taker, numbers.gate_fee[t] * amount)
        books.procurement[giver] += numbers.haul[t] * amount
        books.making_emissions += numbers.haul_emissions[t] * amount
        return amount
