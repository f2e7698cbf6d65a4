"""Reproduce the tables and figures: ``python -m experiments.retail [NAME ...] [--out DIR]``; without names, all.

Tables go to experiments/retail/tables, figures to --out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.choice import parse_names
from experiments.retail import figures, promised, simulated, tables


def main() -> None:
    """Make the chosen tables and figures; designs are shared among them."""
    made = tables.ALL | {"simulated": simulated.simulated, "promised": promised.promised}
    names = [*made, *figures.ALL]
    parser = argparse.ArgumentParser(prog="python -m experiments.retail", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/retail"), help="folder for figures")
    arguments = parse_names(parser, names)
    for name in arguments.names:
        print(name, flush=True)
        if name in made:
            made[name]()
        else:
            arguments.out.mkdir(parents=True, exist_ok=True)
            figures.ALL[name](arguments.out)


if __name__ == "__main__":
    main()
