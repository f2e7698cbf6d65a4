"""A designed retail network: levels, links, stock, flows, and what they cost.

Equation numbers are those of Chen and Chen, Comput. Chem. Eng. 179 (2023) 108428.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, Coverage, FloatArray, IntArray, RetailInstance
from esc_sim.design.retail.margins import Reading, RetailModel
from esc_sim.lp import Solution

CLOSED = -1
"""Level of a facility that is not opened."""


@dataclass(frozen=True)
class CostPieces:
    """Cost of a plan by piece, in the user's money.

    Attributes:
        suppliers, dcs, stores: fixed costs of the chosen levels.
        links: fixed costs of open links.
        stock: purchase of stock. These five together are Cost (eq. 37).
        destruction, handling, transport, penalty, purchase: OC, OD, OT, OP, OPP of each scenario, shape S.
        probability: of the scenarios, shape S.
    """

    suppliers: float
    dcs: float
    stores: float
    links: float
    stock: float
    destruction: FloatArray
    handling: FloatArray
    transport: FloatArray
    penalty: FloatArray
    purchase: FloatArray
    probability: FloatArray

    @property
    def fixed(self) -> float:
        """Cost of the pre-disaster stage (eq. 37)."""
        return self.suppliers + self.dcs + self.stores + self.links + self.stock

    @property
    def by_scenario(self) -> dict[str, FloatArray]:
        """The post-disaster pieces under the paper's names, each of shape S."""
        return {
            "OC": self.destruction,
            "OD": self.handling,
            "OT": self.transport,
            "OP": self.penalty,
            "OPP": self.purchase,
        }

    @property
    def expected(self) -> dict[str, float]:
        """Cost and the expected post-disaster pieces; they add up to the total."""
        return {"Cost": self.fixed} | {name: float(v @ self.probability) for name, v in self.by_scenario.items()}

    @property
    def unweighted(self) -> dict[str, float]:
        """Cost and the post-disaster pieces summed over scenarios without probabilities, as the paper's Table 6."""
        return {"Cost": self.fixed} | {name: float(v.sum()) for name, v in self.by_scenario.items()}

    @property
    def total(self) -> float:
        """Fixed plus expected post-disaster cost, the objective."""
        return sum(self.expected.values())


@dataclass(frozen=True, eq=False)
class RetailPlan:
    """What was decided, and how the solver got there (W: DCs, F: areas, S: scenarios).

    Attributes:
        instance: the data it was made for.
        coverage: coverage strategy.
        model: "stochastic", "box-ball" or "budget".
        eps: violation probability of the demand rows (no meaning for the stochastic model).
        reading: "joint" or "own".
        margin: what the demand rows carried above the nominal demand, shape F x S.
        level: position of the chosen level by role, `CLOSED` if closed, shape n.
        opened: open links by kind, shape links.
        stock: stock of the DCs, shape W.
        flow: quantity moved by kind, shape links x S.
        unused, transshipment: unused stock and purchases from the colleague chain, shape W x S.
        shortage: shape F x S.
        bound: proven lower bound of the cost of the best plan.
        status: how the search ended.
        seconds: time of the search.
    """

    instance: RetailInstance
    coverage: Coverage
    model: RetailModel
    eps: float
    reading: Reading
    margin: FloatArray
    level: Mapping[str, IntArray]
    opened: Mapping[str, NDArray[np.bool_]]
    stock: FloatArray
    flow: Mapping[str, FloatArray]
    unused: FloatArray
    transshipment: FloatArray
    shortage: FloatArray
    bound: float
    status: str
    seconds: float

    @property
    def cost(self) -> float:
        """Total cost, computed from the decisions (not taken from the solver)."""
        return cost_pieces(self).total

    @property
    def gap(self) -> float:
        """Proven relative gap between the plan and the best one."""
        return max(0.0, (self.cost - self.bound) / self.cost)

    def chosen(self, role: str, values: FloatArray) -> FloatArray:
        """Values by level (n x levels, or n x levels x S) at the chosen levels; 0 for closed facilities."""
        level = self.level[role]
        there = (level >= 0) & (level < values.shape[1])
        picked = values[np.arange(level.size), np.where(there, level, 0)]
        mask = there.reshape(level.shape + (1,) * (picked.ndim - 1))
        return np.where(mask, picked, 0.0)

    def level_counts(self, role: str) -> dict[str, int]:
        """Number of facilities of a role at each level."""
        return {name: int((self.level[role] == i).sum()) for i, name in enumerate(self.instance.levels)}

    def inflow(self, role: str) -> FloatArray:
        """Quantity that reaches the nodes of a role over links, shape n x S."""
        return self._summed(role, end=2)

    def outflow(self, role: str) -> FloatArray:
        """Quantity that leaves the nodes of a role over links, shape n x S."""
        return self._summed(role, end=1)

    def routing_shares(self, kind: str) -> FloatArray:
        """Share of each link in all that flows into its head, shape links x S; 0 where nothing flows in.

        A head receives over one or two kinds (a store from suppliers and DCs): shares add up to 1 over both.
        """
        head = next(k[2] for k in KINDS if k[0] == kind)
        total = self.inflow(head)[self.instance.links[kind].head]
        return np.divide(self.flow[kind], total, out=np.zeros_like(total), where=total > 0.0)

    def _summed(self, role: str, end: int) -> FloatArray:
        result = np.zeros((len(self.instance.role(role)), len(self.instance.scenarios)))
        for kind in KINDS:
            if kind[end] == role:
                links = self.instance.links[kind[0]]
                np.add.at(result, links.tail if end == 1 else links.head, self.flow[kind[0]])
        return result


def cost_pieces(plan: RetailPlan) -> CostPieces:
    """Cost of a plan by piece, recomputed from its decisions (eq. 37 and section 3.3.1)."""
    i = plan.instance
    direct = plan.flow["supplier_dc"], plan.flow["supplier_store"]
    price = [i.supplier_price[i.links[k].tail] for k in ("supplier_dc", "supplier_store")]
    fixed = {role: float(plan.chosen(role, i.facilities(role).fixed_cost).sum()) for role in FACILITY_ROLES}
    damage = sum(plan.chosen(role, i.facilities(role).destruction_cost).sum(axis=0) for role in FACILITY_ROLES)
    return CostPieces(
        suppliers=fixed["supplier"],
        dcs=fixed["dc"],
        stores=fixed["store"],
        links=float(sum(i.links[k].link_cost[plan.opened[k]].sum() for k, _, _ in KINDS)),
        stock=float(i.stock_price @ plan.stock),
        destruction=np.asarray(damage),
        handling=i.holding @ plan.unused + i.handling @ plan.outflow("dc"),
        transport=np.asarray(sum(i.links[k].unit_cost @ plan.flow[k] for k, _, _ in KINDS)),
        penalty=i.shortage_penalty @ plan.shortage,
        purchase=price[0] @ direct[0]
        + price[1] @ direct[1]
        + i.transshipment_price @ plan.transshipment
        + (i.stock_price - i.salvage) @ plan.unused,
        probability=i.probability,
    )


def price_of_robustness(robust: float, stochastic: float) -> float:
    """PDR in percent: how much more the robust plan costs than the stochastic one (section 5.3)."""
    return 100.0 * (robust - stochastic) / stochastic


def plan_of(
    instance: RetailInstance,
    solution: Solution,
    coverage: Coverage,
    model: RetailModel,
    eps: float,
    reading: Reading,
    margin: FloatArray,
) -> RetailPlan:
    """The plan that a solution of the block model holds; dust on closed links and below zero is taken off.

    Args:
        instance: the data.
        solution: of the block model (``design.retail.model``).
        coverage: least numbers of open links that were asked for.
        model: name of the model that was solved.
        eps: violation probability of a demand row.
        reading: how the set was read, joint or own.
        margin: what robust demand rows add to the mean demand of each area, units.
    """
    level: dict[str, IntArray] = {}
    for role in FACILITY_ROLES:
        chosen = solution[f"{role} level"] > 0.5
        level[role] = np.where(chosen.any(axis=1), chosen.argmax(axis=1), CLOSED)
    opened = {kind: solution[f"{kind} open"] > 0.5 for kind, _, _ in KINDS}
    flow = {k: np.where(opened[k][:, None], np.maximum(solution[f"{k} flow"], 0.0), 0.0) for k, _, _ in KINDS}
    return RetailPlan(
        instance=instance,
        coverage=coverage,
        model=model,
        eps=eps,
        reading=reading,
        margin=margin,
        level=level,
        opened=opened,
        stock=np.maximum(solution["stock"], 0.0),
        flow=flow,
        unused=np.maximum(solution["unused stock"], 0.0),
        transshipment=np.maximum(solution["transshipment"], 0.0),
        shortage=np.maximum(solution["shortage"], 0.0),
        bound=solution.bound,
        status=solution.status,
        seconds=solution.time,
    )
