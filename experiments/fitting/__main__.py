"""How often `fit` proposes the law that a history was drawn from, and where its mean lies.

python -m experiments.fitting [--draws 200] [--length 200] [--seed 1] [--csv FILE]
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from esc_sim.fitting import fit_series
from experiments.fitting.laws import LAWS, Drawn

HEADER = ("family", "parameters", "told_apart", "draws", "right_family", "mean_inside", "normal", "most_others")


def recovered(law: Drawn, draws: int, length: int, seed: int) -> list[object]:
    """A row of the table: what is proposed for histories of a law."""
    rng = np.random.default_rng([seed, LAWS.index(law)])
    found: Counter[str] = Counter()
    inside = 0
    for _ in range(draws):
        fit = fit_series(law.draw(rng, length))
        found[fit.family.partition(",")[0]] += 1
        inside += fit.mean_interval[0] <= law.mean <= fit.mean_interval[1]
    others = [f"{name} {times / draws:.1%}" for name, times in found.most_common() if name != law.family]
    right, normal = found[law.family] / draws, found["normal"] / draws
    return [
        law.family, law.words, law.sensible, draws, round(right, 4), round(inside / draws, 4), round(normal, 4),
        "; ".join(others[:3]),
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, fit and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--length", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=Path, help="also write the table here")
    options = parser.parse_args(arguments)
    rows = []
    print(f"{'family':18} {'parameters':32} {'right family':>12} {'mean inside':>12}  others")
    for law in LAWS:
        rows.append(recovered(law, options.draws, options.length, options.seed))
        _, words, _, _, right, inside, _, others = rows[-1]
        print(f"{law.family:18} {words!s:32} {right:12.1%} {inside:12.1%}  {others}", flush=True)
    if options.csv is not None:
        with options.csv.open("w", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
