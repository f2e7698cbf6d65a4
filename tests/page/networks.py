"""Scenarios for the page's tests: a layered network of any size, and one whose texts try to be markup."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def write_layered(folder: Path, nodes: int, links: int = 3, seed: int = 1) -> Path:
    """A folder with a network in five layers in which every buyer has about ``links`` suppliers.

    Lead times are 1 to 4 periods; a tenth of the plants fail now and then, and come back gradually.
    """
    generator = np.random.default_rng(seed)
    shares = {"shop": 0.4, "depot": 0.25, "plant": 0.15, "mill": 0.12, "mine": 0.08}
    counts = {role: max(2, round(nodes * share)) for role, share in shares.items()}
    counts["shop"] += nodes - sum(counts.values())
    folder.mkdir(parents=True)
    rows, arcs, layers = [_HEADER], ["buyer,supplier,price,other_cost,lead_time"], []
    flow = 10.0 * counts["shop"]
    for layer, (role, count) in enumerate(counts.items(), 1):
        names = [f"{role}_{number}" for number in range(1, count + 1)]
        each = flow / count
        for name in names:
            rows.append(_row(name, role, layer, each))
        if layers:
            for buyer in layers[-1]:
                for supplier in generator.choice(names, min(links, count), replace=False):
                    price = 80 - 10 * layer + generator.integers(0, 3)
                    arcs.append(f"{buyer},{supplier},{price},{generator.integers(1, 4)},{generator.integers(1, 5)}")
        layers.append(names)
    (folder / "nodes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "arcs.csv").write_text("\n".join(arcs) + "\n", encoding="utf-8")
    hit = [f"plant_{number}" for number in range(1, counts["plant"] + 1, 10)]
    document = {
        "version": 1,
        "name": f"layered_{nodes}",
        "data": {"status": "synthetic", "note": "Generated for a test."},
        "run": {"periods": 200, "replications": 1, "seed": 1},
        "disruptions": [
            {"name": "plant_failures", "nodes": hit, "together": False, "probability": 0.1, "duration": 4,
             "recovery": {"duration": 5}}
        ],
    }  # fmt: skip
    (folder / "scenario.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return folder


_HEADER = (
    "id,role,layer,initial_stock,target_stock,holding_cost,penalty,demand.mean,demand.sd,demand.price,"
    "order.mean,order.sd,production.mean,production.sd"
)


def _row(name: str, role: str, layer: int, flow: float) -> str:
    stock = f"{3 * flow:.3f},{3 * flow:.3f},0.1,20"
    demand = f"{flow:.3f},{flow / 10:.3f},90" if layer == 1 else ",,"
    order = f"{1.03 * flow:.3f},{flow / 50:.3f}" if role != "mine" else ","
    production = f"{1.06 * flow:.3f},{flow / 30:.3f}" if role == "mine" else ","
    return f"{name},{role},{layer},{stock},{demand},{order},{production}"


def write_hostile(folder: Path) -> Path:
    """A small scenario whose name, title, note and node ids are HTML that would run if it were not escaped."""
    folder.mkdir(parents=True)
    shop = {"demand": {"mean": 5, "sd": 1, "price": 9}, "order": {"mean": 5}}
    node = {"role": HOSTILE.replace("/", ""), "initial_stock": 50, "target_stock": 50}
    document = {
        "version": 1,
        "name": HOSTILE,
        "title": f"Title {HOSTILE}",
        "data": {"status": "synthetic", "note": f"Note {HOSTILE}"},
        "units": {"goods": HOSTILE, "money": "{b}<b>EUR", "period": "day"},
        "run": {"periods": 20, "replications": 2, "seed": 1},
        "nodes": [
            {"id": f"shop {HOSTILE}", "layer": 1} | shop | node,
            {"id": f"maker {HOSTILE}", "layer": 2, "production": {"mean": 6}} | node,
        ],
        "arcs": [{"buyer": f"shop {HOSTILE}", "supplier": f"maker {HOSTILE}", "price": 3, "lead_time": 1}],
        "disruptions": [
            {"name": HOSTILE, "nodes": [f"maker {HOSTILE}"], "dates": [{"start": 3, "duration": 2}]},
        ],
    }  # fmt: skip
    (folder / "scenario.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return folder
