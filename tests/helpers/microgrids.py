"""Networks with microgrids, made up from a seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario

Content = dict[str, Any]
HOUR = np.arange(24)


def one_bus(**power: Any) -> Content:
    """A mill of 10 runs a period at 1 MWh each, one day a period, on a bus that takes at most 0.1 MW from the grid."""
    return {
        "version": 1,
        "name": "one bus",
        "run": {"periods": 6, "replications": 1},
        "products": [{"id": "grain"}, {"id": "flour"}],
        "nodes": [{"id": "mill", "product": "grain", "initial_stock": 1000.0}, {"id": "owner", "product": "flour"}],
        "stocks": [{"node": "mill", "product": "flour"}],
        "recipes": [
            {
                "node": "mill",
                "id": "milling",
                "inputs": {"grain": 1.0},
                "outputs": {"flour": 1.0},
                "capacity": 10.0,
                "energy": 1.0,
            }
        ],
        "power": {
            "operator": "owner",
            "days": 1,
            "year": 364,
            "day_types": [{"import_price": 100.0, "export_price": 50.0}],
            "buses": [{"id": "b", "nodes": ["mill"], "import_max": 0.1}],
        }
        | power,
    }


def made_up(seed: int, periods: int = 10) -> Content:
    """Two to four buses with recipes, lines, sun, an engine that burns what a digester makes, outages and islands."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    days = int(rng.choice([1, 3, 7]))
    light = np.maximum(0.0, np.sin((HOUR - 6) / 12 * np.pi))
    price = 120.0 + 40.0 * np.sin((HOUR - 8) / 6 * np.pi)
    mills = [f"mill_{k}" for k in range(count - 1)]
    use = days * rng.uniform(0.5, 3.0, count)
    return {
        "version": 1,
        "name": f"made up {seed}",
        "run": {"periods": periods, "replications": 2, "seed": seed + 1},
        "products": [{"id": name} for name in ("flour", "grain", "waste", "gas")],
        "nodes": [
            *(
                {"id": name, "product": "flour", "initial_stock": 5.0, "target_stock": float(rng.uniform(10, 60))}
                for name in mills
            ),
            {"id": "digester", "product": "waste", "production": {"mean": 30.0 * days, "sd": 8.0 * days}},
            {
                "id": "shop",
                "product": "flour",
                "order": {"mean": 20.0, "sd": 3.0},
                "demand": {"mean": 18.0, "sd": 4.0, "price": 3.0},
            },
        ],
        "stocks": [
            *({"node": n, "product": "grain", "production": {"mean": 12.0 * days, "sd": 5.0}} for n in mills),
            {"node": "digester", "product": "gas"},
        ],
        "arcs": [{"buyer": "shop", "supplier": n, "product": "flour", "price": 1.0, "lead_time": 1.0} for n in mills],
        "recipes": [
            *(
                {
                    "node": name,
                    "id": f"milling_{name}",
                    "inputs": {"grain": 1.0},
                    "outputs": {"flour": 0.9},
                    "capacity": 15.0 * days,
                    "energy": float(rng.uniform(0.02, 0.3)),
                    "lag": int(rng.integers(0, 2)),
                }
                for name in mills
            ),
            {
                "node": "digester",
                "id": "digestion",
                "inputs": {"waste": 1.0},
                "byproducts": {"gas": 0.8},
                "capacity": 50.0 * days,
                "energy": 0.01,
            },
        ],
        "series": {"tariff": price.tolist()},
        "power": {
            "operator": "shop",
            "days": days,
            "block": int(rng.choice([3, 6, 12])),
            "coordinated": bool(rng.integers(0, 2)) or seed < 2,
            "sun": {"law": "uniform", "low": 0.4, "high": 1.2},
            "day_types": [
                {"days": "weekdays", "import_price": "tariff", "export_price": 40.0, "sun": light.tolist()},
                {"last": 3, "import_price": 90.0, "export_price": 30.0, "sun": light.tolist()},
                {"import_price": 100.0, "export_price": 20.0},
            ],
            "buses": [
                *(
                    {
                        "id": f"bus_{name}",
                        "nodes": [name],
                        "import_max": float(rng.uniform(0.05, 0.3)),
                        "export_max": 0.2,
                        "pv": float(rng.uniform(0, 0.3)),
                        "load": float(use[k]),
                        "profile": (1.0 + light).tolist(),
                        "weekend": 0.7 if days == 7 else 1.0,
                        "forecast": float(use[k]),
                    }
                    for k, name in enumerate(mills)
                ),
                {"id": "yard", "nodes": ["digester"], "import_max": 0.2, "export_max": 0.4, "load": float(use[-1])},
            ],
            "lines": [
                {"from": "yard", "to": f"bus_{name}", "limit": 0.2, "wheel": 2.0, "loss": 0.03} for name in mills
            ],
            "engines": [
                {
                    "bus": "yard",
                    "node": "digester",
                    "gas": "gas",
                    "energy_per_unit": 0.15,
                    "p_max": 0.15,
                    "eta": 0.35,
                    "store": 12.0,
                    "forecast_gas": 3.5 * days,
                    "cost": 5.0,
                }
            ],
            "batteries": [{"bus": "bus_mill_0", "e_max": 0.4, "eta_ch": 0.95, "eta_dis": 0.95, "wear": 1.0}],
        },
        "disruptions": [
            {
                "name": "blackout",
                "buses": ["bus_mill_0", "yard"],
                "probability": 0.2,
                "duration": {"law": "exponential", "mean": 0.4},
            },
            {
                "name": "storm",
                "buses": ["yard"],
                "stops": ["grid", "lines"],
                "time_between_failures": {"law": "exponential", "mean": 4.0},
                "time_to_repair": {"law": "exponential", "mean": 0.3},
            },
            {"name": "strike", "nodes": ["digester"], "stops": ["produce"], "probability": 0.1, "health": 0.5},
        ],
    }


def checked(content: Content) -> Scenario:
    """The scenario, of which nothing is wrong."""
    scenario = Scenario.model_validate(content)
    assert check_scenario(scenario) == []
    return scenario
