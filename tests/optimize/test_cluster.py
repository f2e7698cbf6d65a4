"""A Dask cluster gives the front of one process, also when a worker is killed; what cannot be reached is said."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from esc_sim.crews.crew import Hands
from esc_sim.crews.dask import ClusterError
from esc_sim.errors import InputError
from esc_sim.optimize.elsewhere import JudgeElsewhere, judge_elsewhere
from esc_sim.optimize.judge import Draws, Judge
from esc_sim.optimize.search import optimize
from tests.helpers.clusters import local_cluster
from tests.optimize.cases import OIL_GAS, ROOT, TINY, oil_gas

pytest.importorskip("distributed")

# Dask's clients leave sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

NAMES = ["profit", "cvar"]


@pytest.mark.filterwarnings("ignore:Creating scratch directories")  # on a slow disk
def test_a_cluster_gives_each_design_the_measures_of_one_process(tmp_path: Path) -> None:
    from distributed import Client

    scenario, names = oil_gas(), ["profit", "cvar"]
    alone = Judge(scenario, names, workers=1)
    lower, upper = alone.space.lower, alone.space.upper
    designs = lower + np.linspace(0.0, 1.0, 9)[:, np.newaxis] * (upper - lower)
    draws = [Draws(3, first, 2) for first in range(9)]
    expected = alone(designs, draws)
    options = {"processes": False, "dashboard_address": None, "local_directory": str(tmp_path), "set_as_default": False}
    with (
        Client(n_workers=1, threads_per_worker=1, **options) as client,
        Hands(dask=client).crew(releases=True) as crew,
    ):
        spread = JudgeElsewhere(crew, scenario, names)(designs, draws)
    np.testing.assert_array_equal(spread, expected)
    assert len(np.unique(spread, axis=0)) == 9


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_front_of_one_process(tmp_path: Path) -> None:
    settings = TINY | {"generations": 6}
    alone = optimize(oil_gas(), **settings)

    def kill_a_worker(done: int, total: int, volume: float) -> None:
        if done == 3:
            cluster.workers[0].kill()

    with local_cluster(tmp_path, 2) as cluster:
        front = optimize(oil_gas(), **settings, dask=cluster.address, progress=kill_a_worker)
        assert cluster.workers[0].wait() == -signal.SIGKILL
        assert cluster.workers[1].poll() is None
    np.testing.assert_array_equal(front.designs, alone.designs)
    np.testing.assert_array_equal(front.training, alone.training)
    np.testing.assert_array_equal(front.held_out, alone.held_out)
    np.testing.assert_array_equal(front.history, alone.history)


@pytest.mark.slow
def test_a_scheduler_that_is_killed_costs_no_finished_generation(tmp_path: Path) -> None:
    settings = TINY | {"generations": 6}
    alone = optimize(oil_gas(), **settings)
    out, before, after = tmp_path / "front", [], []

    def kill_the_scheduler(done: int, total: int, volume: float) -> None:
        before.append(done)
        if done == 3:
            cluster.scheduler.kill()

    with local_cluster(tmp_path, 2) as cluster, pytest.raises(ClusterError, match="go on with --resume"):
        optimize(oil_gas(), **settings, dask=cluster.address, out=out, progress=kill_the_scheduler)
    assert before[-1] == 3
    front = optimize(oil_gas(), **settings, out=out, resume=True, progress=lambda done, *_: after.append(done))
    assert min(after) >= 3
    np.testing.assert_array_equal(front.designs, alone.designs)
    np.testing.assert_array_equal(front.training, alone.training)
    np.testing.assert_array_equal(front.held_out, alone.held_out)
    np.testing.assert_array_equal(front.history, alone.history)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds instead of ten are enough to find that nothing answers on this machine."""
    monkeypatch.setattr("esc_sim.crews.dask.CONNECT_SECONDS", 2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "nonsense", "nonsense://x:1", "tcp://", "tcp://h:0"])
def test_an_address_without_a_scheduler_is_refused_within_seconds(address: str) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="no scheduler answers there") as caught:
        optimize(oil_gas(), **TINY, dask=address.format(port=free_port()))
    assert len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 60


def test_the_command_refuses_an_address_with_one_message(tmp_path: Path) -> None:
    words = ["optimize", str(OIL_GAS), "--dask", "nonsense", "--out", str(tmp_path / "out")]
    script = f"import sys; from esc_sim.cli import main; sys.exit(main({words!r}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --dask nonsense: no scheduler answers there")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_scheduler_without_workers_is_refused(tmp_path: Path) -> None:
    with (
        local_cluster(tmp_path, 0) as cluster,
        pytest.raises(InputError, match="the scheduler has no workers"),
        judge_elsewhere(Hands(dask=cluster.address), oil_gas(), NAMES, Judge(oil_gas(), NAMES, workers=1)),
    ):
        pass
