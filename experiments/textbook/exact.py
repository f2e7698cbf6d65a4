"""Exact costs of textbook inventory models, by sums and convolutions that share nothing with the simulator."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.stats import norm, poisson

Floats = NDArray[np.float64]


def newsvendor_normal(level: float, mean: float, sd: float, holding: float, shortage: float) -> float:
    """Expected cost of a period with normal demand (Snyder, Shen, ch. 4)."""
    z = (level - mean) / sd
    loss = sd * (norm.pdf(z) - z * norm.sf(z))
    return float(holding * (level - mean) + (holding + shortage) * loss)


def poisson_cost(level: float, mean: float, holding: float, shortage: float) -> float:
    """E[h (level - D)+ + p (D - level)+], D Poisson; a demand of ``mean`` 0 is 0."""
    if mean == 0.0:
        return holding * max(level, 0.0) + shortage * max(-level, 0.0)
    demand = np.arange(math.ceil(mean + 15.0 * math.sqrt(mean) + 40.0))
    share = poisson.pmf(demand, mean)
    cost = holding * np.maximum(level - demand, 0.0) + shortage * np.maximum(demand - level, 0.0)
    return float((share * cost).sum())


def reorder_up_to_poisson(
    reorder: int, order_up_to: int, mean: float, holding: float, shortage: float, fixed: float
) -> float:
    """Cost per period of (s, S) with zero lead time (Zheng, Federgruen 1991): cost of a cycle over its length."""
    share = poisson.pmf(np.arange(order_up_to - reorder), mean)
    visits = np.zeros(order_up_to - reorder)
    for j in range(order_up_to - reorder):
        visits[j] = (j == 0) + sum(share[i] * visits[j - i] for i in range(1, j + 1))
        visits[j] /= 1.0 - share[0]
    cost = fixed + sum(
        visits[j] * poisson_cost(order_up_to - j, mean, holding, shortage) for j in range(order_up_to - reorder)
    )
    return float(cost / visits.sum())


def r_q_poisson(
    reorder: int, quantity: int, mean: float, lead_time: int, holding: float, shortage: float, fixed: float
) -> float:
    """Cost per period of (r, Q) reviewed every period: the inventory position is uniform on r + 1, ..., r + Q."""
    after = sum(poisson_cost(reorder + j, lead_time * mean, holding, shortage) for j in range(1, quantity + 1))
    orders = sum(poisson.sf(j - 1, mean) for j in range(1, quantity + 1)) / quantity
    return float(after / quantity + fixed * orders)


def periodic_poisson(level: int, every: int, mean: float, lead_time: int, holding: float, shortage: float) -> float:
    """Cost per period of (T, S): j periods after an order could arrive, lead time + j demands have come."""
    return sum(poisson_cost(level, (lead_time + j) * mean, holding, shortage) for j in range(every)) / every


def fill_rate_poisson(level: int, mean: float, lead_time: int) -> float:
    """Share of demand met at once under base stock: new backorders of a period over its demand."""
    behind = poisson_cost(level, lead_time * mean, 0.0, 1.0) - poisson_cost(level, (lead_time - 1) * mean, 0.0, 1.0)
    return 1.0 - behind / mean


def disrupted_poisson(
    level: int, mean: float, failure: float, repair: float, holding: float, shortage: float, longest: int = 400
) -> float:
    """Base stock when the supplier fails and comes back with these chances a period (Snyder, Shen, ch. 9).

    After n periods without supply the stock covers n + 1 demands; n = 0 has probability b / (a + b), n > 0 has
    a b (1 - b)^(n - 1) / (a + b).
    """
    total = failure + repair
    cost = repair / total * poisson_cost(level, mean, holding, shortage)
    for n in range(1, longest):
        chance = failure * repair * (1.0 - repair) ** (n - 1) / total
        cost += chance * poisson_cost(level, (n + 1) * mean, holding, shortage)
    return cost


def serial_normal(
    levels: tuple[float, ...], leads: tuple[int, ...], holding: tuple[float, ...], shortage: float, mean: float,
    sd: float, step: float = 0.005,
) -> float:  # fmt: skip
    """Cost per period of local base stocks in a serial system (Clark, Scarf 1960; Snyder, Shen, section 6.2).

    Stages from the customer up. The shortfall of a stage is what it is behind at its supplier plus the demand of its
    lead time, less its base stock. Goods on their way to a stage are charged at the rate of its supplier.
    """
    behind, cost = np.array([1.0]), 0.0
    for stage in reversed(range(len(levels))):
        lead_mean, lead_sd = leads[stage] * mean, math.sqrt(leads[stage]) * sd
        demand = np.arange(0.0, lead_mean + 9.0 * lead_sd, step)
        total = fftconvolve(behind, norm.pdf(demand, lead_mean, lead_sd) * step)
        net = levels[stage] - np.arange(len(total)) * step
        cost += holding[stage] * float((total * np.maximum(net, 0.0)).sum())
        if stage == 0:
            return cost + shortage * float((total * np.maximum(-net, 0.0)).sum())
        cost += holding[stage] * leads[stage - 1] * mean
        first = round(levels[stage] / step)
        behind = total[first:].copy()
        behind[0] = total[: first + 1].sum()
    raise ValueError("a serial system has at least one stage")


def eoq(fixed: float, holding: float, rate: float) -> tuple[float, float]:
    """Economic order quantity and its cost per unit of time (Harris 1913)."""
    return math.sqrt(2.0 * fixed * rate / holding), math.sqrt(2.0 * fixed * rate * holding)


def eoq_backorders(fixed: float, holding: float, shortage: float, rate: float) -> tuple[float, float, float]:
    """Order quantity, greatest backlog and cost per unit of time of the EOQ with planned backorders."""
    quantity = math.sqrt(2.0 * fixed * rate * (holding + shortage) / (holding * shortage))
    share = holding / (holding + shortage)
    return quantity, share * quantity, math.sqrt(2.0 * fixed * rate * holding * shortage / (holding + shortage))


def bullwhip(cover: float, window: int) -> float:
    """Variance of orders over that of demand under a moving average (Chen, Drezner, Ryan, Simchi-Levi 2000)."""
    share = cover / window
    return 1.0 + 2.0 * share + 2.0 * share * share


def r_q_continuous(
    reorder: int, quantity: int, rate: float, lead_time: float, holding: float, shortage: float, fixed: float
) -> float:
    """Cost per unit of time of (r, Q) under continuous review and Poisson demand (Hadley, Whitin 1963, ch. 4)."""
    costs = [poisson_cost(reorder + j, rate * lead_time, holding, shortage) for j in range(1, quantity + 1)]
    return float(sum(costs) / quantity + fixed * rate / quantity)


def two_stages_one_for_one(
    levels: tuple[int, int], leads: tuple[float, float], holding: tuple[float, float], shortage: float, rate: float
) -> float:
    """Cost per unit of time of two stages in a row that both order each unit anew, customers' stage first.

    What the upper stage is asked for a lead time ago is Poisson (Palm 1938); beyond its level it owes it. The lower
    stage has that much, and what came since, on order (Simon 1971; the idea of METRIC, Sherbrooke 1968, exact here
    because there is one lower stage).
    """
    counts = np.arange(120)
    above = poisson.pmf(counts, rate * leads[1])
    owed = np.bincount(np.maximum(counts - levels[1], 0), weights=above, minlength=len(counts))
    below = np.convolve(owed, poisson.pmf(counts, rate * leads[0]))
    on_order = np.arange(len(below))
    cost = holding[0] * np.maximum(levels[0] - on_order, 0) + shortage * np.maximum(on_order - levels[0], 0)
    return float((below * cost).sum() + holding[1] * (above * np.maximum(levels[1] - counts, 0)).sum())


def lost_sales_one_for_one(level: int, rate: float, lead_time: float, holding: float, penalty: float) -> float:
    """Cost per unit of time of one-for-one orders under lost sales: Erlang's loss formula, for any law of lead times.

    Units on order are the busy servers of M/G/S/S (Erlang 1917; Karush 1957); by Little's law as many are on order on
    average as customers are served in a lead time.
    """
    load = rate * lead_time
    lost = 1.0
    for servers in range(1, level + 1):
        lost = load * lost / (servers + load * lost)
    return holding * (level - load * (1.0 - lost)) + penalty * rate * lost


def lots_from_a_supplier_that_fails(
    quantity: int, rate: float, failure: float, repair: float, holding: float, penalty: float, fixed: float
) -> float:
    """Cost per unit of time of (0, Q) with no lead time, lost sales, and a supplier that is up and down at random.

    Up and down times are exponential with rates ``failure`` and ``repair``. The model of Parlar and Berkin (1991) and
    of Berk and Arreola-Risa (1994), with Poisson customers for a constant rate: a cycle begins when a lot arrives, with
    the supplier up, and has sold it after an Erlang time.
    """
    both = failure + repair
    down = failure / both * (1.0 - (rate / (rate + both)) ** quantity)
    cost = fixed + holding * quantity * (quantity + 1) / (2.0 * rate) + penalty * rate * down / repair
    return cost / (quantity / rate + down / repair)


def slope(cost: Callable[[float], float], rate: float) -> float:
    """Change of a cost with the rate of customers."""
    step = 1e-4 * rate
    return (cost(rate + step) - cost(rate - step)) / (2.0 * step)
