"""gym-invmgmt's 22 scenarios: its oracle again, then levels and rolling plans of ours beside its policies.

python -m experiments.published.gym_invmgmt [--short] [--only TEXT] [--seed 1] [--out FOLDER]
python -m experiments.published.gym_invmgmt --orders FILE
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from esc_sim.views.style import save
from experiments.published.gym_invmgmt import table
from experiments.published.gym_invmgmt.cases import Case, cases
from experiments.published.gym_invmgmt.draw import gaps_figure
from experiments.published.gym_invmgmt.orders import write_orders
from experiments.published.gym_invmgmt.study import SHORT, WHOLE, Effort, Found, measured

HERE = Path(__file__).parent


def _measured(case: Case, effort: Effort, seed: int) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        return measured(case, effort, Path(folder) / "scenario", seed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="smaller searches, fewer paths of the plans")
    parser.add_argument("--only", default="", help="scenarios whose names have this text")
    parser.add_argument("--seed", type=int, default=1, help="of the searches")
    parser.add_argument("--out", type=Path, help="folder of table and figure; default: that of this study")
    parser.add_argument("--orders", type=Path, help="only write orders of ours here, for in_package.py")
    given = parser.parse_args(arguments)
    if given.orders is not None:
        print(f"{write_orders(given.orders)} runs")
        return
    chosen = [case for case in cases() if given.only in case.name]
    if not chosen:
        parser.error(f"no scenario has {given.only!r} in its name")
    found = []
    print(table.heading(), flush=True)
    for case in chosen:
        found.append(_measured(case, SHORT if given.short else WHOLE, given.seed))
        print(table.line(found[-1]), flush=True)
    print(f"\n{table.summary(found)}")
    out = given.out or (HERE if len(chosen) == len(cases()) else None)
    if out is not None:
        rows = table.rows(found)
        (out / "figures").mkdir(parents=True, exist_ok=True)
        table.write(rows, out / "tables" / ("short.csv" if given.short else "whole.csv"))
        save(gaps_figure(rows), out / "figures" / ("short.png" if given.short else "whole.png"))


if __name__ == "__main__":
    main()
