"""The transaction model worked out step by step, as docs and paper state it, in exact fractions.

It shares nothing with ``esc_sim.behaviours``, the engines, the instance or the sampling, but for the ticks to which
drawn times are rounded: it reads a checked scenario, draws
with ``numpy.random.Philox`` and ``scipy.stats``, scans plain lists where the engines use sorted lines, and keeps each
shipment by itself. Slow and simple on purpose: what the engines give is compared with this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, inf, isinf
from typing import Any

from esc_sim.policies.mean import MeanOrder
from esc_sim.sampling.clock import clock_of
from esc_sim.scenario.schema import Scenario, StockData
from tests.helpers.chances import Chances, time_of
from tests.helpers.events import case_events, events_of, slowed_arcs

Item = tuple[str, str]
"""(node, product)."""


@dataclass
class Shipment:
    """Goods under way on an arc."""

    arc: int
    amount: Fraction
    sent: int
    due: Fraction
    lost_at: Fraction | None


@dataclass
class Period:
    """What a period brought, by item or node."""

    stock: dict[Item, Fraction]
    in_transit: dict[Item, Fraction]
    backlog: dict[Item, Fraction]
    ordered: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    contracted: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    shipped: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    received: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    produced: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    served: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    demanded: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    filled: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    lost_demand: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    overdue: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    health: dict[str, Fraction] = field(default_factory=dict)
    income: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    procurement: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    storage: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    penalty: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    shortage: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    fixed: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    disposal: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    running: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    in_process: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    consumed: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    given: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    taken: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    disposed: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    energy: Fraction = Fraction(0)
    expired: dict[Item, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    lost: Fraction = Fraction(0)
    contracted_from_closed: Fraction = Fraction(0)
    emissions: Fraction = Fraction(0)

    def cost(self, node: str) -> Fraction:
        """E = B + C + D, and the costs of what is unmet or owed, of orders, of recipes, of disposal."""
        own = self.procurement[node] + self.storage[node] + self.penalty[node]
        return own + self.shortage[node] + self.fixed[node] + self.running[node] + self.disposal[node]


class ByHand:
    """One replication of a scenario. Afterwards ``periods`` holds what every period brought."""

    def __init__(self, scenario: Scenario, seed: int, replication: int = 0, disrupted: bool = True) -> None:
        self.scenario = scenario
        self.chances = Chances(seed, replication, clock_of(scenario).ticks)
        default = scenario.products[0].id
        self.products = [p.id for p in scenario.products]
        self.nodes = [n.id for n in scenario.nodes]
        found: dict[Item, StockData] = {(n.id, n.product or default): n for n in scenario.nodes}
        found |= {(s.node, s.product): s for s in scenario.stocks}
        self.buyer = [(a.buyer, a.product or default) for a in scenario.arcs]
        self.supplier = [(a.supplier, a.product or default) for a in scenario.arcs]
        for end in self.buyer + self.supplier:
            found.setdefault(end, StockData())
        for (node, _), data in list(found.items()):
            for product in data.demand.leftovers if data.demand else ():
                found.setdefault((node, product), StockData())
            if data.waste is not None:
                found.setdefault((node, data.waste), StockData())
        for recipe in scenario.recipes:
            for product in (*recipe.inputs, *recipe.outputs, *recipe.byproducts):
                found.setdefault((recipe.node, product), StockData())
        for taker in scenario.takers:
            found.setdefault((taker.giver, taker.product), StockData())
            found.setdefault((taker.taker, taker.product), StockData())
        self.environment = {p.id for p in scenario.products if p.environment}
        order = sorted(found, key=lambda i: (self.nodes.index(i[0]), self.products.index(i[1])))
        self.items = {item: found[item] for item in order}
        self.rank = {item: i for i, item in enumerate(order)}
        self.markets = self._markets(default)
        self.stock = {item: self._grid(data.initial_stock) for item, data in self.items.items()}
        self.maturing: list[tuple[int, Item, Fraction]] = []
        """What recipes will have made: when, what, how much."""
        self.ages = {item: [self.stock[item]] for item in self.items}
        """What is on hand of each age in periods, the freshest first."""
        self.backlog: dict[Item, Fraction] = dict.fromkeys(self.items, Fraction(0))
        self.queue: dict[Item, list[list[Fraction]]] = {item: [] for item in self.items}
        """What customers wait for: since when, how much."""
        self.waiting: dict[Item, Fraction] = dict.fromkeys(self.items, Fraction(0))
        self.under_way: list[Shipment] = []
        self.last_due: dict[int, Fraction] = {}
        self.arc_total = [Fraction(0)] * len(scenario.arcs)
        self.owed = [Fraction(0)] * len(scenario.arcs)
        self.first_come = scenario.rules.allocation == "first_come"
        self.aged = self.first_come and scenario.rules.unmet_orders == "backorder"
        self.parts: list[list[list[Fraction]]] = [[] for _ in scenario.arcs]
        """What is owed on each arc: since when, how much; the oldest first. Only where that decides who is served."""
        self.events = events_of(scenario, self.chances) if disrupted else []
        self.slowed = slowed_arcs(scenario)
        self.cases = case_events(scenario, self.chances) if disrupted else []
        self.periods: list[Period] = []
        for time in range(scenario.run.periods):
            self._review(time)

    def _grid(self, amount: Any) -> Fraction:
        size = 2**self.scenario.rules.goods_quantum
        return Fraction(round(Fraction(amount) * size), size)

    def _markets(self, default: str) -> list[list[int]]:
        """Arcs of each market, in the order of negotiation."""
        s = self.scenario
        if s.markets:
            return [[k for k, a in enumerate(s.arcs) if (a.market or s.markets[0].id) == m.id] for m in s.markets]
        layer = {n.id: n.layer for n in s.nodes}
        found = []
        for product in self.products:
            mine = [k for k, a in enumerate(s.arcs) if (a.product or default) == product]
            steps = [(layer[s.arcs[k].buyer], layer[s.arcs[k].supplier]) for k in mine]
            if all(low is not None and high == low + 1 for low, high in steps):
                found += [[k for k in mine if layer[s.arcs[k].buyer] == low] for low, _ in sorted(set(steps))]
            else:
                found.append(mine)
        return found

    def _level(self, kind: str, target: Any, time: int) -> Fraction:
        levels = [event.level(time) for event in (*self.events, *self.cases) if (kind, target) in event.channels]
        if kind not in ("demand", "price_factor", "lead_time", "arc_lead_time"):
            return min(levels, default=Fraction(1))
        product = Fraction(1)
        for level in levels:
            product *= level
        return product

    def _known(self, kind: str, target: Any, time: int) -> Fraction:
        """The health that buyers know of."""
        events = [event for event in (*self.events, *self.cases) if (kind, target) in event.channels]
        return min((event.known(time) for event in events), default=Fraction(1))

    def _unforeseen(self, kind: str, target: Any, time: int) -> Fraction:
        """The share of what was contracted that the health leaves, where it is worse than buyers knew."""
        level, known = self._level(kind, target, time), self._known(kind, target, time)
        return Fraction(1) if known <= level else Fraction(float(level) / float(known))

    def _share(self, share: Fraction | float, amount: Fraction) -> Fraction:
        """A product as the machine gives it, on the grid: 0.35 * 10 lies half-way between two halves, or just below."""
        return self._grid(float(share) * float(amount))

    def _less(self, amount: Fraction, kind: str, node: str, time: int) -> Fraction:
        return self._share(self._level(kind, node, time), amount)

    def _name(self, item: Item) -> str:
        return item[0] if item[1] == self.products[0] else f"{item[0]}/{item[1]}"

    def _drawn(self, what: str, item: Item, part: Any, time: int) -> Fraction:
        law = getattr(part, "law", None)
        if law is None and not part.sd:
            return self._grid(part.mean or 0)
        uniform = self.chances.uniform(f"{what}/{self._name(item)}", time)
        if law is None:
            return max(Fraction(0), self._grid(part.mean + part.sd * self.chances.normal(uniform)))
        return self._grid(self.chances.value(law, uniform))

    def _review(self, time: int) -> None:
        now, rules = Period({}, {}, {}), self.scenario.rules
        self._arrivals(time, now)
        self._production(time, now)
        self._recipes(time, now)
        limit = {i: max(Fraction(0), self.stock[i] - self._grid(d.safety_stock)) for i, d in self.items.items()}
        limit = {i: min(most, self._capacity(i)) for i, most in limit.items()}
        if rules.holding_cost_timing == "review":
            self._storage(now)
        wanted = {i: self._mean_order(i, time, now) for i in set(self.buyer) if self._order(i).policy == "mean"}
        replenished = set(self.buyer) - set(wanted)
        if rules.sequence == "order_before_demand":
            wanted |= {i: self._replenish(i, time, now, {}) for i in replenished}
        self._final_demand(time, now, limit)
        self._leftovers(now)
        owed_limit, owed_caps = self._offered(time, now, limit, known=False)
        limit, caps = self._offered(time, now, limit, known=True)
        kept: dict[int, Fraction] = {}
        if rules.unmet_orders == "backorder":
            kept = self._keep_owed(owed_limit, owed_caps, limit)
        room = {k: max(Fraction(0), cap - kept.get(k, 0)) for k, cap in caps.items()}
        contracts: dict[int, Fraction] = {}
        for arcs in self.markets:
            for item in {self.buyer[k] for k in arcs} - set(wanted):
                wanted[item] = self._replenish(item, time, now, contracts)
            for k in kept.keys() & set(arcs):
                self.owed[k] -= kept[k]
                contracts[k] = kept[k]
            self._negotiate(arcs, wanted, limit, caps, room, contracts)
            if rules.unmet_orders == "backorder":
                self._owe_the_rest(arcs, wanted, time)
        self._ship(time, now, contracts, kept)
        self._expire(now)
        self._offer(time, now)
        if rules.holding_cost_timing == "end":
            self._storage(now)
        for k, owed in enumerate(self.owed):
            now.shortage[self.supplier[k][0]] += Fraction(self.items[self.supplier[k]].backorder_cost) * owed
        now.health = {node: self._level("ship", node, time) for node in self.nodes}
        now.stock, now.backlog = dict(self.stock), dict(self.backlog)
        now.in_transit = {i: self._in_transit(i) for i in self.items}
        now.in_process = {i: self._in_process(i) for i in self.items}
        self.periods.append(now)

    def _in_transit(self, item: Item) -> Fraction:
        return self.waiting[item] + sum((s.amount for s in self.under_way if self.buyer[s.arc] == item), Fraction(0))

    def _capacity(self, item: Item) -> Any:
        """Most that can leave in a period."""
        capacity = self.items[item].capacity
        return inf if capacity is None else self._grid(capacity)

    def _capacity_left(self, item: Item, health: Fraction, now: Period) -> Any:
        """What of the capacity a disruption leaves, less what final customers took."""
        return max(Fraction(0), self._share(health, self._capacity(item)) - now.served[item])

    def _offered(
        self, time: int, now: Period, limit: dict[Item, Fraction], *, known: bool
    ) -> tuple[dict[Item, Any], dict[int, Any]]:
        """What there is for new orders, as far as buyers know; for what is owed already, as much as there truly is.

        U times the health, or less where it leaves less of a capacity than that; caps times the arc's; an uncapped arc
        only closes.
        """

        def health(kind: str, target: Any) -> Fraction:
            heard = self._known(kind, target, time)
            return heard if known else max(heard, self._level(kind, target, time))

        most, caps = dict(limit), {}
        for item in limit:
            level = health("ship", item[0])
            if isinf(self._capacity(item)):
                most[item] = self._share(level, limit[item])
            else:
                most[item] = min(limit[item], self._capacity_left(item, level, now))
        for k, arc in enumerate(self.scenario.arcs):
            level = health("arc", k)
            caps[k] = inf if arc.cap is None else self._grid(arc.cap)
            if level == 0 or (level < 1 and arc.cap is not None):
                caps[k] = self._share(level, caps[k]) if level else Fraction(0)
        return most, caps

    def _arrivals(self, time: int, now: Period) -> None:
        """Step 1: received at the first later review at or after shipping time + lead time, times k."""
        on = []
        for shipment in self.under_way:
            if shipment.lost_at is not None and shipment.lost_at <= time:
                now.lost += shipment.amount
            elif shipment.lost_at is None and shipment.sent < time and shipment.due <= time:
                self.waiting[self.buyer[shipment.arc]] += shipment.amount
            else:
                on.append(shipment)
        self.under_way = on
        for item, data in self.items.items():
            if self.waiting[item]:
                taken = self._less(self.waiting[item], "receive", item[0], time)
                self.waiting[item] -= taken
                now.received[item] = taken
                self.stock[item] += self._share(data.yield_, taken)

    def _production(self, time: int, now: Period) -> None:
        """Step 2: S = min(S_tgt, S + max(0, mu_Q + sigma_Q n)); stock above its target stays."""
        for item, data in self.items.items():
            if data.production is not None:
                made = self._less(self._drawn("production", item, data.production, time), "produce", item[0], time)
                if data.target_stock is not None:
                    made = min(made, max(Fraction(0), self._grid(data.target_stock) - self.stock[item]))
                self.stock[item] += made
                now.produced[item] = made
                now.emissions += Fraction(data.emissions) * made

    def _storage(self, now: Period) -> None:
        for item, data in self.items.items():
            now.storage[item[0]] += Fraction(data.holding_cost) * self.stock[item]
            now.storage[item[0]] += Fraction(data.in_transit_holding_cost) * self._in_transit(item)

    def _in_process(self, item: Item) -> Fraction:
        return sum((amount for _, made, amount in self.maturing if made == item), Fraction(0))

    def _recipes(self, time: int, now: Period) -> None:
        """Each node runs its recipes as listed, as often as capacity, inputs, room for outputs and energy allow."""
        for due, item, amount in self.maturing:
            if due == time:
                self.stock[item] += amount
                now.produced[item] += amount
        self.maturing = [entry for entry in self.maturing if entry[0] > time]
        for node in self.scenario.nodes:
            energy = inf if node.energy is None else self._grid(node.energy)
            for recipe in self.scenario.recipes:
                if recipe.node == node.id:
                    energy -= self._run(recipe, time, energy, now)

    def _room(self, item: Item) -> Any:
        target = self.items[item].target_stock
        return inf if target is None else self._grid(target) - self.stock[item] - self._in_process(item)

    def _run(self, recipe: Any, time: int, energy: Any, now: Period) -> Fraction:
        """Run a recipe; returns the energy it used."""
        node, health = recipe.node, self._level("produce", recipe.node, time)
        runs = inf if recipe.capacity is None else recipe.capacity
        if health < 1:
            runs = 0.0 if health == 0 else runs if isinf(runs) else float(self._share(health, Fraction(runs)))
        needs = [(self.stock[node, p], a) for p, a in recipe.inputs.items() if p not in self.environment]
        needs += [(self._room((node, p)), a) for p, a in recipe.outputs.items()]
        needs += [(energy, recipe.energy)] if recipe.energy else []
        runs = min([runs, *(max(0.0, float(there) / per_run) for there, per_run in needs)])
        if runs <= 0:
            return Fraction(0)
        for product, per_run in recipe.inputs.items():
            amount = self._grid(per_run * runs)
            if product in self.environment:
                now.produced[node, product] += amount
            else:
                amount = min(amount, self.stock[node, product])
                self.stock[node, product] -= amount
            now.consumed[node, product] += amount
        for product, per_run in [*recipe.outputs.items(), *recipe.byproducts.items()]:
            amount = self._grid(per_run * runs)
            if product in recipe.outputs:
                amount = min(amount, self._room((node, product)))
            if recipe.lag:
                self.maturing.append((time + recipe.lag, (node, product), amount))
            else:
                self.stock[node, product] += amount
                now.produced[node, product] += amount
        used: Fraction = min(self._grid(recipe.energy * runs), energy)
        now.energy += used
        now.running[node] += Fraction(recipe.cost) * Fraction(runs)
        now.emissions += Fraction(recipe.emissions) * Fraction(runs)
        return used

    def _offer(self, time: int, now: Period) -> None:
        """What no order waits for and no store has room for goes to takers in rising cost, the rest is disposed of."""
        for item, data in self.items.items():
            takers = [t for t in self.scenario.takers if (t.giver, t.product) == item]
            room = 0.0 if takers and data.room is None else data.room
            room = 0.0 if item[1] in self.environment else room
            if room is None:
                continue
            owes = sum((o for k, o in enumerate(self.owed) if self.supplier[k] == item), Fraction(0))
            left = max(Fraction(0), self.stock[item] - owes - self._grid(room))
            offered = self._less(left, "ship", item[0], time)
            ranked = sorted(takers, key=lambda t: (t.gate_fee + t.haul, self.rank[t.taker, t.product]))
            for taker in ranked:
                amount = min(offered, self._acceptance(taker, time))
                offered -= amount
                left -= amount
                self._give(taker, amount, now)
            self.stock[item] -= left
            now.disposed[item] += left
            now.disposal[item[0]] += Fraction(data.disposal_cost) * left

    def _acceptance(self, taker: Any, time: int) -> Any:
        """What a taker can take of one giver: the room of its store, and its capacity times its health."""
        item = taker.taker, taker.product
        room, gives = self.items[item].room, [t for t in self.scenario.takers if (t.giver, t.product) == item]
        most = Fraction(0) if gives and room is None else None if room is None else self._grid(room)
        most = Fraction(0) if taker.product in self.environment else most
        within = inf if most is None else max(Fraction(0), most - self.stock[item])
        health, capacity = self._level("receive", taker.taker, time), taker.capacity
        if capacity is None:
            return within if health > 0 else Fraction(0)
        cap = self._grid(capacity)
        return min(within, cap if health >= 1 else self._share(health, cap))

    def _give(self, taker: Any, amount: Fraction, now: Period) -> None:
        giver, item = (taker.giver, taker.product), (taker.taker, taker.product)
        self.stock[giver] -= amount
        self.stock[item] += amount
        if self.items[item].shelf_life is not None:
            self.ages[item][0] += amount
        now.given[giver] += amount
        now.taken[item] += amount
        fee = Fraction(taker.gate_fee) * amount
        payer, paid = (taker.giver, taker.taker) if fee >= 0 else (taker.taker, taker.giver)
        now.procurement[payer] += abs(fee)
        now.income[paid] += abs(fee)
        now.procurement[taker.giver] += Fraction(taker.haul) * amount
        now.emissions += Fraction(taker.emissions) * amount

    def _expire(self, now: Period) -> None:
        """The oldest leave first; what has been on hand for its shelf life becomes waste, or is disposed of."""
        became: dict[Item, Fraction] = defaultdict(Fraction)
        for item, data in self.items.items():
            if data.shelf_life is None:
                continue
            ages = self.ages[item]
            ages[0] += now.produced[item] + self._share(data.yield_, now.received[item])
            left = sum(ages, Fraction(0)) - self.stock[item]
            for age in reversed(range(len(ages))):
                taken = min(left, ages[age])
                ages[age] -= taken
                left -= taken
            gone = sum(ages[data.shelf_life - 1 :], Fraction(0))
            self.ages[item] = [Fraction(0), *ages[: data.shelf_life - 1]]
            self.stock[item] -= gone
            now.expired[item] = gone
            if data.waste is not None:
                became[item[0], data.waste] += gone
            else:
                now.disposal[item[0]] += Fraction(data.disposal_cost) * gone
        for item, amount in became.items():
            self.stock[item] += amount
            now.produced[item] += amount
            self.ages[item][0] += amount

    def _order(self, item: Item) -> Any:
        return self.items[item].order or MeanOrder()

    def _mean_order(self, item: Item, time: int, now: Period) -> Fraction:
        """Step 4: what a buyer wants that orders around a mean."""
        data, feedback = self.items[item], self.scenario.rules.feedback
        y = self._drawn("order", item, self._order(item), time)
        if data.target_stock is not None and feedback != "none":
            beside = self.stock[item] - self._grid(data.target_stock)
            y = max(Fraction(0), y - (max(Fraction(0), beside) if feedback == "surplus" else beside))
        return self._placed(item, y, time, now)

    def _replenish(self, item: Item, time: int, now: Period, contracts: dict[int, Fraction]) -> Fraction:
        """What a buyer wants that looks at its inventory position, less what it has promised in this period."""
        order, data = self._order(item), self.items[item]
        if order.policy == "periodic" and (time < order.first or (time - order.first) % order.every):
            return self._placed(item, Fraction(0), time, now)
        awaits = sum((self.owed[k] for k in range(len(self.owed)) if self.buyer[k] == item), Fraction(0))
        position = self._share(data.yield_, self._in_transit(item) + awaits)
        if order.echelon:
            members = self._echelon(item)
            position += sum(self.stock[m] - self._grid(self.items[m].safety_stock) - self.backlog[m] for m in members)
            position += sum(self._in_transit(m) for m in members if m != item)
        else:
            mine = [k for k in range(len(self.owed)) if self.supplier[k] == item]
            owes = sum((self.owed[k] + contracts.get(k, 0) for k in mine), Fraction(0))
            position += self.stock[item] - self._grid(data.safety_stock) - self.backlog[item] - owes
        order_up_to = self._grid(getattr(order, "order_up_to", 0))
        reorder_point = self._grid(getattr(order, "reorder_point", getattr(order, "order_up_to", 0)))
        if position > reorder_point:
            y = Fraction(0)
        elif order.policy == "r_Q":
            quantity = self._grid(order.order_quantity)
            y = ((reorder_point - position) // quantity + 1) * quantity
        else:
            y = order_up_to - position
        if data.yield_ not in (0.0, 1.0):
            y = self._grid(float(y) / data.yield_)
        return self._placed(item, y, time, now)

    def _echelon(self, item: Item) -> set[Item]:
        """The item and all that it supplies, directly or not."""
        members = {item}
        while True:
            more = {self.buyer[k] for k in range(len(self.buyer)) if self.supplier[k] in members} - members
            if not more:
                return members
            members |= more

    def _placed(self, item: Item, y: Fraction, time: int, now: Period) -> Fraction:
        """An order of at least the minimum, in whole lots, as far as the buyer can order at all."""
        order = self._order(item)
        if y > 0:
            y = max(y, self._grid(order.minimum))
            lot = self._grid(order.order_multiple)
            y = -(-y // lot) * lot if lot else y
        y = now.ordered[item] = self._less(y, "order", item[0], time)
        now.fixed[item[0]] += Fraction(order.fixed_cost) if y > 0 else 0
        return y

    def _final_demand(self, time: int, now: Period, limit: dict[Item, Fraction]) -> None:
        """Step 5."""
        for item, data in self.items.items():
            if data.demand is None:
                continue
            demand = self._less(self._drawn("demand", item, data.demand, time), "demand", item[0], time)
            owed = demand + self.backlog[item]
            most = self._less(limit[item], "retail", item[0], time)
            served = min(owed, most if self.scenario.rules.partial_demand or owed <= most else Fraction(0))
            limit[item] -= served
            self.stock[item] -= served
            now.demanded[item], now.served[item] = demand, served
            self._serve_in_turn(item, time, now)
            now.income[item[0]] += Fraction(data.demand.price) * served
            now.shortage[item[0]] += Fraction(data.demand.shortage_cost) * (owed - served)
            if self.scenario.rules.unmet == "backorder":
                self.backlog[item] = owed - served

    def _serve_in_turn(self, item: Item, time: int, now: Period) -> None:
        """Customers are served in the order of their coming; what is left of each period's demand waits, or is lost."""
        queue, left = self.queue[item], now.served[item]
        queue.append([Fraction(time), now.demanded[item]])
        for entry in queue:
            part = min(left, entry[1])
            entry[1] -= part
            left -= part
            if entry[0] == time:
                now.filled[item] = part
        if self.scenario.rules.unmet == "lost":
            now.lost_demand[item] = queue.pop()[1]
        elif time >= self.scenario.run.warm_up:
            now.overdue[item] = sum((wait for since, wait in queue if since >= self.scenario.run.warm_up), Fraction(0))

    def _leftovers(self, now: Period) -> None:
        for item, data in self.items.items():
            for product, share in data.demand.leftovers.items() if data.demand else ():
                amount = self._share(share, now.served[item])
                self.stock[item[0], product] += amount
                now.produced[item[0], product] += amount

    def _keep_owed(
        self, most: dict[Item, Fraction], caps: dict[int, Any], limit: dict[Item, Fraction]
    ) -> dict[int, Fraction]:
        """Suppliers keep what they owe, the oldest part or the highest bid first; new orders have what is left."""
        kept: dict[int, Fraction] = {}
        for supplier in set(self.supplier):
            waiting = [k for k in range(len(self.owed)) if self.supplier[k] == supplier and self.owed[k] > 0]
            given, left = self._in_turn(waiting, self.owed, caps, most[supplier], partial=self.scenario.rules.partial)
            limit[supplier] = max(Fraction(0), min(left, limit[supplier] - sum(given.values(), Fraction(0))))
            kept |= given
        return kept

    def _in_turn(
        self, arcs: list[int], asked: Any, room: dict[int, Any], most: Fraction, *, partial: bool
    ) -> tuple[dict[int, Fraction], Fraction]:
        """Who gets what of goods that may be short, the oldest parts or the highest bids first, and what is left.

        An order that must leave as a whole and does not fit keeps what there is.
        """
        ranked = self._by_bid(arcs)
        turns = [(k, asked[k]) for k in ranked]
        if self.aged:
            rank = {k: i for i, k in enumerate(ranked)}
            aged = sorted((since, rank[k], k, part) for k in ranked for since, part in self.parts[k])
            turns = [(k, part) for _, _, k, part in aged]
        given: dict[int, Fraction] = {}
        for k, amount in turns:
            due = max(Fraction(0), min(amount, room[k] - given.get(k, 0)))
            x = due if due <= most else most if partial else Fraction(0)
            if x > 0:
                given[k] = given.get(k, Fraction(0)) + x
            if x < due:
                return given, Fraction(0)
            most -= x
        return given, most

    def _owe_the_rest(self, arcs: list[int], wanted: dict[Item, Fraction], time: int) -> None:
        """What nobody accepted is owed by the first supplier of the buyer."""
        for buyer in {self.buyer[k] for k in arcs}:
            first = min((k for k in arcs if self.buyer[k] == buyer), key=self._dearness)
            self.owed[first] += wanted[buyer]
            self._add_part(first, time, wanted[buyer])
            wanted[buyer] = Fraction(0)

    def _by_bid(self, arcs: Iterable[int]) -> list[int]:
        """From the highest bid down; ties by the lower buyer. First come: by the buyer."""
        return sorted(
            arcs,
            key=lambda k: (
                self.rank[self.buyer[k]] if self.first_come else 0,
                -self.scenario.arcs[k].price,
                self.rank[self.buyer[k]],
            ),
        )

    def _dearness(self, k: int) -> tuple[float, int]:
        return self.scenario.arcs[k].price + self.scenario.arcs[k].other_cost, self.rank[self.supplier[k]]

    def _negotiate(
        self, arcs: list[int], wanted: dict[Item, Fraction], limit: dict[Item, Fraction], caps: dict[int, Any],
        room: dict[int, Any], contracts: dict[int, Fraction],
    ) -> None:  # fmt: skip
        """Step 6: rounds of one market until no buyer has both a residual and an untried supplier that can sell."""
        tried: set[int] = set()
        while True:
            inbox: dict[Item, list[int]] = defaultdict(list)
            for buyer in {self.buyer[k] for k in arcs}:
                open_arcs = [
                    k for k in arcs
                    if self.buyer[k] == buyer and k not in tried and limit[self.supplier[k]] > 0 and caps[k] > 0
                ]  # fmt: skip
                if wanted[buyer] > 0 and open_arcs:
                    asked = min(open_arcs, key=self._dearness)
                    tried.add(asked)
                    inbox[self.supplier[asked]].append(asked)
            if not inbox:
                return
            for supplier, bids in inbox.items():
                refusing = False
                for k in self._by_bid(bids):
                    asked_for = min(wanted[self.buyer[k]], room[k])
                    fits = asked_for <= limit[supplier]
                    x = asked_for if fits else limit[supplier] if self.scenario.rules.partial else Fraction(0)
                    if refusing:
                        x = Fraction(0)
                    refusing = refusing or not fits
                    limit[supplier] -= x
                    wanted[self.buyer[k]] -= x
                    if x > 0:
                        contracts[k] = contracts.get(k, 0) + x

    def _ship(self, time: int, now: Period, contracts: dict[int, Fraction], kept: dict[int, Fraction]) -> None:
        """Steps 7 and 8: what leaves, by age or descending price, and what it costs."""
        owing = self.scenario.rules.unmet_orders == "backorder"
        for item, own in self.items.items():
            mine = self._by_bid(k for k in contracts if self.supplier[k] == item)
            now.contracted[item] = sum((contracts[k] for k in mine), Fraction(0))
            left, health = now.contracted[item], self._level("ship", item[0], time)
            if isinf(self._capacity(item)):
                left = self._share(self._unforeseen("ship", item[0], time), left)
            else:
                left = min(left, self._capacity_left(item, health, now))
            for k in mine if owing else ():
                self.owed[k] += contracts[k]
                self._add_part(k, time, contracts[k] - kept.get(k, 0))
            room = {k: self._share(self._unforeseen("arc", k, time), contracts[k]) for k in mine}
            sent, _ = self._in_turn(mine, contracts, room, min(left, self.stock[item]), partial=True)
            for k in mine:
                x, z = contracts[k], sent.get(k, Fraction(0))
                if health == 0 or self._level("arc", k, time) == 0:
                    now.contracted_from_closed += x
                now.penalty[item[0]] += Fraction(own.penalty) * (x - z)
                if owing:
                    self._settle(k, z)
                if z > 0:
                    self._send(k, z, time, now)

    def _add_part(self, k: int, time: int, amount: Fraction) -> None:
        """What was ordered on an arc at one time is one part."""
        if self.parts[k] and self.parts[k][-1][0] == time:
            self.parts[k][-1][1] += amount
        elif amount > 0:
            self.parts[k].append([Fraction(time), amount])

    def _settle(self, k: int, amount: Fraction) -> None:
        """So much of what is owed on an arc has left, the oldest parts first."""
        self.owed[k] -= amount
        for entry in self.parts[k]:
            gone = min(entry[1], amount)
            entry[1] -= gone
            amount -= gone
        self.parts[k] = [entry for entry in self.parts[k] if entry[1] > 0]

    def _send(self, k: int, z: Fraction, time: int, now: Period) -> None:
        arc, supplier = self.scenario.arcs[k], self.supplier[k]
        self.stock[supplier] -= z
        self.arc_total[k] += z
        now.shipped[supplier] += z
        price = Fraction(arc.price) * self._level("price_factor", supplier[0], time)
        now.income[supplier[0]] += price * z
        now.procurement[arc.buyer] += (price + Fraction(arc.other_cost)) * z
        now.emissions += Fraction(arc.emissions) * z
        product = "" if supplier[1] == self.products[0] else f"/{supplier[1]}"
        lead, drawn = self.chances.lead_time(arc, f"lead/{arc.buyer}/{arc.supplier}{product}", time)
        factor = float(self._level("lead_time", supplier[0], time)) * float(self._level("arc_lead_time", k, time))
        if factor != 1.0:  # as the machine multiplies, to the nearest tick
            ticks = self.chances.ticks
            lead = Fraction(floor(float(lead * ticks) * factor + 0.5), ticks)
        due, lost_at = self._journey(k, time, lead)
        if (drawn or k in self.slowed) and not arc.crossing and lost_at is None:
            due = self.last_due[k] = max(due, self.last_due.get(k, due))
        self.under_way.append(Shipment(k, z, time, due, lost_at))

    def _journey(self, k: int, sent: int, lead: Fraction) -> tuple[Fraction, Fraction | None]:
        """Arrival on an arc whose outages hold goods up, send them another way, or lose them; and when lost."""
        now, left = Fraction(sent), lead
        outages = [e for e in self.events if ("arc", k) in e.channels and e.source.health == 0]
        for outage in sorted(outages, key=lambda e: (e.start, e.number, e.end)):
            if outage.start <= sent or outage.start >= now + left:
                continue
            if outage.source.in_transit == "reroute":
                return now + left + time_of(outage.source.detour), None
            if outage.source.in_transit == "lose":
                return now + left, outage.start
            left -= max(Fraction(0), outage.start - now)
            now = max(now, outage.end)
        return now + left, None
