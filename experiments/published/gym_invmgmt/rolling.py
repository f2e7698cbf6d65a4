"""Rolling plans: a program on the known law of demand, solved again in every period."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.published.gym_invmgmt.accounts import Accounts, run
from experiments.published.gym_invmgmt.cases import PERIODS, Case
from experiments.published.gym_invmgmt.members import FaithfulPlanned, customers_of
from experiments.published.gym_invmgmt.scenario import scenario


def rolled(case: Case, seed_number: int, paths: int | None) -> Accounts:
    """Run a case on the path of one of the benchmark's seeds, ordered by a plan of the whole network.

    Args:
        case: of the benchmark.
        seed_number: number of the seed, from 0.
        paths: sampled paths of a two-stage program; None, or where demand is certain: its mean.
    """
    plan: dict[str, Any] = {"name": "network", "horizon": PERIODS + 1, "until_end": True}
    sd = 0.0
    if paths is not None and case.is_drawn:
        plan["paths"], sd = paths, float(np.sqrt(case.mean.mean()))
    document = scenario(case, case.mean, {}, sd=sd, rolling_plans=[plan])
    return run(
        case, document, seed_number, members={"retailer": FaithfulPlanned if case.goodwill else customers_of(case)}
    )
