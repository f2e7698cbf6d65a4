"""Whoever does the work, results are the same bytes: threads, processes, an executor, a cluster that loses a worker."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import esc_sim as esc
from esc_sim.crews.crew import hands_of
from esc_sim.crews.dask import ClusterError
from esc_sim.crews.recipe import Recipe, recipe_of
from esc_sim.errors import EscSimError, InputError
from tests.helpers.clusters import Cluster, local_cluster, wait_for
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


def nothing() -> None:
    """What is done when a part is finished: mostly nothing."""


def run(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    how["progress"] = lambda *_: told()
    found = esc.simulate(QUICKSTART, replications=160, overrides={"run.periods": 60}, trace=True, seed=7, **how)
    assert found.twin is not None
    assert found.traces is not None
    assert found.tally is not None
    parts = found.values, found.twin, found.item_stock, found.arc_shipped, found.traces.items, found.tally
    return b"".join(part.tobytes() for part in parts)


def sweep(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    vary = {"disruptions.strike.health": [0.0, 0.25, 0.5, 0.75], "nodes.warehouse.target_stock": [300.0, 400.0]}
    return esc.sweep(QUICKSTART, vary, replications=3, progress=lambda *_: told(), **how).table.to_csv().encode()


def stress(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    how |= {"duration": 7, "starts": 2, "replications": 3, "levers": False, "progress": lambda *_: told()}
    return esc.stress(QUICKSTART, **how).table.to_csv().encode()


def search(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    found = esc.optimize(OIL_GAS, **TINY, progress=lambda *_: told(), **how)
    return found.designs.tobytes() + found.training.tobytes() + found.held_out.tobytes()


def compare(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    variants = {"as it is": [], "more": ["nodes.warehouse.target_stock=400"]}
    found = esc.compare(QUICKSTART, variants, replications=20, progress=lambda *_: told(), **how)
    return b"".join(one.values.tobytes() for one in found.runs.values())


def recover(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    how |= {"evaluations": 400, "strategy": "paper-memetic", "progress": lambda name: lambda *_: told()}
    found = esc.recover(SCENARIOS / "cascade_37", 20.0, remove=12, **how)
    return repr([(one.restored.tolist(), one.trace, one.rn) for one in found.results]).encode()


def design(told: Callable[[], None] = nothing, **how: Any) -> bytes:
    how |= {"kind": "sourcing", "options": {"switches": True}, "report": lambda text: told()}
    return repr(esc.design(SCENARIOS / "electrolyte", **how).tables["switches"].rows).encode()


Work = Callable[..., bytes]
WORK: list[Work] = [run, sweep, stress, search, compare, recover, design]
GOES_ON: list[Work] = [sweep, stress, search]
"""Commands with a checkpoint."""


@cache
def alone(work: Work) -> bytes:
    return work(workers=1)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with local_cluster(tmp_path_factory.mktemp("cluster"), 2) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
def test_same_bytes_whoever_does_the_work(work: Work, pool: ProcessPoolExecutor, cluster: Cluster) -> None:
    assert work(workers=2) == alone(work)
    assert work(executor=pool) == alone(work)
    assert pool.submit(abs, -1).result() == 1  # it is the user's, and still there
    assert work(dask=cluster.address) == alone(work)


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
def test_a_worker_that_dies_and_one_that_comes_late(work: Work, cluster: Cluster) -> None:
    """One of two workers is killed as soon as something is finished; another one is started meanwhile."""
    victim, ended = cluster.workers.pop(0), []

    def one_dies_and_one_comes() -> None:
        if not ended:
            victim.kill()
            ended.append(victim.wait())
            cluster.add_worker()

    assert work(one_dies_and_one_comes, dask=cluster.address) == alone(work)
    assert ended == [-9]
    wait_for(cluster.address, 2)


@pytest.mark.slow
@pytest.mark.parametrize("work", GOES_ON)
def test_what_a_lost_scheduler_leaves_goes_on(work: Work, tmp_path: Path) -> None:
    with local_cluster(tmp_path, 1) as cluster, pytest.raises(ClusterError, match="go on with --resume"):
        work(cluster.scheduler.kill, dask=cluster.address, out=tmp_path / "out")
    assert (tmp_path / "out.checkpoint").exists()
    assert work(workers=1, out=tmp_path / "out", resume=True) == alone(work)


@pytest.fixture(scope="module")
def foreign_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster whose worker has other sources of esc_sim."""
    folder = tmp_path_factory.mktemp("foreign")
    shutil.copytree(SCENARIOS.parent / "esc_sim", folder / "esc_sim", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "esc_sim" / "counted.py").open("a") as source:
        source.write("# changed\n")
    with local_cluster(folder, 1, root=folder) as cluster:
        yield cluster


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
def test_a_worker_with_other_sources_is_refused(work: Work, foreign_cluster: Cluster) -> None:
    with pytest.raises(EscSimError, match="a worker has another esc_sim"):
        work(dask=foreign_cluster.address)


@pytest.mark.slow
@pytest.mark.parametrize("work", [run])
def test_rows_by_way_of_a_shared_folder(work: Work, cluster: Cluster, tmp_path: Path) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.extend(path.suffix for path in tmp_path.rglob("*.parquet"))

    assert work(look, dask=cluster.address, shared=f"file://{tmp_path}") == alone(work)
    assert ".parquet" in seen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_processes_started_for_a_command_end_with_it() -> None:
    before = set(multiprocessing.active_children())  # of the cluster that the tests share
    assert sweep(dask="local:2") == sweep(workers=1)
    assert set(multiprocessing.active_children()) == before


@pytest.mark.slow
def test_the_benchmark_of_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments.bench.bench_crews import measure

    monkeypatch.setenv("ESC_SIM_BENCH_SIZE", "tiny")
    monkeypatch.chdir(SCENARIOS.parent)
    assert [row.value > 0 for row in measure()] == [True] * 10


@pytest.mark.parametrize(
    ("setting", "vary"),
    [
        (["rules.negotiation=contract_net"], {"disruptions.strike.health": [0.0, 0.5]}),
        ([], {"rules.negotiation": ["lowest_cost", "contract_net"]}),
    ],
)
def test_a_sweep_on_the_agent_engine_takes_processes(setting: list[str], vary: dict[str, list[Any]]) -> None:
    how: dict[str, Any] = {"replications": 2, "overrides": ["run.periods=20", *setting]}
    beside: list[int] = []
    before = set(multiprocessing.active_children())  # of the cluster that the tests share

    def look(done: int, total: int) -> None:
        beside.append(len(set(multiprocessing.active_children()) - before))

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

    recipe = recipe_of(abs)
    assert done_by(recipe, [-1, 2]).outcomes == [1, 2]
    with pytest.raises(EscSimError, match="a worker has another esc_sim"):
        done_by(Recipe(recipe.text, "another"), [-1])


def test_what_cannot_leave_this_process_is_named() -> None:
    with pytest.raises(InputError, match="cannot be handed to other processes"):
        recipe_of(lambda task: task)


@pytest.mark.parametrize("where", ["memory://parts", "{folder}", "file://{folder}"])
def test_rows_by_way_of_a_place_that_fsspec_knows(where: str, tmp_path: Path) -> None:
    how: dict[str, Any] = {"replications": 20, "overrides": {"run.periods": 20}, "trace": True, "engine": "agents"}
    plain, shared = (
        esc.simulate(QUICKSTART, **how, **more) for more in ({}, {"shared": where.format(folder=tmp_path)})
    )
    assert plain.traces is not None
    assert shared.traces is not None
    assert shared.values.tobytes() == plain.values.tobytes()
    assert shared.traces.items.tobytes() == plain.traces.items.tobytes()
    assert shared.summary == plain.summary
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("where", "words"), [("nosuch://x", "Protocol not known"), ("/proc/x", "cannot be written")])
def test_no_shared_place(where: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        esc.simulate(QUICKSTART, replications=2, engine="agents", shared=where)
