"""What the coefficients say of sizes: regions, mean flows, contents of what arises from waste."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.regenerative.agro.coefficients import Coefficients

REGIONS = ("north", "south")
CHAINS = ("grain", "veg")
SPLIT: Mapping[str, Mapping[str, float]] = {
    "north": {"grain": 0.6, "veg": 0.4},
    "south": {"grain": 0.4, "veg": 0.6},
}
"""Shares of the regions in area and in demand."""
WEEKS = 52
WEEKS_IN_STORE = 17.0
"""Weeks that vegetables lie in the cold store on average: harvested in weeks 23 to 40, used the whole year."""
GROWTH = 1.15
"""Room for larger needs of nitrogen, as soils improve."""
COMPOSTED_WASTE = 0.25
"""Share of a composter's capacity for food waste that the digester has no room for; the rest is for straw."""


def other(region: str) -> str:
    """The other of the two regions."""
    return REGIONS[1 - REGIONS.index(region)]


@dataclass(frozen=True)
class Sizes:
    """Mean flows a week, t, by region and chain ("grain", "veg"), from the coefficients.

    Attributes:
        c: the coefficients.
    """

    c: Coefficients

    def area(self, region: str, chain: str) -> float:
        """Fields, ha."""
        return SPLIT[region][chain] * self.c["area_wheat" if chain == "grain" else "area_veg"]

    def demand(self, region: str, chain: str) -> float:
        """What customers want."""
        return SPLIT[region][chain] * self.c["demand_flour" if chain == "grain" else "demand_veg"] / WEEKS

    def shelf(self, chain: str) -> float:
        """What a retailer has on the shelf at the start of a week, in weeks of demand."""
        return 1.3 if chain == "grain" else 1.0 + self.c["spoil_left"]

    def stocked(self, region: str, chain: str) -> float:
        """What a retailer puts on the shelves: vegetables that are left on them after a week are gone."""
        used = self.shelf(chain) if chain == "veg" else 1.0
        return used * self.demand(region, chain) / (1.0 - self.c["spoil_flour" if chain == "grain" else "spoil_veg"])

    def made(self, region: str, chain: str) -> float:
        """Mean output of the mill or packing house: a share goes to the other region."""
        cross = self.c["cross_share"]
        return (1.0 - cross) * self.stocked(region, chain) + cross * self.stocked(other(region), chain)

    def yield_(self, chain: str) -> float:
        """Output of a tonne of raw goods: trimmings come off, and what is lost in the cold store."""
        if chain == "grain":
            return self.c["flour_yield"]
        kept = (1.0 - self.c["veg_store_loss"]) ** (WEEKS_IN_STORE * 12.0 / WEEKS)
        return (1.0 - self.c["veg_trim"]) * kept

    def raw(self, region: str, chain: str) -> float:
        """Mean use of raw goods."""
        return self.made(region, chain) / self.yield_(chain)

    def nitrogen(self, region: str, chain: str) -> float:
        """Plant-available nitrogen that the fields of a farm need at the start, t a year."""
        c, crop = self.c, "wheat" if chain == "grain" else "veg"
        need = c[f"yield_{crop}"] * c[f"n_uptake_{crop}"] / c[f"recovery_{crop}"] - c["n_background"]
        return self.area(region, chain) * max(0.0, need) / 1000.0

    def waste(self, region: str, chain: str) -> float:
        """Food waste that can be caught, t a week: of processing, of shops and of households."""
        c, kind = self.c, "flour" if chain == "grain" else "veg"
        lost = c["flour_waste"] if chain == "grain" else 1.0 - self.yield_(chain)
        industry = lost * self.raw(region, chain) + self.stocked(region, chain) - self.demand(region, chain)
        return c["capture_ind"] * industry + c["capture_hh"] * c[f"hh_{kind}"] * self.demand(region, chain)

    def digester_line(self, region: str, chain: str) -> float:
        """Capacity of a digester for one kind of waste, t a week: the whole, split as the waste is expected."""
        share = self.waste(region, chain) / sum(self.waste(region, each) for each in CHAINS)
        return self.c["dig_cap"] / WEEKS * share


def gas_per_tonne(c: Coefficients) -> float:
    """MWh of biogas from a tonne of waste."""
    return c["vs_waste"] * c["biogas_vs"] * c["ch4"] * c["lhv"] / 1000.0


def biogas_per_tonne(c: Coefficients) -> float:
    """Tonnes of biogas from a tonne of waste."""
    return c["vs_waste"] * c["biogas_vs"] * c["biogas_mass"] / 1000.0


def straw_nitrogen(c: Coefficients) -> float:
    """kg N in a tonne of straw: what the crop takes up beyond the grain."""
    return (c["n_uptake_wheat"] - c["n_grain"]) / c["straw_ratio"]


def contents(c: Coefficients) -> dict[str, dict[str, float]]:
    """What a tonne of each product holds: mass (t), nitrogen (kg), carbon (t); losses to air are products too."""
    food = {
        "grain": {"mass": 1.0, "nitrogen": c["n_grain"], "carbon": c["c_food"]},
        "veg": {"mass": 1.0, "nitrogen": c["n_veg"], "carbon": c["c_food"]},
    }
    straw = {"mass": 1.0, "nitrogen": straw_nitrogen(c), "carbon": c["org_c_straw"]}
    gas = biogas_per_tonne(c)
    biogas = {"mass": 1.0, "carbon": c["biogas_c"] / c["biogas_mass"]}
    found = {"biogas": biogas, "straw": straw}
    for chain in CHAINS:
        left = 1.0 - gas
        found[f"digestate_{chain}"] = {
            "mass": 1.0,
            "nitrogen": food[chain]["nitrogen"] / left,
            "carbon": (food[chain]["carbon"] - gas * biogas["carbon"]) / left,
        }
    for name, feed in {**food, "straw": straw}.items():
        found[f"compost_{name}"] = {
            "mass": 1.0,
            "nitrogen": feed["nitrogen"] * (1.0 - c["comp_n_loss"]) / c["comp_mass"],
            "carbon": feed["carbon"] * (1.0 - c["comp_c_loss"]) / c["comp_mass"],
        }
    return {**{chain: food[chain] for chain in CHAINS}, **found}


def compost_losses(c: Coefficients, feed: Mapping[str, float]) -> dict[str, float]:
    """What a tonne of feed loses to the air in composting, by product; the rest of its mass is water vapour."""
    nitrogen, carbon = c["comp_n_loss"] * feed["nitrogen"], c["comp_c_loss"] * feed["carbon"]
    lost = {"nitrogen_to_air": nitrogen / 1000.0, "carbon_to_air": carbon}
    return {**lost, "water_vapour": 1.0 - c["comp_mass"] - sum(lost.values())}
