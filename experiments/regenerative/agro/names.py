"""Names and prices that the parts of the agro-food scenario share."""

from __future__ import annotations

from typing import Any

Entry = dict[str, Any]
"""A mapping as a scenario file has it; ``when`` names the switches under which it is there."""
RAW = {"grain": "grain", "veg": "vegetables"}
MADE = {"grain": "flour", "veg": "packed_vegetables"}
SOLD = {"grain": "shelf_flour", "veg": "shelf_vegetables"}
FARM = {"grain": "cereal_farm", "veg": "vegetable_farm"}
PLANT = {"grain": "mill", "veg": "packer"}
SUPPLIERS = {"north": "supplier_one", "south": "supplier_two"}
GATE_FEE = {"digester": 40.0, "composter": 45.0}
"""EUR per t that a treatment plant asks; paid within the region, below the landfill's fee."""
TRANSFER = {"raw": 0.3, "made": 0.6, "delivered": 0.75}
"""Prices within the region, as shares of the retail price; they cancel in the profit of all members."""
