"""What every test shares: no display, property tests that neither depend on wall time nor on chance, marked outputs."""

from __future__ import annotations

import os

from hypothesis import settings

from esc_sim.engine import outputs

os.environ["MPLBACKEND"] = "Agg"
# Commands are started as users start them: what is not flushed does not arrive.
os.environ.pop("PYTHONUNBUFFERED", None)
outputs.mark_all = True  # every number of every run, not only those of the first period, is seen to be written

# Derandomized: a failure seen once is seen again by everybody; set HYPOTHESIS_PROFILE=explore to look further.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
