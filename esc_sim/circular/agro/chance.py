"""Everything random of a run, drawn before it: the same numbers for every variant.

Weeks are numbered from 0; a year has 52. Outages of the grid begin and end at multiples of six hours, so that days
with the same hours without grid share an energy plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from esc_sim.circular.agro.coefficients import Coefficients
from esc_sim.sampling.streams import stream_hashes, uniforms

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
WEEKS = 52
BLOCKS = 28
"""Six-hour blocks a week."""
REGIONS = ("north", "south")


@dataclass(frozen=True, eq=False)
class Chance:
    """Draws of R replications over Y years of 52 weeks; regions, suppliers and products count two each.

    Attributes:
        demand: float64[R, W, 2 regions, 2 products], factor on mean demand.
        supplier_down: bool[R, W, 2 suppliers].
        announced: bool[R, W, 2 suppliers], the running outage was announced an application ahead.
        arc_down: bool[R, W, 2 regions, 2 products], processor to distributor.
        grid_down: bool[R, W, 2 regions, 28 blocks].
        drought: float64[R, Y, 2 regions], share of the yield lost.
        weather: float64[R, Y, 2 crops, 2 regions], factor on the yield.
        cloud: float64[R, W, 7 days, 2 regions], factor on the forecast sun.
    """

    demand: FloatArray
    supplier_down: BoolArray
    announced: BoolArray
    arc_down: BoolArray
    grid_down: BoolArray
    drought: FloatArray
    weather: FloatArray
    cloud: FloatArray

    @property
    def years(self) -> int:
        """Years drawn."""
        return int(self.drought.shape[1])

    @property
    def replications(self) -> int:
        """Replications drawn."""
        return int(self.drought.shape[0])

    def calm(self) -> Chance:
        """The same world without disruptions: no outages, no drought; demand, weather and clouds stay."""
        off = {
            name: np.zeros_like(getattr(self, name)) for name in ("supplier_down", "announced", "arc_down", "grid_down")
        }
        return replace(self, drought=np.zeros_like(self.drought), **off)

    def only(self, name: str) -> Chance:
        """The calm world with one kind of disruption: "suppliers", "arcs", "grid" or "drought"."""
        kept = {"suppliers": ("supplier_down", "announced"), "arcs": ("arc_down",), "grid": ("grid_down",)}
        return replace(self.calm(), **{part: getattr(self, part) for part in kept.get(name, (name,))})


def draw_chance(c: Coefficients, seed: int, replications: int, years: int, first: int = 0) -> Chance:
    """Draw the random numbers of replications first, first + 1, ...; each is a function of seed, stream and number."""
    W = years * WEEKS
    weekly = [f"demand/{p}/{g}" for g in REGIONS for p in ("flour", "vegetables")]
    weekly += [f"supplier/{name}" for name in ("one", "two", "both")]
    weekly += [f"supplier/{name}/{what}" for name in ("one", "two", "both") for what in ("length", "announced")]
    weekly += [f"arc/{p}/{g}{part}" for g in REGIONS for p in ("flour", "vegetables") for part in ("", "/length")]
    weekly += [f"grid/{g}{part}" for g in REGIONS for part in ("", "/start", "/length")]
    yearly = ["drought/common", "drought/depth"] + [
        f"drought/{g}{part}" for g in REGIONS for part in ("", "/own", "/depth")
    ]
    yearly += [f"yield/{crop}/{g}" for crop in ("cereals", "vegetables") for g in REGIONS]
    daily = [f"cloud/{g}" for g in REGIONS]
    tables = []
    for names, count in ((weekly, W), (yearly, years), (daily, 7 * W)):
        hashes = stream_hashes([f"agro/{name}" for name in names])
        rows = [uniforms(seed, hashes, first + r, 0, count) for r in range(replications)]
        table = np.stack(rows)
        tables.append({name: table[:, :, i] for i, name in enumerate(names)})
    week, year, day = tables
    demand = np.stack([week[n] for n in weekly[:4]], axis=2).reshape(replications, W, 2, 2)
    down, announced = _suppliers(c, week)
    arcs = [
        _spells(week[f"arc/{p}/{g}"], week[f"arc/{p}/{g}/length"], c["p_arc"] * 12 / WEEKS, c["arc_dur"])
        for g in REGIONS
        for p in ("flour", "vegetables")
    ]
    grid = [_grid(c, *(week[f"grid/{g}{part}"] for part in ("", "/start", "/length"))) for g in REGIONS]
    weather = 1.0 + c["yield_cv"] * ndtri(np.stack([year[n] for n in yearly[-4:]], axis=2))
    cloud = np.stack([day[n] for n in daily], axis=2).reshape(replications, W, 7, 2)
    return Chance(
        demand=np.maximum(0.0, 1.0 + c["demand_cv"] * ndtri(demand)),
        supplier_down=down,
        announced=announced,
        arc_down=np.stack(arcs, axis=2).reshape(replications, W, 2, 2),
        grid_down=np.stack(grid, axis=2),
        drought=_drought(c, year),
        weather=np.maximum(0.3, weather).reshape(replications, years, 2, 2),
        cloud=1.0 + c["pv_cloud"] * (2.0 * cloud - 1.0),
    )


def _spells(start: FloatArray, length: FloatArray, chance: float, mean: float) -> BoolArray:
    """Weeks within spells that start with a chance and last a geometric number of weeks."""
    weeks = _geometric(length, mean)
    left, out = np.zeros(len(start), np.int64), np.zeros(start.shape, bool)
    for t in range(start.shape[1]):
        begins = (left == 0) & (start[:, t] < chance)
        left = np.where(begins, weeks[:, t], left)
        out[:, t] = left > 0
        left = np.maximum(0, left - 1)
    return out


def _geometric(u: FloatArray, mean: float) -> NDArray[np.int64]:
    if mean <= 1.0:
        return np.ones(u.shape, np.int64)
    return np.maximum(1, np.ceil(np.log(u) / np.log1p(-1.0 / mean))).astype(np.int64)


def _suppliers(c: Coefficients, week: dict[str, FloatArray]) -> tuple[BoolArray, BoolArray]:
    """Outages of each supplier and of both; announced where the draw at their start says so."""
    down, known = {}, {}
    weeks = c["sup_dur"] * WEEKS / 12
    for name, chance in (("one", c["p_sup_own"]), ("two", c["p_sup_own"]), ("both", c["p_sup_common"])):
        out = _spells(week[f"supplier/{name}"], week[f"supplier/{name}/length"], chance * 12 / WEEKS, weeks)
        told = np.zeros_like(out)
        for t in range(out.shape[1]):
            first = out[:, t] & ~(out[:, t - 1] if t else np.zeros(len(out), bool))
            before = told[:, t - 1] if t else np.zeros(len(out), bool)
            told[:, t] = out[:, t] & np.where(first, week[f"supplier/{name}/announced"][:, t] < c["planned"], before)
        down[name], known[name] = out, told
    both = down["both"]
    out = np.stack([down["one"] | both, down["two"] | both], axis=2)
    seen = [(known[n] | ~down[n]) & (known["both"] | ~both) for n in ("one", "two")]
    return out, np.stack(seen, axis=2) & out


def _grid(c: Coefficients, start: FloatArray, place: FloatArray, length: FloatArray) -> BoolArray:
    """Six-hour blocks without grid, bool[R, W, 28]."""
    R, W = start.shape
    out = np.zeros((R, W * BLOCKS), bool)
    hits = np.argwhere(start < c["p_out"] * 12 / WEEKS)
    for r, t in hits:
        days = min(8.0, -c["out_days"] * np.log(length[r, t]))
        first = t * BLOCKS + int(place[r, t] * BLOCKS)
        out[r, first : first + int(np.ceil(days * 4))] = True
    return out.reshape(R, W, BLOCKS)


def _drought(c: Coefficients, year: dict[str, FloatArray]) -> FloatArray:
    """Share of the yield lost, [R, Y, 2]; a share `drought_rho` of droughts is common to both regions."""
    out = []
    for g in REGIONS:
        common = year[f"drought/{g}/own"] < c["drought_rho"]
        hit = np.where(common, year["drought/common"], year[f"drought/{g}"]) < c["p_drought"]
        depth = np.where(common, year["drought/depth"], year[f"drought/{g}/depth"])
        out.append(np.where(hit, c["drought_lo"] + (c["drought_hi"] - c["drought_lo"]) * depth, 0.0))
    return np.stack(out, axis=2)
