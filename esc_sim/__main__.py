"""``python -m esc_sim``: the same as the command ``esc-sim``."""

import sys

from esc_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
