"""What the study takes from a run of the agro-food network: yearly tables by replication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular import external_share, self_sufficiency
from esc_sim.results.columns import FLOW_COLUMNS, NODE_COLUMNS
from esc_sim.results.run import RunResult, column
from experiments.regenerative.agro import Coefficients

FloatArray = NDArray[np.float64]
WEEKS = 52
KG = 1000.0
FIELDS = ("wheat_north", "wheat_south", "vegetables_north", "vegetables_south")
_WASTE = tuple(f"{chain}_{kind}" for chain in ("grain", "veg") for kind in ("waste", "kitchen", "rest"))
_MADE = ("digestate_grain", "digestate_veg", "compost_grain", "compost_veg", "compost_straw")


@dataclass(frozen=True, eq=False)
class Outcome:
    """R replications of Y years, F fields (``FIELDS``).

    Attributes:
        switches: those that are on.
        profit: [R, Y] of all members together, EUR, before capital.
        bill: [R, Y] grid, wheeling, wear and engines, EUR.
        sales: [R, weeks] food sold, EUR.
        carbon: [R, Y + 1, F] soil carbon, t/ha.
        yields: [R, Y, F] t/ha.
        synthetic, organic: [R, Y] nitrogen applied, kg.
        collected, landfilled: [R] waste of the whole run, t.
        energy: [R, Y] by name, MWh.
        nutrients: mean flows of nitrogen by name, t a year.
    """

    switches: frozenset[str]
    profit: FloatArray
    bill: FloatArray
    sales: FloatArray
    carbon: FloatArray
    yields: FloatArray
    synthetic: FloatArray
    organic: FloatArray
    collected: FloatArray
    landfilled: FloatArray
    energy: dict[str, FloatArray]
    nutrients: dict[str, float]

    @property
    def external_share(self) -> FloatArray:
        """Synthetic over all applied nitrogen, [R, Y]."""
        return external_share(self.synthetic, self.organic)

    @property
    def landfill_share(self) -> FloatArray:
        """Landfilled over collected waste, [R]."""
        return np.asarray(self.landfilled / self.collected)

    @property
    def self_sufficiency(self) -> FloatArray:
        """1 - energy from the grid / load served, [R, Y]."""
        return self_sufficiency(self.energy["imported"], self.energy["load"] - self.energy["shed"])


def yearly(table: FloatArray) -> FloatArray:
    """[R, weeks, ...] -> sums [R, Y, ...]."""
    R, T = table.shape[:2]
    return np.asarray(table.reshape(R, T // WEEKS, WEEKS, *table.shape[2:]).sum(axis=2))


def shown(result: RunResult, kind: str) -> FloatArray:
    """What features show of a kind, [R, T, entities]; fields in the order of FIELDS, buses and engines as they come."""
    places = {one.entity: k for k, one in enumerate(result.observed) if one.kind == kind}
    order = FIELDS if set(FIELDS) == set(places) else places
    assert result.observations is not None
    return np.asarray(result.observations)[:, :, [places[name] for name in order]]


class _Flows:
    """Sums over the run, by column, product and kind of node."""

    def __init__(self, result: RunResult) -> None:
        network = result.network
        assert result.flows is not None
        self.table = result.flows
        self.product = [network.products[p] for p in network.item_product]
        self.node = [network.node_ids[n] for n in network.item_node]
        self.contents = {product.id: product.contents for product in result.scenario.products}

    def of(self, name: str, products: tuple[str, ...], node: str = "") -> FloatArray:
        """Tonnes, [R]."""
        return self._sum(name, products, node, "")

    def nitrogen(self, name: str, products: tuple[str, ...], node: str = "") -> float:
        """t N, mean over replications."""
        return float(self._sum(name, products, node, "nitrogen").mean()) / KG

    def _sum(self, name: str, products: tuple[str, ...], node: str, content: str) -> FloatArray:
        total = np.zeros(len(self.table))
        for i, product in enumerate(self.product):
            if product in products and self.node[i].startswith(node):
                weight = self.contents[product].get(content, 0.0) if content else 1.0
                total += weight * self.table[:, i, FLOW_COLUMNS.index(name)]
        return total


def outcome_of(result: RunResult, switches: frozenset[str], c: Coefficients) -> Outcome:
    """Sum up a traced run."""
    assert result.traces is not None
    nodes, ids = result.traces.nodes, result.network.node_ids
    towns = [k for k, name in enumerate(ids) if name.startswith("town_")]
    operator = ids.index("cooperative")
    storage, cost = (nodes[:, :, operator, NODE_COLUMNS.index(name)] for name in ("storage", "cost"))
    flows = _Flows(result)
    carbon = shown(result, "soil carbon")
    land = {field.id: field.area for field in result.scenario.fields}
    area = np.array([land[name] for name in FIELDS])
    start = np.full((len(carbon), 1, len(FIELDS)), c["soc0"])
    harvest = yearly(shown(result, "harvest"))
    synthetic, organic = (yearly(shown(result, f"{kind} nitrogen applied")) for kind in ("synthetic", "organic"))
    energy = {
        name: yearly(shown(result, name)).sum(axis=2)
        for name in ("load", "imported", "exported", "shed", "solar", "engine power", "gas flared", "deviation")
    }
    waste = flows.of("produced", _WASTE) - flows.of("consumed", ("grain_kitchen", "veg_kitchen"))
    return Outcome(
        switches=switches,
        profit=yearly(column(result.values, "profit")),
        bill=yearly(cost - storage),
        sales=np.asarray(nodes[:, :, towns, NODE_COLUMNS.index("income")].sum(axis=2)),
        carbon=np.concatenate([start, carbon[:, WEEKS - 1 :: WEEKS]], axis=1),
        yields=harvest / area,
        synthetic=synthetic.sum(axis=2),
        organic=organic.sum(axis=2),
        collected=waste,
        landfilled=flows.of("disposed", (*_WASTE, *_MADE)),
        energy=energy,
        nutrients=_nutrients(result, flows, c, harvest),
    )


def _nutrients(result: RunResult, flows: _Flows, c: Coefficients, harvest: FloatArray) -> dict[str, float]:
    """Mean flows of nitrogen, t a year; harvest [R, Y, F]."""
    fields = {field.id: field for field in result.scenario.fields}
    years = harvest.shape[1]
    uptake = sum(float(harvest[:, :, k].mean()) * fields[name].uptake for k, name in enumerate(FIELDS)) / KG
    crops = {
        "grain": flows.nitrogen("produced", ("grain",)) / years,
        "vegetables": flows.nitrogen("produced", ("vegetables",)) / years,
        "straw": flows.nitrogen("produced", ("straw",)) / years,
    }
    lost, synthetic = (
        float(yearly(shown(result, kind)).sum(axis=2).mean()) / KG
        for kind in ("nitrogen lost", "synthetic nitrogen applied")
    )
    kept = {"grain": 1.0 - c["hh_flour"], "veg": 1.0 - c["hh_veg"]}
    eaten = kept["grain"] * flows.nitrogen("served", ("shelf_flour",))
    eaten += kept["veg"] * flows.nitrogen("served", ("shelf_vegetables",))
    waste = flows.nitrogen("produced", _WASTE) - flows.nitrogen("consumed", ("grain_kitchen", "veg_kitchen"))
    return {
        "synthetic": synthetic,
        "background": sum(field.background * field.area for field in fields.values()) / KG,
        "digestate": flows.nitrogen("given", _MADE[:2]) / years,
        "compost": flows.nitrogen("given", _MADE[2:]) / years,
        **crops,
        "field losses": lost + uptake - sum(crops.values()),
        "eaten": eaten / years,
        "bran and grain sold": flows.nitrogen("served", ("bran", "grain")) / years,
        "food waste": waste / years,
        "landfilled": flows.nitrogen("disposed", (*_WASTE, *_MADE)) / years,
        "to air": flows.nitrogen("produced", ("nitrogen_to_air",)) / years,
    }
