"""Dask clusters of processes of this machine, which tests can kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cluster:
    """A scheduler and workers in processes of their own, as on several machines."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    add_worker: Callable[[], None]


def started(*words: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def local_cluster(folder: Path, workers: int, root: Path = ROOT) -> Iterator[Cluster]:
    """A cluster with so many workers, which have the esc_sim that lies in ``root``."""
    file = folder / "scheduler.json"
    common = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    processes = [started("distributed.cli.dask_scheduler", "--port", "0", *common)]
    try:
        deadline = time.monotonic() + 300
        while not file.exists() or not file.read_text():
            assert processes[0].poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        cluster = Cluster(address, processes[0], [], lambda: _add_worker(cluster, processes, common, root))
        for _ in range(workers):
            cluster.add_worker()
        wait_for(address, workers)
        yield cluster
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _add_worker(
    cluster: Cluster, processes: list[subprocess.Popen[bytes]], common: tuple[str, ...], root: Path
) -> None:
    worker = started("distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", *common, root=root)
    cluster.workers.append(worker)
    processes.append(worker)


def wait_for(address: str, workers: int) -> None:
    from distributed import Client

    if workers:
        with Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=300)
