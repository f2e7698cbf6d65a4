"""A shop whose scraps are disposed of, or taken by a pit that was dug for them; no chance."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Final

import yaml

SHOP: Final[dict[str, Any]] = {
    "version": 1,
    "name": "shop",
    "units": {"period": "quarter", "money": "EUR"},
    "run": {"periods": 8, "replications": 2},
    "products": [{"id": "bread"}, {"id": "scraps", "waste": True}],
    "switches": {"loops": False},
    "variants": {"linear": {"loops": False}, "circular": {"loops": True}},
    "variant": "linear",
    "nodes": [
        {
            "id": "shop",
            "product": "bread",
            "initial_stock": 1000.0,
            "demand": {"mean": 10.0, "price": 5.0, "leftovers": {"scraps": 0.2}},
        },
        {"id": "pit", "product": "scraps", "room": 1000.0, "when": "loops"},
    ],
    "stocks": [{"node": "shop", "product": "scraps", "room": 0.0, "disposal_cost": 3.0}],
    "takers": [{"giver": "shop", "taker": "pit", "product": "scraps", "when": "loops"}],
    "appraisal": {
        "against": "linear",
        "discount_rate": 0.1,
        "horizon": 4,
        "investments": [{"id": "pit", "cost": 100.0, "life": 3, "replacement": 0.5, "when": "loops"}],
    },
}


def changed_shop(folder: Path, **changes: Any) -> Path:
    """The shop as a scenario's folder, with other values at the top."""
    folder.mkdir()
    text = yaml.safe_dump(copy.deepcopy(SHOP) | changes, sort_keys=False)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return folder
