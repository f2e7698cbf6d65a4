"""`python -m experiments.faults CAMPAIGN`: run a campaign of faults; exit status 1 when it finds something."""

from __future__ import annotations

import argparse
from importlib import import_module

CAMPAIGNS = {
    "check": "`esc-sim check` on scenarios with mistakes in them",
    "strangers": "requests to the page without its token, origin or name",
    "mutate": "modules with a changed line, against their own tests",
}
"""A module of this package each, with add_arguments(parser) and main(arguments)."""


def main() -> int:
    """Run the campaign that the process's arguments name."""
    parser = argparse.ArgumentParser(prog="python -m experiments.faults", description=__doc__)
    chosen = parser.add_subparsers(dest="campaign", required=True)
    for name, text in CAMPAIGNS.items():
        import_module(f"{__package__}.{name}").add_arguments(chosen.add_parser(name, help=text))
    arguments = parser.parse_args()
    status: int = import_module(f"{__package__}.{arguments.campaign}").main(arguments)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
