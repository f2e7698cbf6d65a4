"""A field over its year: nitrogen supplied, taken up and lost; soil carbon and what it does to the yield.

A field is a short row of numbers that change (entries CARBON to LOST) and a row of those that do not (AREA to START);
the soil's law is a third row (SATURATION to SOIL_VALUE), the same for all fields. Soil carbon s in t C/ha (0-30 cm)
follows a one-pool model of the kind of Henin and Dupuis (1945), and the yield the factor

    m(s) = phi(s) / phi(s_0),  phi(s) = 1 - A exp(-3 s / s_sat),

which rises with carbon and levels off, as Oldfield et al. (2019), SOIL 5, 15-32, find.
"""

from __future__ import annotations

from typing import Final

from esc_sim.behaviours.grid import down_to_grid
from esc_sim.fields.sequences import Changing, Floats

CARBON: Final = 0
"""Soil carbon, t/ha."""
POOL: Final = 1
"""Organic nitrogen in the soil, kg."""
CARRIED: Final = 2
"""Nitrogen that the soil measure keeps from one year for the next, kg."""
SUPPLY: Final = 3
"""Plant-available nitrogen of the year so far, kg."""
TARGET: Final = 4
"""Yield aimed at in the year, units of the crop."""
OPEN: Final = 5
"""Plant-available nitrogen that the target still needs, kg."""
ROOM: Final = 6
"""Total organic nitrogen that may still be spread in the year, kg."""
ADDED: Final = 7
"""Carbon of amendments and residue that stays in the soil this year, t."""
WEATHER: Final = 8
"""Factor on the year's yield."""
TAKEN_UP: Final = 9
"""Nitrogen in what was harvested this year, kg."""
BOUGHT: Final = 10
"""Plant-available nitrogen of organic fertiliser spread this year, kg."""
EXPECTED: Final = 11
"""The same of the year before: what is expected of this one, kg."""
SYNTHETIC: Final = 12
ORGANIC: Final = 13
HARVEST: Final = 14
LOST: Final = 15
"""Of the period: nitrogen of the field's fertiliser applied (kg), total organic nitrogen applied (kg), harvest (units),
nitrogen lost (kg)."""
FIELD_STATES: Final = 16
FIELD_SHOWN: Final = 6
"""Numbers that a field shows of itself in every period."""

AREA: Final = 0
POTENTIAL: Final = 1
"""Yield of the whole field at m = 1, units."""
UPTAKE: Final = 2
"""Nitrogen that a unit of the crop takes up, kg."""
RECOVERY: Final = 3
BACKGROUND: Final = 4
"""Nitrogen from air and native soil, kg a year."""
COST: Final = 5
"""Money a year, the soil measure's included."""
RATIO: Final = 6
"""Residue, units per unit of crop."""
COLLECTED: Final = 7
STRAW: Final = 8
"""Carbon that a unit of residue left on the field adds to the soil for good, t."""
ROOT: Final = 9
"""Carbon from roots and stubble, t/ha a year."""
LIMIT: Final = 10
"""Most organic nitrogen, kg a year."""
START: Final = 11
"""Soil carbon at the start, t/ha."""
FIELD_NUMBERS: Final = 12

SATURATION: Final = 0
SHAPE: Final = 1
"""A; 0: the yield does not depend on the soil."""
REFERENCE: Final = 2
"""phi(s_0)."""
DECAY: Final = 3
"""Share of the carbon lost a year, reduced tillage included."""
MINERALISATION: Final = 4
KEPT: Final = 5
"""Share of the unused nitrogen that the soil measure keeps for the next year."""
COVER: Final = 6
"""Carbon that a cover crop leaves, t/ha a year."""
SOIL_VALUE: Final = 7
"""What a tonne of carbon that stays in the soil is worth to a farm, money."""
SOIL_NUMBERS: Final = 8

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


def begin_year(field: Changing, numbers: Floats, soil: Floats) -> None:
    """The organic pool mineralises, what the measure kept is free; the target and its need of nitrogen are set.

    Need of plant-available nitrogen: max(0, target x uptake / recovery - background - mineralised).

    Args:
        field: its state (entries CARBON to LOST); written.
        numbers: what does not change of it (AREA to START).
        soil: the soil's law (SATURATION to SOIL_VALUE).
    """
    freed = soil[MINERALISATION] * field[POOL]
    field[POOL] -= freed
    field[SUPPLY] = numbers[BACKGROUND] + freed + field[CARRIED]
    field[CARRIED] = 0.0
    field[TARGET] = numbers[POTENTIAL] * (response(field[CARBON], soil[SATURATION], soil[SHAPE]) / soil[REFERENCE])
    need = field[TARGET] * numbers[UPTAKE] / numbers[RECOVERY] - field[SUPPLY]
    field[OPEN] = need if need > 0.0 else 0.0
    field[ROOM] = numbers[LIMIT]
    field[ADDED] = 0.0
    field[TAKEN_UP] = 0.0
    field[EXPECTED] = field[BOUGHT]
    field[BOUGHT] = 0.0


def begin_period(field: Changing) -> None:
    """Clear what belongs to one period."""
    field[SYNTHETIC] = 0.0
    field[ORGANIC] = 0.0
    field[HARVEST] = 0.0
    field[LOST] = 0.0


def weather_factor(loc: float, scale: float, draw: float) -> float:
    """Factor on a year's yield, never below 0.

    Args:
        loc, scale: of the factor's law.
        draw: the year's draw from the tape.
    """
    factor = loc + scale * draw
    if factor <= 0.0:
        return 0.0
    return factor


def harvested(field: Floats, numbers: Floats, share: float, health: float, offset: float) -> float:
    """Units of the crop harvested in a period, on the grid of goods.

    The share of the year's yield, which is the target or what the nitrogen allows, times weather and the health of
    the node; never more than the nitrogen that is there.

    Args:
        field: its state.
        numbers: of the field.
        share: part of the year's yield that is harvested in this period.
        health: what disruptions leave of the node's production.
        offset: of the grid of goods.
    """
    crop = field[TARGET]
    uptake = numbers[UPTAKE]
    if uptake > 0.0:
        possible = field[SUPPLY] * numbers[RECOVERY] / uptake
        if possible < crop:
            crop = possible
    crop = share * crop * field[WEATHER] * health
    if uptake > 0.0:
        most = (field[SUPPLY] - field[TAKEN_UP]) / uptake
        if most < crop:
            crop = most
    if crop <= 0.0:
        return 0.0
    return down_to_grid(crop, offset)


def collected_residue(numbers: Floats, crop: float, offset: float) -> float:
    """Units of residue carried off a field of which so much was harvested, on the grid of goods.

    Args:
        numbers: what does not change of the field (AREA to START).
        crop: units harvested.
        offset: of the grid of goods.
    """
    return down_to_grid(numbers[COLLECTED] * numbers[RATIO] * crop, offset)


def book_harvest(field: Changing, numbers: Floats, crop: float, residue: float) -> None:
    """Nitrogen leaves with the crop; carbon of the residue that is left feeds the soil.

    Args:
        field: its state (CARBON to LOST); written.
        numbers: what does not change of it (AREA to START).
        crop: units harvested.
        residue: units of residue carried off.
    """
    field[HARVEST] += crop
    field[TAKEN_UP] += crop * numbers[UPTAKE]
    left = numbers[RATIO] * crop - residue
    if left > 0.0:
        field[ADDED] += left * numbers[STRAW]


def end_year(field: Changing, numbers: Floats, soil: Floats) -> None:
    """Nitrogen that no crop took up is lost, or kept by the measure; the soil's carbon moves on.

    s' = s + (carbon that stays) / area + root + cover crop - k s.

    Args:
        field: its state (CARBON to LOST); written.
        numbers: what does not change of it (AREA to START).
        soil: the soil's law (SATURATION to SOIL_VALUE).
    """
    unused = field[SUPPLY] - field[TAKEN_UP]
    if unused < 0.0:
        unused = 0.0
    field[CARRIED] = soil[KEPT] * unused
    field[LOST] = unused - field[CARRIED]
    carbon = field[CARBON]
    field[CARBON] = carbon + (field[ADDED] / numbers[AREA] + numbers[ROOT] + soil[COVER]) - soil[DECAY] * carbon


def show_field(field: Floats, shown: Changing, place: int) -> None:
    """Write what a field shows of a period, from ``place`` on; enough for the balance of its nitrogen.

    Soil carbon (t/ha), organic nitrogen in the soil and what the measure keeps (kg), synthetic and organic nitrogen
    applied (kg), harvest (units), nitrogen lost (kg).

    Args:
        field: its state (CARBON to LOST).
        shown: what is shown; written.
        place: the first of FIELD_SHOWN places.
    """
    shown[place] = field[CARBON]
    shown[place + 1] = field[POOL] + field[CARRIED]
    shown[place + 2] = field[SYNTHETIC]
    shown[place + 3] = field[ORGANIC]
    shown[place + 4] = field[HARVEST]
    shown[place + 5] = field[LOST]
