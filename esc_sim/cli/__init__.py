"""The command line: ``esc-sim COMMAND``; one file a command in ``commands``."""

from __future__ import annotations

TYPE_CHECKING = False  # see esc_sim/__init__.py
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, see :func:`esc_sim.cli.entry.main`; Ctrl-C while it is still being imported ends it as later on.

    Args:
        arguments: the words after `esc-sim`; by default those of the process.

    Returns:
        Exit status.
    """
    try:
        from esc_sim.cli.entry import main as run

        return run(arguments)
    except KeyboardInterrupt:
        import sys

        print("esc-sim: interrupted", file=sys.stderr)
        return 130
