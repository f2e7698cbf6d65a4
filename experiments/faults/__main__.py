"""`python -m experiments.faults [CAMPAIGN]`: run one campaign of faults, or all; exit status 1 when any finds one."""

from __future__ import annotations

import argparse
from importlib import import_module

CAMPAIGNS = {
    "check": "`esc-sim check` on scenarios with mistakes in them",
    "kills": "commands killed at every call that writes",
    "interruptions": "commands that get Ctrl-C, SIGTERM or SIGHUP at any moment",
    "disk": "commands that meet a full disk",
    "damage": "result folders with damaged files",
    "strangers": "requests to the page without its token, origin or name",
    "mutate": "modules with a changed line, against their own tests",
}
"""A module of this package each, with add_arguments(parser) and main(arguments)."""


def main() -> int:
    """Run the campaign that the process's arguments name, or all of them, each as by default."""
    parser = argparse.ArgumentParser(prog="python -m experiments.faults", description=__doc__)
    chosen = parser.add_subparsers(dest="campaign")
    parts = {}
    for name, text in CAMPAIGNS.items():
        parts[name] = chosen.add_parser(name, help=text)
        import_module(f"{__package__}.{name}").add_arguments(parts[name])
    arguments = parser.parse_args()
    if arguments.campaign is not None:
        return run(arguments.campaign, arguments)
    failed = []
    for name, part in parts.items():
        print(f"{name}: {CAMPAIGNS[name]}", flush=True)
        failed.append(run(name, part.parse_args([])))
    return int(any(failed))


def run(name: str, arguments: argparse.Namespace) -> int:
    """Exit status of a campaign."""
    status: int = import_module(f"{__package__}.{name}").main(arguments)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
