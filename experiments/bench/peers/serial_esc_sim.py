"""Four stages in a row in esc_sim: python serial_esc_sim.py PERIODS agents|compiled [REPLICATIONS]."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from report import STAGES, report

from esc_sim.engine.block import Block
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario

TOGETHER = 48
"""Replications that are run at a time: what they give fits the memory that the allocator keeps for the next ones."""


def run(instance: Instance, engine: str, replications: range) -> Block:
    """Run with an engine, undisrupted, drawing included."""
    if engine == "agents":
        from esc_sim.engine.agents.runner import run_replications
    else:
        from esc_sim.engine.compiled.runner import run_replications
    return run_replications(instance, 1, replications)


def main() -> None:
    """Simulate and print what it took; importing, and compiling once on a machine, are not counted."""
    periods, engine = int(sys.argv[1]), sys.argv[2]
    replications = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    instance = instance_of(load_scenario(Path(__file__).with_name("serial.yaml"), [f"run.periods={periods}"]))
    if engine == "compiled":
        from esc_sim.engine.compiled.ahead import compile_lean

        compile_lean()
    run(replace(instance, periods=2), engine, range(1 if engine == "agents" else TOGETHER))
    start = time.process_time()
    served = 0.0
    for replication in range(0, replications, TOGETHER):
        block = run(instance, engine, range(replication, min(replication + TOGETHER, replications)))
        served += float(block.periods[:, :, PERIOD_COLUMNS.index("served")].sum())
    used = time.process_time() - start
    count = periods * replications
    report(used, STAGES * count, served / count)


if __name__ == "__main__":
    main()
