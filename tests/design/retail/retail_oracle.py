"""An independent form of the retail model: the printed constraints one by one, with explicit robust counterparts.

Built with dictionaries and loops and solved by scipy.optimize.milp; shares no code with the model under test but the
instance. The cone of eq. (A.1) is approached from outside by tangent planes, added where a solution violates it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from esc_sim.design.retail import Coverage, RetailInstance

Key = tuple[Any, ...]


class Oracle:
    """The model of eqs. (4)-(37) with demand rows (1), (A.1) or (A.4)."""

    def __init__(self, instance: RetailInstance, coverage: Coverage) -> None:
        self.i = instance
        self.cover = coverage
        self.column: dict[Key, int] = {}
        self.cost: dict[Key, float] = defaultdict(float)
        self.whole: set[Key] = set()
        self.free: set[Key] = set()
        self.rows: list[tuple[dict[Key, float], float, float]] = []
        self.q, self.w = range(len(instance.suppliers)), range(len(instance.dcs))
        self.e, self.f = range(len(instance.stores)), range(len(instance.areas))
        self.x, self.s = range(len(instance.levels)), range(len(instance.scenarios))
        self.arcs: list[tuple[str, int, str, int, float, float]] = []
        for kind, a, b in (
            ("supplier_dc", "q", "w"),
            ("supplier_store", "q", "e"),
            ("dc_store", "w", "e"),
            ("store_area", "e", "f"),
        ):
            links = instance.links[kind]
            for t, h, fixed, unit in zip(links.tail, links.head, links.link_cost, links.unit_cost, strict=True):
                self.arcs.append((a, int(t), b, int(h), float(fixed), float(unit)))
        self.facility = {"q": instance.suppliers, "w": instance.dcs, "e": instance.stores}
        self._objective()
        self._printed_rows()

    def var(self, *key: Any) -> Key:
        """A variable by name, created on first use."""
        self.column.setdefault(key, len(self.column))
        return key

    def row(self, terms: list[tuple[float, Key]], low: float = -math.inf, high: float = math.inf) -> None:
        total: dict[Key, float] = defaultdict(float)
        for coefficient, key in terms:
            total[self.var(*key)] += coefficient
        self.rows.append((total, low, high))

    def into(self, role: str, node: int, *tails: str) -> list[tuple[str, int, str, int]]:
        return [a[:4] for a in self.arcs if a[2] == role and a[3] == node and (not tails or a[0] in tails)]

    def out(self, role: str, node: int) -> list[tuple[str, int, str, int]]:
        return [a[:4] for a in self.arcs if a[0] == role and a[1] == node]

    def _objective(self) -> None:
        i, rho = self.i, self.i.probability
        for role, places in self.facility.items():
            for n in range(len(places)):
                for x in self.x:
                    key = self.var("y", role, n, x)
                    self.whole.add(key)
                    self.cost[key] = places.fixed_cost[n, x] + sum(
                        rho[s] * places.destruction_cost[n, x, s] for s in self.s
                    )
        for a, t, b, h, fixed, unit in self.arcs:
            key = self.var("lin", a, t, b, h)
            self.whole.add(key)
            self.cost[key] = fixed
            for s in self.s:
                extra = {"q": i.supplier_price, "w": i.handling}.get(a)
                self.cost[self.var("t", a, t, b, h, s)] = rho[s] * (unit + (extra[t] if extra is not None else 0.0))
        for w in self.w:
            self.cost[self.var("inv", w)] = i.stock_price[w]
            for s in self.s:
                self.cost[self.var("unused", w, s)] = rho[s] * (i.holding[w] + i.stock_price[w] - i.salvage[w])
                self.cost[self.var("moved", w, s)] = rho[s] * i.transshipment_price[w]
        for f in self.f:
            for s in self.s:
                self.cost[self.var("short", f, s)] = rho[s] * i.shortage_penalty[f]

    def _printed_rows(self) -> None:
        i = self.i
        for s in self.s:
            supply = [(1.0, ("t", *a[:4], s)) for a in self.arcs if a[0] == "q"]
            used = [(1.0, ("inv", w)) for w in self.w] + [(-1.0, ("unused", w, s)) for w in self.w]
            self.row(supply + used, i.sales[s], i.sales[s])  # (4)
            self.row(supply + [(-i.supply_share * c, k) for c, k in used], 0.0)  # (5)
            self.row(
                [(1.0, ("moved", w, s)) for w in self.w] + [(-i.transshipment_share, ("short", f, s)) for f in self.f],
                0.0,
            )  # (18)
            for w in self.w:
                come = [(1.0, ("t", *a, s)) for a in self.into("w", w)]
                go = [(-1.0, ("t", *a, s)) for a in self.out("w", w)]
                self.row(come + [(i.inflow_share * c, k) for c, k in go], 0.0)  # (6)
                stock = [(1.0, ("inv", w)), (-1.0, ("unused", w, s)), (1.0, ("moved", w, s))]
                self.row(come + stock + go, 0.0, 0.0)  # (7)
                self.row([(1.0, ("unused", w, s)), (-1.0, ("inv", w))], high=0.0)
                self.row([(1.0, ("moved", w, s)), (-1.0, ("unused", w, s))], high=0.0)  # (15)
            for e in self.e:
                come = [(1.0, ("t", *a, s)) for a in self.into("e", e)]
                go = [(-1.0, ("t", *a, s)) for a in self.out("e", e)]
                self.row(come + go, 0.0, 0.0)  # (9)
                room = [(-i.stores.capacity[e, x, s], ("y", "e", e, x)) for x in self.x]
                self.row(come + room, high=0.0)  # (12)
            for role in ("q", "w", "e"):  # (10), (8), (11)
                for n in range(len(self.facility[role])):
                    room = [(-self.facility[role].capacity[n, x, s], ("y", role, n, x)) for x in self.x]
                    self.row([(1.0, ("t", *a, s)) for a in self.out(role, n)] + room, high=0.0)
            for a, t, b, h, _, _ in self.arcs:  # (13)
                most = self.facility[a].capacity[t, :, s].max()
                if b != "f":
                    most = min(most, self.facility[b].capacity[h, :, s].max())
                self.row([(1.0, ("t", a, t, b, h, s)), (-most, ("lin", a, t, b, h))], high=0.0)
        for role, places in self.facility.items():  # (21), (30), (31)
            for n in range(len(places)):
                self.row([(1.0, ("y", role, n, x)) for x in self.x], high=1.0)
        for w in self.w:
            self.row([(1.0, ("inv", w))] + [(-i.storage[w], ("y", "w", w, x)) for x in self.x], high=0.0)  # (24)
            self.row([(1.0, ("lin", *a)) for a in self.into("w", w)], self.cover.dc)  # (29)
        for e in self.e:
            for tail in ("q", "w"):
                self.row([(1.0, ("lin", *a)) for a in self.into("e", e, tail)], self.cover.store)  # (28), (20)
        for f in self.f:
            self.row([(1.0, ("lin", *a)) for a in self.into("f", f)], self.cover.area)  # (27)
        for a, t, b, h, _, _ in self.arcs:  # (22), (23), (32)-(36)
            for role, n in ((a, t), (b, h)):
                if role != "f":
                    self.row([(1.0, ("lin", a, t, b, h))] + [(-1.0, ("y", role, n, x)) for x in self.x], high=0.0)

    def served(self, f: int, s: int) -> list[tuple[float, Key]]:
        return [(1.0, ("t", *a, s)) for a in self.into("f", f)] + [(1.0, ("short", f, s))]

    def nominal(self) -> Oracle:
        """Demand rows (1)."""
        for f in self.f:
            for s in self.s:
                self.row(self.served(f, s), self.i.demand[f, s])
        return self

    def budget(self, gamma: float) -> Oracle:
        """Demand rows (A.4): sum |lambda| + gamma max |w| <= served - d0, lambda + w = -d~, one system a row."""
        for f in self.f:
            for s in self.s:
                largest = ("largest", f, s)
                total = [(1.0, ("size", f, s, g)) for g in self.f] + [(gamma, largest)]
                self._split("lambda", "w", f, s)
                for g in self.f:
                    for sign in (1.0, -1.0):
                        self.row([(sign, ("w", f, s, g)), (-1.0, largest)], high=0.0)
                self.row(self.served(f, s) + [(-c, k) for c, k in total], self.i.demand[f, s])
        return self

    def cone(self, omega: float) -> Oracle:
        """Demand rows (A.1): sum |tau| + omega |phi|_2 <= served - d0, tau + phi = -d~, one system a row."""
        for f in self.f:
            for s in self.s:
                total = [(1.0, ("size", f, s, g)) for g in self.f] + [(omega, ("norm", f, s))]
                self._split("tau", "phi", f, s)
                self.row(self.served(f, s) + [(-c, k) for c, k in total], self.i.demand[f, s])
        return self

    def _split(self, first: str, second: str, f: int, s: int) -> None:
        for g in self.f:
            a, b, size = (first, f, s, g), (second, f, s, g), ("size", f, s, g)
            self.free |= {self.var(*a), self.var(*b)}
            self.row([(1.0, a), (1.0, b)], -self.i.deviation[g, s], -self.i.deviation[g, s])
            for sign in (1.0, -1.0):
                self.row([(sign, a), (-1.0, size)], high=0.0)

    def solve(self, gap: float = 1e-7) -> tuple[float, dict[Key, float]]:
        """(cost, values by variable)."""
        data = [(r, self.column[k], c) for r, (terms, _, _) in enumerate(self.rows) for k, c in terms.items()]
        at, of, value = (np.array(v) for v in zip(*data, strict=True))
        matrix = sparse.csc_array((value, (at.astype(int), of.astype(int))), shape=(len(self.rows), len(self.column)))
        keys = list(self.column)
        whole = np.array([k in self.whole for k in keys])
        found = milp(
            np.array([self.cost[k] for k in keys]) / 1e6,
            constraints=LinearConstraint(matrix, [r[1] for r in self.rows], [r[2] for r in self.rows]),
            integrality=whole.astype(int),
            bounds=Bounds([-np.inf if k in self.free else 0.0 for k in keys], np.where(whole, 1.0, np.inf)),
            options={"mip_rel_gap": gap},
        )
        assert found.success, found.message
        return float(found.fun) * 1e6, dict(zip(keys, found.x.tolist(), strict=True))

    def solve_cone(self, tolerance: float = 1e-6) -> float:
        """Cost with the cones, by tangent planes until none is violated by more than the tolerance (relative)."""
        for _ in range(60):
            cost, value = self.solve()
            violated = False
            for f in self.f:
                for s in self.s:
                    phi = np.array([value[("phi", f, s, g)] for g in self.f])
                    norm = float(np.linalg.norm(phi))
                    if norm - value[("norm", f, s)] > tolerance * max(norm, 1.0):
                        violated = True
                        for g_s in self.s:  # a direction is good for every row
                            for g_f in self.f:
                                tangent = [(phi[g] / norm, ("phi", g_f, g_s, g)) for g in self.f]
                                self.row([*tangent, (-1.0, ("norm", g_f, g_s))], high=0.0)
            if not violated:
                return cost
        raise AssertionError("the tangent planes did not close the cone")
