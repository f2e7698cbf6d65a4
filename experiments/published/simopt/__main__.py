"""Four models of SimOpt's library beside simoptlib 1.2.4: simulated values, and our search beside its solvers.

python -m experiments.published.simopt [values] [search] [--short] [--found] [--figure FILE]

Without a part, both. The whole form searches 20 times and writes ``ours.csv``; the short one takes fewer replications,
searches three times and writes nothing. ``--found`` judges the courses of ``ours.csv`` and searches nothing anew.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from experiments.published.simopt.progress import print_progress, run_searches
from experiments.published.simopt.search import OUR_CURVES
from experiments.published.simopt.values import print_values

PARTS = ("values", "search")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print tables and verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="values, search; default both")
    parser.add_argument("--short", action="store_true", help="fewer replications, three searches")
    parser.add_argument("--found", action="store_true", help="judge what ours.csv has")
    parser.add_argument("--seed", type=int, default=1, help="of the values")
    parser.add_argument("--figure", type=Path, help="draw the progress curves here")
    given = parser.parse_args(arguments)
    if wrong := [part for part in given.parts if part not in PARTS]:
        parser.error(f"there is no part {wrong[0]}: take {' or '.join(PARTS)}")
    parts = given.parts or PARTS
    if "values" in parts:
        print_values(0.1 if given.short else 1.0, given.seed)
    if "search" in parts:
        with tempfile.TemporaryDirectory() as folder:
            courses = Path(folder, "ours.csv") if given.short and not given.found else OUR_CURVES
            if not given.found:
                run_searches(3 if given.short else 20, courses)
            print_progress(courses, 0.25 if given.short else 1.0, given.figure)


if __name__ == "__main__":
    main()
