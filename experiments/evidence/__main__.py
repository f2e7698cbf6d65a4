"""Judge two papers' claims on fresh instances: ``python -m experiments.evidence [sourcing] [retail]``.

Tables: NAME_instances.csv with what was measured on each, NAME.csv with the share on which each claim holds. Its rows
are printed as the ledger has them.
``--quick`` takes three instances and small ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from experiments.choice import parse_names
from experiments.evidence import retail, sourcing
from experiments.evidence.claims import TABLES, Measured, ledger_row, read, summary, write

STUDIES: Final = {"sourcing": sourcing, "retail": retail}


def main() -> None:
    """Measure, judge, write."""
    parser = argparse.ArgumentParser(prog="python -m experiments.evidence", description=__doc__)
    parser.add_argument("--instances", type=int, default=50, help="instances of each paper; default 50")
    parser.add_argument("--quick", action="store_true", help="three instances, without what takes long")
    parser.add_argument("--tables", type=Path, default=TABLES, help="where the tables go")
    given = parse_names(parser, list(STUDIES))
    for name in given.names:
        study = STUDIES[name]
        count = min(3, given.instances) if given.quick else given.instances
        found: list[Measured] = []
        for number in range(count):
            found.append(study.measured(number, quick=given.quick))
            print(f"{name}: {number + 1} of {count}", flush=True)
        write(f"{name}_instances", found, given.tables)
        write(name, summary(study.claims(), read(f"{name}_instances", given.tables)), given.tables)  # as written
        print("\n".join(ledger_row(row, name) for row in read(name, given.tables)))


if __name__ == "__main__":
    main()
