"""Whoever does the work, results are the same bytes: threads, processes, an executor, a cluster that loses a worker."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import esc_sim as esc
from esc_sim.crews.crew import hands_of
from esc_sim.crews.recipe import Recipe, recipe_of
from esc_sim.errors import InputError
from tests.helpers.clusters import local_cluster
from tests.helpers.runs import SCENARIOS
from tests.optimize.cases import TINY

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Creating scratch directories"),
]

QUICKSTART, OIL_GAS = SCENARIOS / "quickstart", SCENARIOS / "oil_gas"


def run(**how: Any) -> bytes:
    found = esc.simulate(QUICKSTART, replications=40, overrides={"run.periods": 60}, trace=True, seed=7, **how)
    assert found.twin is not None
    assert found.traces is not None
    assert found.tally is not None
    parts = found.values, found.twin, found.item_stock, found.arc_shipped, found.traces.items, found.tally
    return b"".join(part.tobytes() for part in parts)


def sweep(**how: Any) -> bytes:
    vary = {"disruptions.strike.health": [0.0, 0.25, 0.5, 0.75], "nodes.warehouse.target_stock": [300.0, 400.0]}
    return esc.sweep(QUICKSTART, vary, replications=3, **how).table.to_csv().encode()


def stress(**how: Any) -> bytes:
    return esc.stress(QUICKSTART, duration=7, starts=2, replications=3, levers=False, **how).table.to_csv().encode()


def search(**how: Any) -> bytes:
    found = esc.optimize(OIL_GAS, **TINY, **how)
    return found.designs.tobytes() + found.training.tobytes() + found.held_out.tobytes()


def compare(**how: Any) -> bytes:
    variants = {"as it is": [], "more": ["nodes.warehouse.target_stock=400"]}
    found = esc.compare(QUICKSTART, variants, replications=20, **how)
    return b"".join(one.values.tobytes() for one in found.runs.values())


def recover(**how: Any) -> bytes:
    found = esc.recover(SCENARIOS / "cascade_37", 20.0, remove=12, evaluations=400, strategy="paper-memetic", **how)
    return repr([(one.restored.tolist(), one.trace, one.rn) for one in found.results]).encode()


WORK: list[Callable[..., bytes]] = [run, sweep, stress, search, compare, recover]


@pytest.mark.slow
def test_same_bytes_whoever_does_the_work(tmp_path: Path) -> None:
    alone = [work(workers=1) for work in WORK]
    assert [work(workers=2) for work in WORK] == alone
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert [work(executor=pool) for work in WORK] == alone
        assert pool.submit(abs, -1).result() == 1  # it is the user's, and still there
    with local_cluster(tmp_path, 2) as cluster:
        assert run(dask=cluster.address) == alone[0]
        killed: list[int] = []

        def kill_a_worker(done: int, total: int) -> None:
            if not killed:
                cluster.workers[0].kill()
                killed.append(cluster.workers[0].wait())

        assert sweep(dask=cluster.address, progress=kill_a_worker) == alone[1]
        assert killed == [-9]
        assert [work(dask=cluster.address) for work in WORK[2:]] == alone[2:]


@pytest.mark.slow
def test_processes_started_for_a_command_end_with_it() -> None:
    assert sweep(dask="local:2") == sweep(workers=1)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_the_benchmark_of_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments.bench.bench_crews import measure

    monkeypatch.setenv("ESC_SIM_BENCH_SIZE", "tiny")
    monkeypatch.chdir(SCENARIOS.parent)
    assert [row.value > 0 for row in measure()] == [True] * 3


def test_a_sweep_on_the_agent_engine_takes_processes() -> None:
    how: dict[str, Any] = {"replications": 2, "overrides": ["run.periods=20", "rules.negotiation=contract_net"]}
    vary = {"disruptions.strike.health": [0.0, 0.5]}
    beside: list[int] = []

    def look(done: int, total: int) -> None:
        beside.append(len(multiprocessing.active_children()))

    one, two = (esc.sweep(QUICKSTART, vary, workers=k, progress=look, **how).table for k in (1, 2))
    assert one.equals(two)
    assert beside[:2] == [0, 0]
    assert beside[2] == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"workers": 2, "dask": "tcp://127.0.0.1:1"}, "workers and dask exclude each other"),
        ({"dask": "tcp://127.0.0.1:1", "executor": object()}, "dask and executor exclude each other"),
        ({"executor": 3}, "executor: int cannot be handed work"),
        ({"workers": 0}, "workers: 0 cannot work"),
    ],
)
def test_what_cannot_do_work(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        hands_of(options)


@pytest.mark.parametrize(("address", "words"), [("local:none", "write local:N"), (7, "an address or a client")])
def test_no_address(address: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(dask=address)


def test_a_worker_with_another_esc_sim_is_refused() -> None:
    from esc_sim.crews.recipe import done_by
    from esc_sim.errors import EscSimError

    recipe = recipe_of(abs)
    assert done_by(recipe, [-1, 2]).outcomes == [1, 2]
    with pytest.raises(EscSimError, match="a worker has another esc_sim"):
        done_by(Recipe(recipe.text, "another"), [-1])


def test_what_cannot_leave_this_process_is_named() -> None:
    with pytest.raises(InputError, match="cannot be handed to other processes"):
        recipe_of(lambda task: task)
