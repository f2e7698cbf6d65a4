"""Four models of SimOpt's library beside simoptlib 1.2.4: simulated values, and our search beside its solvers.

python -m experiments.published.simopt [values] [--short] [--seed 1]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from experiments.published.simopt.values import print_values


def main(arguments: Sequence[str] | None = None) -> None:
    """Print tables and verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=("values",), help="default all")
    parser.add_argument("--short", action="store_true", help="a tenth of the replications")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    print_values(0.1 if given.short else 1.0, given.seed)


if __name__ == "__main__":
    main()
