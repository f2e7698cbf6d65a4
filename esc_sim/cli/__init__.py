"""The command line: ``esc-sim COMMAND``; one file a command in ``commands``."""

from __future__ import annotations

from esc_sim.cli.entry import main

__all__ = ["main"]
