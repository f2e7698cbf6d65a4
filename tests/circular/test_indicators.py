"""Indicators against numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esc_sim.circular import external_share, landfill_share, loss_area, self_sufficiency


def test_indicators_by_hand() -> None:
    assert external_share(80.0, 20.0) == 0.8
    assert landfill_share(5.0, 20.0) == 0.25
    assert self_sufficiency(30.0, 120.0) == 0.75
    assert self_sufficiency(0.1 + 0.2, 0.3) == 0.0  # all from the grid, up to the rounding of sums
    assert loss_area([10.0, 10.0, 10.0], [10.0, 4.0, 12.0]) == pytest.approx(0.6)
    assert math.isnan(landfill_share(0.0, 0.0))
    assert np.isnan(external_share([0.0, 1.0], [0.0, 0.0])).tolist() == [True, False]
