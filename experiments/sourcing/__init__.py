"""Tables 3-5 and figures 3-13 of the sourcing paper on the electrolyte case: ``python -m experiments.sourcing``."""

from __future__ import annotations
