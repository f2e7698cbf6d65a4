"""What every script of this folder prints: one line of JSON. Needs the standard library only."""

import json
import resource
import sys
from pathlib import Path

STAGES, LEVEL = 4, 210


def report(cpu_seconds: float, node_periods: int, served: float) -> None:
    """Print CPU seconds, node-periods, units sold a period and the peak of resident memory in MB."""
    told = {"cpu_seconds": cpu_seconds, "node_periods": node_periods, "served": served, "peak_mb": peak_megabytes()}
    print(json.dumps(told))


def peak_megabytes() -> float:
    """Highest resident memory of this process since its program started, in MB (10^6 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux, ru_maxrss would also count what the process that started this one had in use.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e6 if sys.platform == "darwin" else size * 1024 / 1e6
