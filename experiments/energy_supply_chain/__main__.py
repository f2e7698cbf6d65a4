"""Remake tables and figures: ``python -m experiments.energy_supply_chain [NAME ...]``; without names, all.

Names: figure08, figure09, figure10, figure11, equation20, stocks, noise, switches, bounds, variants, algorithms. Each
is a script of its own, too: ``python -m experiments.energy_supply_chain.figure08``. figure08 comes first: the others
read its plan and its front. All of it takes about half an hour of one processor, algorithms most of that.
"""

from __future__ import annotations

import argparse
import time
from importlib import import_module

from experiments.choice import parse_names

NAMES = (
    "figure08", "figure09", "figure10", "figure11", "equation20", "stocks", "noise", "switches", "bounds", "variants",
    "algorithms",
)  # fmt: skip


def main() -> None:
    """Make the chosen ones."""
    parser = argparse.ArgumentParser(prog="python -m experiments.energy_supply_chain", description=__doc__)
    for name in parse_names(parser, NAMES).names:
        begin = time.perf_counter()
        import_module(f"experiments.energy_supply_chain.{name}").make()
        print(f"{name}: {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
