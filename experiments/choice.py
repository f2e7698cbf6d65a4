"""The names of tables, figures or measurements that the command of a study takes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def parse_names(parser: argparse.ArgumentParser, names: Sequence[str], verb: str = "make") -> argparse.Namespace:
    """The arguments of the process; ``names`` are those chosen, all where none was given. An unknown name ends it."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to {verb}: {', '.join(names)}; default all")
    given = parser.parse_args()
    for name in given.names:
        if name not in names:
            parser.error(f"there is no {name!r}; choose from {', '.join(names)}")
    given.names = given.names or list(names)
    return given
