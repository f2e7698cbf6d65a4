"""Golden results: what every shipped scenario gave when it was last looked at.

`python -m tests.golden.remake` writes the files anew, after a change that is meant to change results. Look at the
difference of the totals (`git diff tests/golden`) before committing it, and say in the message why they moved.
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import scipy

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from tests.helpers.runs import SCENARIOS, SHIPPED, compiled

FOLDER = Path(__file__).resolve().parent
LONGEST = 100
"""Periods of a golden run, at most."""


def here() -> str:
    """What the last bits of results may depend on."""
    return f"{platform.system()} {platform.machine()}, SciPy {'.'.join(scipy.__version__.split('.')[:2])}"


def result_of(name: str) -> dict[str, Any]:
    """Totals of every column of a scenario's first two replications, and a digest of every number."""
    scenario = load_scenario(SCENARIOS / name)
    run = scenario.run.model_copy(update={"periods": min(scenario.run.periods, LONGEST), "seed": 1})
    block = compiled(scenario.model_copy(update={"run": run}), range(2))
    digest = hashlib.blake2b(digest_size=16)
    for values in (block.periods, block.items, block.nodes, block.arc_shipped):
        digest.update(values.tobytes())
    totals = {c: float(block.periods[..., k].sum()) for k, c in enumerate(PERIOD_COLUMNS)}
    return {
        "scenario": name, "platform": here(), "periods": run.periods, "replications": 2, "seed": 1,
        "totals": totals, "digest": digest.hexdigest(),
    }  # fmt: skip


def main() -> None:
    """Write all files."""
    for name in SHIPPED:
        path = FOLDER / f"{name}.json"
        path.write_text(json.dumps(result_of(name), indent=1) + "\n", encoding="utf-8")
        print(path.relative_to(FOLDER.parents[1]))


if __name__ == "__main__":
    main()
