"""A regional agro-food network: farms, processors, retailers, loops, soil and microgrids, from coefficients.

`scenario_document` gives the scenario that both engines run (``scenarios/agro_food``), from the table that
`read_coefficients` reads; `capital_cost` and `yearly_gain` say what its switches cost and bring.
"""

from __future__ import annotations

from experiments.regenerative.agro.capital import capital_cost, yearly_gain
from experiments.regenerative.agro.coefficients import Coefficients, read_coefficients
from experiments.regenerative.agro.document import SWITCHES, VARIANTS, scenario_document, scenario_text

__all__ = [
    "SWITCHES",
    "VARIANTS",
    "Coefficients",
    "capital_cost",
    "read_coefficients",
    "scenario_document",
    "scenario_text",
    "yearly_gain",
]
