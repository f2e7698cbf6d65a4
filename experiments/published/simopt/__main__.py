"""Four models of SimOpt's library beside simoptlib 1.2.4: simulated values, and our search beside its solvers.

python -m experiments.published.simopt [values] [search] [--short] [--found] [--out FILE] [--figure FILE]

Without a part, both. ``search`` searches each problem 20 times, with seeds 101 to 120, and judges what was recommended;
``search --out experiments/published/simopt/ours.csv`` writes the courses that are committed. The short form takes fewer
replications and searches each problem three times. ``--found`` judges the committed courses and searches nothing anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from experiments.published.simopt.progress import SEARCHES, print_progress, run_searches
from experiments.published.simopt.search import OUR_CURVES, read_courses
from experiments.published.simopt.values import print_values

PARTS = ("values", "search")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print tables and verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="values, search; default both")
    parser.add_argument("--short", action="store_true", help="fewer replications, three searches")
    parser.add_argument("--found", action="store_true", help="judge the committed courses, search nothing")
    parser.add_argument("--out", type=Path, help="write the courses of the searches here; without it they are not kept")
    parser.add_argument("--seed", type=int, default=1, help="of the values")
    parser.add_argument("--figure", type=Path, help="draw the progress curves here")
    given = parser.parse_args(arguments)
    if wrong := [part for part in given.parts if part not in PARTS]:
        parser.error(f"there is no part {wrong[0]}: take {' or '.join(PARTS)}")
    parts = given.parts or PARTS
    if given.out and (given.found or "search" not in parts):
        parser.error("--out writes the courses of new searches: ask for search, and leave out --found")
    if "values" in parts:
        print_values(0.1 if given.short else 1.0, given.seed)
    if "search" in parts:
        ours = read_courses(OUR_CURVES) if given.found else run_searches(3 if given.short else SEARCHES, given.out)
        print_progress(ours, 0.25 if given.short else 1.0, given.figure)


if __name__ == "__main__":
    main()
