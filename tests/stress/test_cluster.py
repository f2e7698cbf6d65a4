"""A Dask cluster gives the stress test of one process, also when a worker is killed; what cannot be reached is said."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from esc_sim.errors import InputError
from esc_sim.stress.run import StressTest, stress
from tests.helpers.clusters import local_cluster
from tests.helpers.command import check_refused
from tests.helpers.runs import SCENARIOS
from tests.stress.test_levers import DEPOT, QUICK, levers_in, with_spare

pytest.importorskip("distributed")

# Dask's clients leave sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
QUICKSTART = SCENARIOS / "quickstart"


def check_same(one: StressTest, other: StressTest) -> None:
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    pd.testing.assert_frame_equal(one.knowledge, other.knowledge, check_exact=True)
    assert one.rows == other.rows


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_numbers_of_one_process(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "duration": 6,
        "starts": [40, 60],
        "what": ("nodes", "arcs", "pairs"),
        "engine": "agents",
    }
    options |= {"levers": levers_in(tmp_path, DEPOT, QUICK), "budget": 60, "worst": 3}
    alone = stress(with_spare(), **options)

    def kill_a_worker(done: int, total: int) -> None:
        if done == 3:
            cluster.workers[0].kill()

    with local_cluster(tmp_path, 2) as cluster:
        spread = stress(with_spare(), **options, dask=cluster.address, progress=kill_a_worker)
        assert cluster.workers[0].wait() == -signal.SIGKILL
        assert cluster.workers[1].poll() is None
        compiled: dict[str, Any] = {"duration": 10, "starts": 2, "replications": 2, "what": ("nodes",)}
        check_same(stress(QUICKSTART, **compiled, dask=cluster.address), stress(QUICKSTART, **compiled, workers=2))
    check_same(alone, spread)
    assert alone.levers is not None
    assert spread.levers is not None
    assert spread.levers.chosen is not None
    assert spread.levers.rows == alone.levers.rows
    assert spread.levers.chosen == alone.levers.chosen
    assert any(lever.kind == "second_source" for lever in spread.levers.toolbox.levers)


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["stress", str(QUICKSTART), "--duration", "10", "--set", "run.periods=60", "--out", "out"]
    check_refused([*words, "--dask", "nonsense"], "--dask nonsense: no scheduler answers there", tmp_path, capsys)
    both = [*words, "--dask", "tcp://127.0.0.1:1", "--workers", "2"]
    check_refused(both, "workers and dask exclude each other", tmp_path, capsys)
    with pytest.raises(InputError, match="no scheduler answers there"):
        stress(QUICKSTART, duration=10, dask="tcp://h:0")
