"""What every test shares: no display, and property tests that neither depend on wall time nor on chance."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"

# Derandomized: a failure seen once is seen again by everybody; set HYPOTHESIS_PROFILE=explore to look further.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
