"""Fields of farms, their soil, and what fertilisers and organic amendments are to them.

Periods of the year count from 0. Nitrogen is in kg, carbon in t.
"""

from __future__ import annotations

from esc_sim.fields.rows import fixed, key, of_period, row, state


@row
class Soil:
    """The law of the soil, the same for all fields; with what a measure, such as a cover crop, does to it."""

    saturation: float = fixed("carbon at which yields level off", "t/ha")
    yield_shape: float = fixed("A of the yield's response; 0: yields do not depend on the soil")
    reference: float = fixed("response at the carbon of the start, phi(s_0)")
    decay: float = fixed("share of the carbon lost a year", "share")
    till_factor: float = fixed("factor on the soil's decay", "share")
    mineralisation: float = fixed("share of the organic nitrogen that becomes available a year", "share")
    nitrogen_kept: float = fixed("share of the nitrogen no crop took up that is kept for next year", "share")
    cover_carbon: float = fixed("carbon that the cover crop leaves", "t/ha a year")
    cost: float = fixed("cost of the measure", "money per ha and year")
    soil_value: float = fixed("worth of carbon that stays in the soil, to a farm", "money per t")
    organic_limit: float = fixed("most organic nitrogen", "kg per ha and year")


@row
class Field:
    """A field: land of a node under one crop."""

    index: int = key("its number")
    node: int = key("number of its node")
    crop: int = key("number of the item that is harvested")
    residue: int = key("number of the item that residue becomes which is carried off, if any is")
    fertiliser: int = key("number of its own fertiliser, among those of all fields")
    apply: int = key("period of the year in which fertiliser is applied")
    ahead: int = key("periods before it in which the fertiliser is ordered")
    window: int = key("periods, from apply on, in which what is missing is ordered")
    first_harvest: int = key("period of the year in which the harvest begins")
    first_link: int = key("where its links to offers begin")
    end_link: int = key("where they end")
    weather_column: int = key("column of the tape that the weather is drawn from")
    area: float = fixed("area", "ha")
    potential: float = fixed("yield at the soil's starting carbon", "units per ha and year")
    uptake: float = fixed("nitrogen that the crop takes up", "kg per unit")
    recovery: float = fixed("share of the available nitrogen that the crop takes up", "share")
    background: float = fixed("nitrogen from air and native soil", "kg per ha and year")
    cost: float = fixed("cost of the field", "money per ha and year")
    residue_ratio: float = fixed("residue", "units per unit of the crop")
    collected: float = fixed("share of the residue that is carried off the field", "share")
    straw_carbon: float = fixed("carbon of residue left on the field that stays in the soil", "t per unit")
    root_carbon: float = fixed("carbon from roots and stubble", "t/ha a year")
    weather_loc: float = fixed("factor on the year's yield, where its draw is 0")
    weather_scale: float = fixed("that factor, by unit of its draw")
    carbon: float = state("in the soil (s)", "t/ha")
    organic_nitrogen: float = state("in the soil", "kg")
    carried: float = state("nitrogen that the soil measure keeps from one year for the next", "kg")
    supply: float = state("plant-available nitrogen of the year so far", "kg")
    target: float = state("yield aimed at in the year", "units")
    need: float = state("plant-available nitrogen that the target still needs", "kg")
    room: float = state("organic nitrogen that may still be spread in the year", "kg")
    carbon_added: float = state("of amendments and residue, that stays in the soil this year", "t")
    weather: float = state("factor on the year's yield", "")
    taken_up: float = state("nitrogen in what was harvested this year", "kg")
    bought: float = state("plant-available nitrogen of organic fertiliser spread this year", "kg")
    expected: float = state("the same of the year before, which is expected of this one", "kg")
    synthetic: float = of_period("nitrogen applied of its own fertiliser", "kg")
    organic: float = of_period("organic nitrogen applied", "kg")
    harvest: float = of_period("brought in")
    lost: float = of_period("nitrogen lost", "kg")
    nitrogen_price: float = of_period("what nitrogen of its own fertiliser costs", "money per kg")


@row
class Nutrients:
    """What a fertiliser gives to a field."""

    item: int = key("number of the item")
    available_nitrogen: float = fixed("nitrogen that plants can take up in the first year", "kg per unit")
    nitrogen: float = fixed("all its nitrogen", "kg per unit")
    lasting_carbon: float = fixed("carbon that stays in the soil", "t per unit")


@row
class Fertiliser(Nutrients):
    """What fields of a node are given where organic fertilisers do not suffice."""

    first_field: int = key("where its fields begin in the list of fields by fertiliser")
    end_field: int = key("where they end")
    first_line: int = key("where its lines begin in the list of buyers' lines by fertiliser")
    end_line: int = key("where they end")


@row
class Offer(Nutrients):
    """An organic fertiliser on the nutrient market, of one seller."""

    left: float = of_period("not yet sold on this market")
    in_round: float = of_period("left of it when the round began")
    asked: float = of_period("asked for in the round")


@row
class Link:
    """A field and an offer that its farm may take; an ``ask`` that is not given is a NaN."""

    field: int = key("number of the field")
    offer: int = key("number of the offer")
    taker: int = key("number of the item of that product at the farm")
    cost: float = fixed("haul and spreading, which the farm pays", "money per unit")
    ask: float = fixed("price; by default parity less the markdown", "money per unit")
    markdown: float = fixed("share of |parity| by which the price stays below parity", "share")
    floor: float = fixed("least price; default minus the seller's disposal cost", "money per unit")
    emissions: float = fixed("what haul and spreading emit", "emissions per unit")
    price: float = of_period("that is asked now", "money per unit")
    delivered: float = of_period("what its available nitrogen costs on the field", "money per kg")
    wish: float = of_period("that the field asks for in the round")
