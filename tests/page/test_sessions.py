"""Many tabs: thirty that play at once, and many that come and vanish while the server's memory stays level."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.page.conftest import ROOT, Served, served
from tests.page.visitor import Visitor, cookie_of

pytestmark = pytest.mark.slow

BEFORE, VISITS = 40, 100
MEGABYTES = 12
"""That the visits may add; they add 3 to 4. Kept tabs would add 110, kept models 25."""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A page that forgets a tab a second after it has vanished."""
    monkeypatch.setenv("SOLARA_KERNEL_CULL_TIMEOUT", "1s")
    with served(tmp_path, ROOT / "scenarios" / "oil_gas") as found:
        yield found


def resident(process: int) -> float:
    """Memory of a process, in MB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def visited(page: Served, cookie: str) -> None:
    """A tab that plays two days and vanishes."""
    visitor = Visitor(page, cookie)
    visitor.play(2)
    visitor.vanish()


def test_thirty_tabs_play_at_once(page: Served) -> None:
    cookie = cookie_of(page)
    with ThreadPoolExecutor(30) as pool:
        visitors = list(pool.map(lambda _: Visitor(page, cookie), range(30)))
        list(pool.map(lambda visitor: visitor.play(4), visitors))
    assert [visitor.day >= 4 for visitor in visitors] == [True] * 30
    for visitor in visitors:
        visitor.vanish()


def test_memory_stays_level_while_tabs_come_and_vanish(page: Served) -> None:
    cookie = cookie_of(page)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: visited(page, cookie), range(BEFORE)))
        before = resident(page.process)
        list(pool.map(lambda _: visited(page, cookie), range(VISITS)))
    time.sleep(3)  # until the last ones are forgotten
    assert resident(page.process) - before < MEGABYTES
