"""Plans of kind ``sourcing``: contracts, efforts, reserves and spot purchases, and what they promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from esc_sim.disruptions.registry import number_of
from esc_sim.fields.parts import Amount, Identifier, Number, Part, Share
from esc_sim.instance.cases import joint_law_of, with_case_levels
from esc_sim.instance.model import NO_COLUMN
from esc_sim.plans.plan import Plan
from esc_sim.plans.single import arc_index, unfit
from esc_sim.policies.policy import DRAWN
from esc_sim.scenario.messages import Path, Problem

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import RunResult

Floats = NDArray[np.float64]
ByCase = Annotated[list[Amount], Field(min_length=1)]
"""One number where all cases are alike, else one for each case."""


class Signed(Part):
    """A primary supplier under contract."""

    supplier: Identifier = Field(description="primary supplier")
    level: Identifier | None = Field(default=None, description="level of effort, for tables")
    regained: Share = Field(
        default=0.0,
        description="share of capacity that it has back within the contract period after a failure, by its effort",
    )
    fee: Amount = Field(default=0.0, description="money per contract period: fixed cost and effort")


class Reserve(Part):
    """Capacity reserved at a backup supplier."""

    supplier: Identifier = Field(description="backup supplier")
    units: Amount = Field(description="most that all buyers together may take in a contract period")
    fee: Amount = Field(default=0.0, description="money per contract period")


class Contract(Part):
    """What a buyer takes, and pays, of a primary supplier in each contract period."""

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="primary supplier")
    units: Amount = Field(description="units per contract period")


class Recourse(Part):
    """What a buyer takes of a backup supplier or of the spot market."""

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="node that sells: a backup supplier or the spot market")
    units: ByCase = Field(description="units per contract period: one number, or one for each case")


class SourcingPromise(Part):
    """What the design promises under its own law of failures."""

    cost: Amount = Field(description="first-stage cost and expected second-stage cost, money per contract period")
    second_stage: Amount = Field(description="expected second-stage cost")
    budget: Amount | None = Field(default=None, description="C0")
    epf: Share | None = Field(default=None, description="probability that the second-stage cost exceeds the budget")
    epsilon: Share = Field(default=1.0, description="largest such probability that was allowed")
    confidence: Annotated[Number, Field(gt=0, lt=1)] = Field(default=0.95, description="level of the CVaR")
    cvar: Amount = Field(description="CVaR of the second-stage cost")
    violation: Share | None = Field(
        default=None, description="largest share of demands that remain unmet; none: nothing promised"
    )
    short_periods: Share | None = Field(
        default=None, description="largest share of periods in which some buyer is short; none: nothing promised"
    )
    violation_confidence: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.95, description="confidence of these two shares, which past demand shows"
    )
    note: str = Field(default="", description="what to know of it, for tables")


class SourcingContractPlan(Plan):
    """Contracts and reserves; suppliers that are not named sell nothing to these buyers."""

    kind: Literal["sourcing"] = Field(default="sourcing", description="contracts, reserves and spot purchases")
    cases: list[Identifier] = Field(default=[], description="cases of the failures, in the order of all lists")
    primaries: list[Signed] = Field(default=[], description="primary suppliers under contract")
    reserves: list[Reserve] = Field(default=[], description="reserved capacity")
    contracts: list[Contract] = Field(default=[], description="contract quantities")
    backup: list[Recourse] = Field(default=[], description="planned use of the reserves")
    spot: list[Recourse] = Field(default=[], description="planned spot purchases")
    spot_market: Identifier | None = Field(default=None, description="node to buy from what nobody else delivers")
    promise: SourcingPromise | None = Field(default=None, description="what the design promises")

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Names that the network does not have, arcs named twice, lists that do not fit the cases."""
        if text := unfit(instance.network, self.kind):
            yield Problem(("kind",), text)
            return
        known = instance.network.node_index
        idle = _idle_nodes(instance)
        named: list[tuple[Path, str]] = [
            (("primaries", n, "supplier"), u.supplier) for n, u in enumerate(self.primaries)
        ]
        named += [(("reserves", n, "supplier"), use.supplier) for n, use in enumerate(self.reserves)]
        if self.spot_market is not None:
            named.append((("spot_market",), self.spot_market))
        seen: set[tuple[str, ...]] = set()
        for path, name in named:
            if name not in known:
                yield Problem(path, f"there is no node '{name}'")
            elif name in idle:
                yield Problem(
                    path,
                    f"'{name}' makes, buys and holds nothing, so that nothing can be had of it and the plan cannot be "
                    f"carried out: give it production",
                )
            if (name,) in seen:
                yield Problem(path, f"'{name}' is named twice")
            seen.add((name,))
        allowed: dict[str, set[str | None]] = {
            "contracts": {use.supplier for use in self.primaries},
            "backup": {use.supplier for use in self.reserves},
            "spot": {self.spot_market},
        }
        places = [("contracts", n) for n in range(len(self.contracts))]
        places += [("backup", n) for n in range(len(self.backup))] + [("spot", n) for n in range(len(self.spot))]
        arcs = arc_index(instance.network)
        for place, use in zip(places, self.uses, strict=True):
            yield from self._link_problems(instance, arcs, place, use, seen, allowed[place[0]])
        for buyer in dict.fromkeys(use.buyer for use in self.uses):
            if self.spot_market in known and (buyer, self.spot_market) not in arcs:
                yield Problem(("spot_market",), f"there is no arc from '{self.spot_market}' to '{buyer}'")

    @property
    def needs_trace(self) -> bool:
        """What each supplier earned in each period tells the cost of the second stage."""
        return True

    @property
    def uses(self) -> list[Contract | Recourse]:
        """Everything that buyers take: contracts, then reserves, then spot purchases."""
        return [*self.contracts, *self.backup, *self.spot]

    def _link_problems(
        self,
        instance: Instance,
        arcs: Mapping[tuple[str, str], int],
        path: Path,
        use: Contract | Recourse,
        seen: set[tuple[str, ...]],
        allowed: set[str | None],
    ) -> Iterator[Problem]:
        ends = (use.buyer, use.supplier)
        if ends not in arcs:
            yield Problem(path, f"there is no arc from '{use.supplier}' to '{use.buyer}'", "part")
        elif instance.orders.way[item_of_node(instance)[use.buyer]] != DRAWN:
            yield Problem((*path, "buyer"), f"'{use.buyer}' orders by a policy of its own; a plan needs policy: mean")
        elif use.supplier not in allowed:
            where = {"contracts": "primaries", "backup": "reserves", "spot": "spot_market"}[str(path[0])]
            yield Problem((*path, "supplier"), f"'{use.supplier}' is not named under '{where}'")
        if ends in seen:
            yield Problem(path, f"'{use.supplier}' to '{use.buyer}' is decided twice", "part")
        seen.add(ends)
        if isinstance(use, Recourse) and len(use.units) not in (1, max(len(self.cases), 1)):
            yield Problem((*path, "units"), f"{len(use.units)} numbers for {len(self.cases)} cases")

    def applied(self, instance: Instance) -> Instance:
        """The instance in which buyers follow the plan; see docs/background/sourcing.md for what becomes what."""
        arcs, node_item = arc_index(instance.network), item_of_node(instance)
        law = joint_law_of(instance, tuple(self.cases))
        levels: dict[tuple[int, int], Floats] = {}
        size = len(self.cases) or 1
        cap = np.zeros_like(instance.arcs.cap)
        wanted = {name: np.zeros(size) for name in instance.network.node_ids}
        for use in self.contracts:
            cap[arcs[use.buyer, use.supplier]] = use.units
            wanted[use.buyer] += use.units
        slack = self._unallocated()
        for recourse in self.backup:
            units, arc = np.broadcast_to(recourse.units, (size,)), arcs[recourse.buyer, recourse.supplier]
            cap[arc] = float(units.max()) + slack[recourse.supplier]
            if law is not None and cap[arc] > 0.0:
                levels[number_of("arc"), arc] = (units + slack[recourse.supplier]) / cap[arc]
            wanted[recourse.buyer] += units
        for recourse in self.spot:
            wanted[recourse.buyer] += np.broadcast_to(recourse.units, (size,))
        buyers = dict.fromkeys(use.buyer for use in self.uses)
        if self.spot_market is not None:
            for buyer in buyers:
                cap[arcs[buyer, self.spot_market]] = np.inf
        orders, items = instance.orders, instance.items
        loc, scale, target = items.order_loc.copy(), items.order_scale.copy(), items.target_stock.copy()
        fixed = orders.fixed_cost.copy()
        fees = self._fees(list(buyers))
        for buyer in buyers:
            item, node = node_item[buyer], instance.network.node_index[buyer]
            most = float(wanted[buyer].max())
            loc[item], scale[item], fixed[item] = most, 0.0, fees[buyer]
            if law is not None and most > 0.0:
                levels[number_of("order"), node] = wanted[buyer] / most
        for reserve in self.reserves:
            target[node_item[reserve.supplier]] = reserve.units
        target, cap = (_covered(units, instance.switches.goods_bits) for units in (target, cap))
        changed = replace(
            instance,
            items=replace(items, order_loc=loc, order_scale=scale, target_stock=target),
            arcs=replace(instance.arcs, cap=cap),
            orders=replace(orders, fixed_cost=fixed),
            tally=True,
        )
        return _with_efforts(with_case_levels(changed, law, levels) if law is not None else changed, self.primaries)

    def _unallocated(self) -> dict[str, float]:
        """Reserved units of each backup that no buyer plans to use in any case."""
        used: dict[str, Floats] = {}
        for recourse in self.backup:
            units = np.broadcast_to(recourse.units, (len(self.cases) or 1,))
            used[recourse.supplier] = used.get(recourse.supplier, np.zeros(1)) + units
        return {r.supplier: max(0.0, r.units - float(np.max(used.get(r.supplier, 0.0)))) for r in self.reserves}

    def _fees(self, buyers: list[str]) -> dict[str, float]:
        """Fees shared among buyers by what they take of a supplier, evenly where nobody takes anything."""
        found = dict.fromkeys(buyers, 0.0)
        fees = [(use.supplier, use.fee) for use in self.primaries]
        fees += [(use.supplier, use.fee) for use in self.reserves]
        for supplier, fee in fees:
            units = {use.buyer: float(np.max(use.units)) for use in self.uses if use.supplier == supplier}
            whole = sum(units.values())
            for buyer in buyers:
                found[buyer] += fee * (units.get(buyer, 0.0) / whole if whole > 0.0 else 1.0 / len(buyers))
        return found

    def promises(self, result: RunResult) -> list[Promise]:
        """Cost, excess probability, CVaR and unmet demand, promised and simulated."""
        from esc_sim.plans.sourcing_promises import sourcing_promises

        return sourcing_promises(self, result)


def _covered(units: Floats, goods_bits: int) -> Floats:
    """Units on the next place of the grid of goods, so that no buyer is short of a quantum; dust is dropped."""
    grid = 2.0**goods_bits
    return np.asarray(np.ceil(units * grid - 1e-3) / grid)


def _idle_nodes(instance: Instance) -> set[str]:
    """Nodes that never have anything to deliver: no production, no recipe, no supplier, no stock to start with."""
    items, network = instance.items, instance.network
    gets = (items.production_loc > 0.0) | (items.production_column != NO_COLUMN) | (items.initial_stock > 0.0)
    gets[network.arc_buyer] = True
    gets |= instance.makes  # a recipe may make it
    return {network.node_ids[network.item_node[item]] for item in np.flatnonzero(~gets)}


def item_of_node(instance: Instance) -> dict[str, int]:
    """The item of each node, in a network of one product."""
    network = instance.network
    return {network.node_ids[node]: item for item, node in enumerate(network.item_node.tolist())}


def _with_efforts(instance: Instance, primaries: list[Signed]) -> Instance:
    """What a primary keeps in a case of failure, plus what its effort regains within the contract period."""
    ship, channels = number_of("ship"), instance.channels
    for law in instance.triggers.joint:
        levels: dict[tuple[int, int], Floats] = {}
        for use in primaries:
            node = instance.network.node_index[use.supplier]
            kept = np.ones(len(law.names))
            for case in range(len(law.names)):
                for k in range(int(law.first[case]), int(law.first[case + 1])):
                    channel = int(law.channel[k])
                    if (channels.kind[channel], channels.target[channel]) == (ship, node):
                        kept[case] = instance.effects[int(law.effect[k])].low
            if (kept < 1.0).any():
                levels[ship, node] = np.minimum(1.0, np.where(kept < 1.0, kept + use.regained, kept))
        if levels:
            instance = with_case_levels(instance, law, levels)
    return instance
