"""Writes nodes.csv and arcs.csv of this scenario: `python scenarios/cascade_37/generate.py`."""

from __future__ import annotations

from pathlib import Path

from esc_sim.files import write_text
from esc_sim.network.scale_free import role_typed_scale_free

COUNTS = {"supplier": 11, "manufacturer": 3, "wholesaler": 5, "retailer": 18}


def main() -> None:
    """Draw the network and write its two tables beside this file."""
    folder = Path(__file__).parent
    roles, arcs = role_typed_scale_free(COUNTS, m=3, a=6.0, seed=3)
    write_text(folder / "nodes.csv", "id,role\n" + "".join(f"{k},{role}\n" for k, role in enumerate(roles)))
    write_text(folder / "arcs.csv", "supplier,buyer\n" + "".join(f"{i},{j}\n" for i, j in arcs.tolist()))


if __name__ == "__main__":
    main()
