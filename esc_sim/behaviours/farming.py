"""A field over its year: nitrogen supplied, taken up and lost; soil carbon and what it does to the yield.

Soil carbon s in t C/ha (0-30 cm) follows a one-pool model of the kind of Henin and Dupuis (1945), and the yield the
factor

    m(s) = phi(s) / phi(s_0),  phi(s) = 1 - A exp(-3 s / s_sat),

which rises with carbon and levels off, as Oldfield et al. (2019), SOIL 5, 15-32, find.
"""

from __future__ import annotations

from esc_sim.behaviours.grid import down_to_grid
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllGoods
from esc_sim.fields.farm import Field, Soil
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.rows import NO_ROW
from esc_sim.fields.written import FieldPeriod

_LN2 = 0.6931471805599453


def exponential(x: float) -> float:
    """exp(x) for x <= 0, by plain arithmetic: that of the C library may differ between interpreter and compiled code.

    x = r - k ln 2 with r in (-ln 2, 0]: the series of exp(r) to r^20 / 20!, halved k times.
    """
    if x < -700.0:
        return 0.0
    halvings = int(-x / _LN2)
    rest = x + halvings * _LN2
    value = 1.0
    for k in range(20, 0, -1):
        value = 1.0 + rest / k * value
    for _ in range(halvings):
        value *= 0.5
    return value


def response(carbon: float, saturation: float, shape: float) -> float:
    """phi(s) = 1 - A exp(-3 s / s_sat).

    Args:
        carbon: soil carbon s, t/ha.
        saturation: s_sat, t/ha.
        shape: A; 0: the yield does not depend on the soil.
    """
    if shape == 0.0:
        return 1.0
    return 1.0 - shape * exponential(-3.0 * carbon / saturation)


def begin_year(field: Field, soil: Soil) -> None:
    """The organic pool mineralises, what the measure kept is free; the target and its need of nitrogen are set.

    Need of plant-available nitrogen: max(0, target x uptake / recovery - background - mineralised).

    Args:
        field: written.
        soil: the soil's law.
    """
    freed = soil.mineralisation * field.organic_nitrogen
    field.organic_nitrogen -= freed
    field.supply = field.area * field.background + freed + field.carried
    field.carried = 0.0
    factor = response(field.carbon, soil.saturation, soil.yield_shape) / soil.reference
    field.target = field.area * field.potential * factor
    need = field.target * field.uptake / field.recovery - field.supply
    field.need = need if need > 0.0 else 0.0
    field.room = field.area * soil.organic_limit
    field.carbon_added = 0.0
    field.taken_up = 0.0
    field.expected = field.bought
    field.bought = 0.0


def begin_period(field: Field) -> None:
    """Clear what belongs to one period."""
    field.synthetic = 0.0
    field.organic = 0.0
    field.harvest = 0.0
    field.lost = 0.0


def weather_factor(field: Field, draw: float) -> float:
    """Factor on a year's yield, never below 0.

    Args:
        field: of whose law.
        draw: the year's draw from the tape.
    """
    factor = field.weather_loc + field.weather_scale * draw
    if factor <= 0.0:
        return 0.0
    return factor


def harvest(terms: Terms, field: Field, goods: AllGoods, sums: NetworkSums, share: float, health: float) -> None:
    """Bring in a share of a field's yield, and collect its residue.

    Args:
        terms: of the run.
        field: written.
        goods: of all items; crop and residue are written.
        sums: of the network; written.
        share: part of the year's yield that is harvested in this period.
        health: what disruptions leave of the node's production.
    """
    crop, residue = harvested(terms, field, share, health), 0.0
    if field.residue != NO_ROW:
        residue = down_to_grid(field.collected * field.residue_ratio * crop, terms.offset)
        goods[field.residue].stock += residue
        goods[field.residue].produced += residue
    field.harvest += crop
    field.taken_up += crop * field.uptake
    left = field.residue_ratio * crop - residue
    if left > 0.0:
        field.carbon_added += left * field.straw_carbon
    goods[field.crop].stock += crop
    goods[field.crop].produced += crop
    sums.emissions += goods[field.crop].emissions * crop


def harvested(terms: Terms, field: Field, share: float, health: float) -> float:
    """Units of the crop harvested in a period, on the grid of goods.

    The share of the year's yield, which is the target or what the nitrogen allows, times weather and the health of
    the node; never more than the nitrogen that is there.

    Args:
        terms: of the run.
        field: which.
        share: part of the year's yield that is harvested in this period.
        health: what disruptions leave of the node's production.
    """
    crop = field.target
    if field.uptake > 0.0:
        possible = field.supply * field.recovery / field.uptake
        if possible < crop:
            crop = possible
    crop = share * crop * field.weather * health
    if field.uptake > 0.0:
        most = (field.supply - field.taken_up) / field.uptake
        if most < crop:
            crop = most
    if crop <= 0.0:
        return 0.0
    return down_to_grid(crop, terms.offset)


def end_year(field: Field, soil: Soil) -> None:
    """Nitrogen that no crop took up is lost, or kept by the measure; the soil's carbon moves on.

    s' = s + (carbon that stays) / area + root + cover crop - k s.

    Args:
        field: written.
        soil: the soil's law.
    """
    unused = field.supply - field.taken_up
    if unused < 0.0:
        unused = 0.0
    field.carried = soil.nitrogen_kept * unused
    field.lost = unused - field.carried
    gained = field.carbon_added / field.area + field.root_carbon + soil.cover_carbon
    field.carbon = field.carbon + gained - soil.decay * soil.till_factor * field.carbon


def show_field(field: Field, out: FieldPeriod) -> None:
    """Write what a field shows of a period.

    Args:
        field: which.
        out: its row of the period; written.
    """
    out.soil_carbon = field.carbon
    out.organic_nitrogen = field.organic_nitrogen + field.carried
    out.synthetic_nitrogen_applied = field.synthetic
    out.organic_nitrogen_applied = field.organic
    out.harvest = field.harvest
    out.nitrogen_lost = field.lost
