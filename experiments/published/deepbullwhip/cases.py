"""The cases of deepbullwhip's leaderboard, their figures, and both programs on the same demand."""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path as File
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from experiments.bench.bench_peers import SCRIPTS
from experiments.published.deepbullwhip.chains import CHAINS, Path, played

Floats = NDArray[np.float64]

HERE: Final = File(__file__).resolve().parent
PACKAGE: Final = "deepbullwhip==0.4.1"
SEED: Final = 966
"""Of its leaderboard."""
PERIODS: Final = 156
PATHS: Final = 1000
_TOGETHER: Final = 40
ALIKE: Final = 1e-3
"""Units within which orders and stocks count as equal: rounding to the grid of goods, and what comes of it later."""


@dataclass(frozen=True)
class Case:
    """A chain, the demand on it, and how its stages order; names as in the package.

    Attributes:
        fresh: whether each path starts without a last order; in the package smoothing goes on from the path before.
    """

    name: str
    chain: str = "semiconductor_4tier"
    demand: str = "semiconductor_ar1"
    policy: str = "order_up_to"
    forecaster: str = "naive"
    fresh: bool = False
    periods: int = PERIODS
    paths: int = PATHS
    seed: int = SEED


CASES: Final = (
    Case("order_up_to"),
    Case("exponential_smoothing", forecaster="exponential_smoothing"),
    Case("moving_average", forecaster="moving_average"),
    Case("proportional_out", policy="proportional_out"),
    Case("smoothing_out", policy="smoothing_out"),
    Case("smoothing_out, each path from the start", policy="smoothing_out", fresh=True),
    Case("constant_order", policy="constant_order"),
    Case("beer_game", demand="beer_game", paths=1),
    Case("arma", demand="arma"),
    Case("chain beer_game", chain="beer_game", demand="beer_game", paths=1),
    Case("chain consumer_2tier", chain="consumer_2tier", demand="arma"),
)


@dataclass(frozen=True)
class Paths:
    """What a program gave for a case: demand float64[N, T]; orders and net stock float64[N, K, T]."""

    demand: Floats
    orders: Floats
    net_stock: Floats

    def first(self, count: int) -> Paths:
        """The first ones."""
        return Paths(self.demand[:count], self.orders[:count], self.net_stock[:count])

    def one(self, number: int) -> Path:
        """A path."""
        return Path(self.orders[number], self.net_stock[number])


def theirs(cases: tuple[Case, ...], python: File, file: File) -> list[Paths]:
    """The package's paths.

    Args:
        cases: to play.
        python: interpreter of an environment that has the package.
        file: where arrays may be put.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    asked = json.dumps([asdict(case) for case in cases])
    command = [str(python), str(SCRIPTS / "leaderboard_deepbullwhip.py"), str(file)]
    subprocess.run(command, input=asked, text=True, check=True, env=environment)
    with np.load(file) as arrays:
        return [Paths(arrays[f"demand_{k}"], arrays[f"orders_{k}"], arrays[f"stock_{k}"]) for k in range(len(cases))]


def ours(case: Case, theirs: Paths, **options: float) -> Iterator[Path]:
    """The same paths here, on the demand of theirs, so many at a time."""
    before = np.zeros(theirs.orders.shape[:2])
    if not case.fresh:  # alike here and there, up to rounding
        before[1:] = theirs.orders[:-1, :, -1]
    for first in range(0, len(before), _TOGETHER):
        some = slice(first, first + _TOGETHER)
        paths, _ = played(case.chain, case.policy, case.forecaster, theirs.demand[some], before[some], **options)
        yield from paths


def furthest(path: Path, other: Path) -> tuple[float, float]:
    """Largest difference of an order, and of a net stock, in any stage and period."""
    return float(np.abs(path.orders - other.orders).max()), float(np.abs(path.net_stock - other.net_stock).max())


def figures(case: Case, demand: Floats, path: Path) -> dict[str, float]:
    """Its figures of the last stage of a path, on demand float64[T], and two of the whole chain.

    Bullwhip: variance of orders over that of demand; fill rate: share of periods that end with nothing owed (to
    customers: at the first stage); amplification: variance of the net stock over that of demand; cost in the run.
    """
    stages, stock, spread = CHAINS[case.chain], path.net_stock, float(np.var(demand))
    holding, missing = np.array([(stage.holding, stage.missing) for stage in stages]).T[:, :, None]
    costs = np.where(stock >= 0.0, holding * stock, -missing * stock).sum(axis=1)
    ready = (stock >= -ALIKE).mean(axis=1)
    return {
        "bullwhip": float(np.var(path.orders[-1])) / spread,
        "fill_rate": float(ready[-1]),
        "net_stock_amplification": float(np.var(stock[-1])) / spread,
        "cost": float(costs[-1]),
        "fill_rate_of_customers": float(ready[0]),
        "cost_of_chain": float(costs.sum()),
    }


@dataclass(frozen=True)
class Estimate:
    """A mean over paths, with its 95 % interval."""

    mean: float
    half: float

    @classmethod
    def of(cls, values: list[float]) -> Estimate:
        """By Student's law; of one value without width."""
        count = len(values)
        if count == 1:
            return cls(values[0], 0.0)
        half = float(stdtrit(count - 1, 0.975)) * float(np.std(values, ddof=1)) / math.sqrt(count)
        return cls(float(np.mean(values)), half)


def estimates(rows: list[dict[str, float]]) -> Mapping[str, Estimate]:
    """Of each figure."""
    return {name: Estimate.of([row[name] for row in rows]) for name in rows[0]}


def shortened(case: Case, paths: int) -> Case:
    """A case on at most so many of its paths."""
    return replace(case, paths=min(case.paths, paths))
