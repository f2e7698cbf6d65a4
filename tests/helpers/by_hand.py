"""The transaction model worked out step by step, as docs and paper state it, in exact fractions.

It shares nothing with ``esc_sim.rules``, the engines, the instance or the sampling: it reads a checked scenario, draws
with ``numpy.random.Philox`` and ``scipy.stats``, scans plain lists where the engines use sorted lines, and keeps each
shipment by itself. Slow and simple on purpose: what the engines give is compared with this.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, isinf
from typing import Any

from esc_sim.scenario.orders import Order
from esc_sim.scenario.schema import Disruption, Scenario, StockData
from tests.helpers.chances import Chances

Item = tuple[str, str]
"""(node, product)."""


@dataclass
class Event:
    """One disruption event on its targets; ``channels`` are (activity, node) or ('arc', arc number)."""

    number: int
    channels: list[tuple[str, Any]]
    start: Fraction
    end: Fraction
    source: Disruption

    def level(self, time: int) -> Fraction:
        """Share of capacity (or factor of demand) that this event leaves."""
        d = self.source
        low = Fraction(d.health if d.demand_factor is None else d.demand_factor)
        recovery = Fraction(round(d.recovery.duration * 2**20), 2**20)
        if not self.start <= time < self.end + recovery:
            return Fraction(1)
        if time < self.end:
            return low
        done = (time - self.end) / recovery
        gone = {"linear": done, "slow_start": done**2, "fast_start": 1 - (1 - done) ** 2}[d.recovery.shape]
        return low + (1 - low) * gone


def events_of(scenario: Scenario, chances: Chances) -> list[Event]:
    """All events of a replication, disruption by disruption."""
    found = []
    first = scenario.products[0].id
    for number, d in enumerate(scenario.disruptions):
        hit: list[tuple[str, list[tuple[str, Any]]]] = []
        for n in scenario.nodes:
            if n.id in d.nodes or n.region in d.regions or n.role in d.roles:
                stopped = ["demand"] if d.demand_factor is not None else d.stops
                hit.append((n.id, [(what, n.id) for what in stopped]))
        for wanted in d.arcs:
            arcs = [
                k for k, a in enumerate(scenario.arcs)
                if (wanted.buyer, wanted.supplier) == (a.buyer, a.supplier)
                and wanted.product in (None, a.product or first)
            ]  # fmt: skip
            name = f"{wanted.buyer}/{wanted.supplier}" + (f"/{wanted.product}" if wanted.product else "")
            hit.append((name, [("arc", k) for k in arcs]))
        groups = [("", [c for _, channels in hit for c in channels])] if d.together else hit
        for name, channels in groups:
            stream = f"disruption/{d.name}" + (f"/{name}" if name else "")
            for start, end in chances.spans(d, stream, scenario.run.periods):
                found.append(Event(number, channels, start, end, d))
    return found


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
    health: dict[str, Fraction] = field(default_factory=dict)
    income: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    procurement: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    storage: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    penalty: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    shortage: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    lost: Fraction = Fraction(0)
    emissions: Fraction = Fraction(0)

    def cost(self, node: str) -> Fraction:
        """E = B + C + D, and the cost of unmet final demand."""
        return self.procurement[node] + self.storage[node] + self.penalty[node] + self.shortage[node]


class ByHand:
    """One replication of a scenario. Afterwards ``periods`` holds what every period brought."""

    def __init__(self, scenario: Scenario, seed: int, replication: int = 0, disrupted: bool = True) -> None:
        self.scenario = scenario
        self.chances = Chances(seed, replication)
        default = scenario.products[0].id
        self.products = [p.id for p in scenario.products]
        self.nodes = [n.id for n in scenario.nodes]
        found: dict[Item, StockData] = {(n.id, n.product or default): n for n in scenario.nodes}
        found |= {(s.node, s.product): s for s in scenario.stocks}
        self.buyer = [(a.buyer, a.product or default) for a in scenario.arcs]
        self.supplier = [(a.supplier, a.product or default) for a in scenario.arcs]
        for end in self.buyer + self.supplier:
            found.setdefault(end, StockData())
        order = sorted(found, key=lambda i: (self.nodes.index(i[0]), self.products.index(i[1])))
        self.items = {item: found[item] for item in order}
        self.rank = {item: i for i, item in enumerate(order)}
        self.markets = self._markets(default)
        self.stock = {item: self._grid(data.start_stock) for item, data in self.items.items()}
        self.backlog: dict[Item, Fraction] = dict.fromkeys(self.items, Fraction(0))
        self.waiting: dict[Item, Fraction] = dict.fromkeys(self.items, Fraction(0))
        self.under_way: list[Shipment] = []
        self.last_due: dict[int, Fraction] = {}
        self.arc_total = [Fraction(0)] * len(scenario.arcs)
        self.events = events_of(scenario, self.chances) if disrupted else []
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
        levels = [event.level(time) for event in self.events if (kind, target) in event.channels]
        if kind != "demand":
            return min(levels, default=Fraction(1))
        product = Fraction(1)
        for level in levels:
            product *= level
        return product

    def _share(self, share: Fraction | float, amount: Fraction) -> Fraction:
        """A product as the machine gives it, on the grid: 0.35 * 10 lies half-way between two halves, or just below."""
        return self._grid(float(share) * float(amount))

    def _less(self, amount: Fraction, kind: str, node: str, time: int) -> Fraction:
        return self._share(self._level(kind, node, time), amount)

    def _name(self, item: Item) -> str:
        return item[0] if item[1] == self.products[0] else f"{item[0]}/{item[1]}"

    def _drawn(self, what: str, item: Item, part: Any, time: int) -> Fraction:
        law = None if isinstance(part, Order) else part.law
        if law is None and not part.sd:
            return self._grid(part.mean or 0)
        uniform = self.chances.uniform(f"{what}/{self._name(item)}", time)
        if law is None:
            return max(Fraction(0), self._grid(part.mean + part.sd * self.chances.normal(uniform)))
        return self._grid(self.chances.value(law, uniform))

    def _review(self, time: int) -> None:
        now = Period({}, {}, {})
        self._arrivals(time, now)
        self._production(time, now)
        limit = {i: max(Fraction(0), self.stock[i] - self._grid(d.safety_stock)) for i, d in self.items.items()}
        if self.scenario.rules.storage_timing == "review":
            self._storage(now)
        wanted = self._plan(time, now)
        self._final_demand(time, now, limit)
        caps = {k: inf if a.cap is None else self._grid(a.cap) for k, a in enumerate(self.scenario.arcs)}
        known = self.scenario.rules.disruption_known == "before_contracting"
        if known:
            for item in limit:
                limit[item] = self._less(limit[item], "ship", item[0], time)
            for k, cap in caps.items():
                level = self._level("arc", k, time)
                if level == 0 or (level < 1 and not isinf(cap)):
                    caps[k] = self._share(level, cap) if level else Fraction(0)
        contracts: dict[int, Fraction] = {}
        for arcs in self.markets:
            self._negotiate(arcs, wanted, limit, caps, contracts)
        self._ship(time, now, contracts, known)
        if self.scenario.rules.storage_timing == "end":
            self._storage(now)
        now.health = {node: self._level("ship", node, time) for node in self.nodes}
        now.stock, now.backlog = dict(self.stock), dict(self.backlog)
        now.in_transit = {
            i: self.waiting[i] + sum(s.amount for s in self.under_way if self.buyer[s.arc] == i) for i in self.items
        }
        self.periods.append(now)

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
            now.storage[item[0]] += Fraction(data.storage_cost) * self.stock[item]

    def _plan(self, time: int, now: Period) -> dict[Item, Fraction]:
        """Step 4: what every buyer wants."""
        wanted = {}
        for item in {self.buyer[k] for k in range(len(self.buyer))}:
            data = self.items[item]
            y = self._drawn("order", item, data.order or Order(), time)
            if data.target_stock is not None and self.scenario.rules.feedback != "none":
                beside = self.stock[item] - self._grid(data.target_stock)
                y = max(
                    Fraction(0), y - (max(Fraction(0), beside) if self.scenario.rules.feedback == "surplus" else beside)
                )
            wanted[item] = now.ordered[item] = self._less(y, "order", item[0], time)
        return wanted

    def _final_demand(self, time: int, now: Period, limit: dict[Item, Fraction]) -> None:
        """Step 5."""
        for item, data in self.items.items():
            if data.demand is None:
                continue
            demand = self._less(self._drawn("demand", item, data.demand, time), "demand", item[0], time)
            owed = demand + self.backlog[item]
            served = min(owed, self._less(limit[item], "retail", item[0], time))
            limit[item] -= served
            self.stock[item] -= served
            now.demanded[item], now.served[item] = demand, served
            now.income[item[0]] += Fraction(data.demand.price) * served
            now.shortage[item[0]] += Fraction(data.demand.shortage_cost) * (owed - served)
            if self.scenario.rules.unmet == "backorder":
                self.backlog[item] = owed - served

    def _negotiate(
        self, arcs: list[int], wanted: dict[Item, Fraction], limit: dict[Item, Fraction], caps: dict[int, Any],
        contracts: dict[int, Fraction],
    ) -> None:  # fmt: skip
        """Step 6: rounds of one market until no buyer has both a residual and an untried supplier that can sell."""
        data = self.scenario.arcs
        tried: set[int] = set()
        while True:
            inbox: dict[Item, list[int]] = defaultdict(list)
            for buyer in {self.buyer[k] for k in arcs}:
                open_arcs = [
                    k for k in arcs
                    if self.buyer[k] == buyer and k not in tried and limit[self.supplier[k]] > 0 and caps[k] > 0
                ]  # fmt: skip
                if wanted[buyer] > 0 and open_arcs:
                    asked = min(
                        open_arcs, key=lambda k: (data[k].price + data[k].other_cost, self.rank[self.supplier[k]])
                    )
                    tried.add(asked)
                    inbox[self.supplier[asked]].append(asked)
            if not inbox:
                return
            for supplier, bids in inbox.items():
                refusing = False
                for k in sorted(bids, key=lambda k: (-data[k].price, self.rank[self.buyer[k]])):
                    asked_for = min(wanted[self.buyer[k]], caps[k])
                    fits = asked_for <= limit[supplier]
                    x = asked_for if fits else limit[supplier] if self.scenario.rules.partial else Fraction(0)
                    if refusing:
                        x = Fraction(0)
                    refusing = refusing or not fits
                    limit[supplier] -= x
                    wanted[self.buyer[k]] -= x
                    if x > 0:
                        contracts[k] = x

    def _ship(self, time: int, now: Period, contracts: dict[int, Fraction], known: bool) -> None:
        """Steps 7 and 8: what leaves, by descending price, and what it costs."""
        data = self.scenario.arcs
        for item, own in self.items.items():
            mine = sorted(
                (k for k in contracts if self.supplier[k] == item),
                key=lambda k: (-data[k].price, self.rank[self.buyer[k]]),
            )
            now.contracted[item] = sum((contracts[k] for k in mine), Fraction(0))
            left = now.contracted[item]
            if not known:
                left = min(self._less(left, "ship", item[0], time), self.stock[item])
            for k in mine:
                x = contracts[k]
                z = x if known else min(left, self._share(self._level("arc", k, time), x))
                left -= z
                now.penalty[item[0]] += Fraction(own.penalty) * (x - z)
                if z > 0:
                    self._send(k, z, time, now)

    def _send(self, k: int, z: Fraction, time: int, now: Period) -> None:
        arc, supplier = self.scenario.arcs[k], self.supplier[k]
        self.stock[supplier] -= z
        self.arc_total[k] += z
        now.shipped[supplier] += z
        now.income[supplier[0]] += Fraction(arc.price) * z
        now.procurement[arc.buyer] += (Fraction(arc.price) + Fraction(arc.other_cost)) * z
        now.emissions += Fraction(arc.emissions) * z
        product = "" if supplier[1] == self.products[0] else f"/{supplier[1]}"
        lead, drawn = self.chances.lead_time(arc, f"lead/{arc.buyer}/{arc.supplier}{product}", time)
        due, lost_at = self._journey(k, time, lead)
        if drawn and not arc.crossing and lost_at is None:
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
                return now + left + Fraction(round(outage.source.detour * 2**20), 2**20), None
            if outage.source.in_transit == "lose":
                return now + left, outage.start
            left -= max(Fraction(0), outage.start - now)
            now = max(now, outage.end)
        return now + left, None
