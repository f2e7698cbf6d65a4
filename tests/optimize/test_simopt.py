"""SimOpt's models as scenarios: day by day, and in the mean."""

from __future__ import annotations

import numpy as np

import esc_sim
from esc_sim.risk.intervals import mean_interval
from experiments.published.simopt.models import MODELS, dualsourcing, sscont
from experiments.published.simopt.values import Compared, _theirs


def test_total_of_sscont_agrees_with_simoptlib():
    point = "600 1200"
    theirs, half = _theirs("SSCONT", point)["total"]
    ours = mean_interval(MODELS["SSCONT"].measured([600.0, 1200.0], 6000, 1)["total"])
    found = Compared("SSCONT", point, "total", ours, theirs, half)
    assert ours.half_width < 1.5
    assert found.verdict == "matches"
    assert Compared("SSCONT", point, "total", ours, theirs + 10.0, half).verdict == "differs"


def test_levels_of_dualsourcing_act_as_two_orders_a_day():
    """A loop of simoptlib's rule, expedited first, gives the same costs each day on the same demand."""
    for expedited, regular in ((50, 80), (46, 131)):
        scenario = dualsourcing([float(expedited), float(regular)])
        policies = MODELS["DUALSOURCING"].policies
        run = esc_sim.simulate(scenario, replications=1, seed=3, policies=policies, engine="agents")
        columns = ("demand", "procurement", "storage", "shortage_cost")
        demand, bought, storage, late = (run.column(name)[0] for name in columns)
        stock, first, second = 40.0, 0.0, 0.0  # regular goods that come today, and tomorrow
        for day in range(1000):
            rush = max(0.0, expedited - stock - first)
            usual = max(0.0, regular - stock - first - second - rush)
            stock += rush + first - demand[day + 1]
            first, second = second, usual
            assert bought[day] == 110.0 * rush + 100.0 * usual
            assert storage[day + 1] == 5.0 * max(stock, 0.0)
            assert late[day + 1] == 495.0 * max(-stock, 0.0)


def test_start_of_sscont_is_forgotten_after_the_warm_up():
    point, policies = [450.0, 800.0], MODELS["SSCONT"].policies
    stocks = [
        esc_sim.simulate(
            sscont(point, start), replications=50, seed=1, policies=policies, engine="compiled"
        ).column("storage")[:, 20:].mean()
        for start in (450.0, 600.0)
    ]  # fmt: skip
    assert abs(stocks[1] - stocks[0]) < 2.0


def test_stall_sells_what_thirty_customers_can_buy():
    found = MODELS["DYNAMNEWS"].measured([2.0] * 10, 1, 1)
    assert np.array_equal(found["profit"], [80.0])
    assert np.array_equal(found["n_missed_orders"], [10.0])
