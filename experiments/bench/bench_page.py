"""The browser page in a headless Chromium: playing the oil-and-gas case, and a step of 1,000 nodes until it is drawn.

Times are of the clock on the wall, from the click until the browser has drawn what follows from it, because that is
what a visitor waits for; other work on the machine counts. The CPU seconds of the server stand beside them.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from experiments.bench.rows import Row, small_run

NAME = "page"
ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
_COMMAND = "import sys; sys.argv[0] = 'esc-sim'; from esc_sim.cli import main; sys.exit(main())"
_DRAWN = "Number(document.querySelector('[data-test=pulse]').dataset.drawn)"
_DAY = "Number(document.querySelector('.esc-day-number').innerText)"


def measure() -> list[Row]:
    """Start, play, step."""
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        return [Row("not measured: there is no Chromium or Chrome", math.nan, "")]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        rows = [*_oil_gas(browser), *_thousand(browser)]
        browser.close()
    return rows


def _oil_gas(browser: Any) -> list[Row]:
    periods, rounds = (5, 1) if small_run() else (25, 5)
    found = []
    with served(ROOT / "scenarios" / "oil_gas") as (address, _, started):
        page, until_open = opened(browser, address)
        _set_speed(page, 12)  # the most at which every period is drawn
        for _ in range(rounds):
            _reset(page)
            begun = time.perf_counter()
            page.click("[data-test=play]")
            page.wait_for_function(f"{_DAY} >= {periods}", polling="raf")
            found.append(time.perf_counter() - begun)
            page.click("[data-test=play]")
            page.wait_for_selector("[data-test=play]:has-text('Play')")
    return [
        Row("server ready", started, "s"),
        Row("page opened and drawn", until_open, "s"),
        Row(f"{periods} played and drawn periods of oil_gas", statistics.median(found), "s", "<= 4 s"),
    ]


def _thousand(browser: Any) -> list[Row]:
    nodes, steps = 1000, 3 if small_run() else 15
    with served(ROOT / "scenarios" / "network_1000") as (address, process, _):
        page, until_open = opened(browser, address)
        rows = [Row(f"page with {nodes:,} nodes opened and drawn", until_open, "s")]
        for name, choose in _VIEWS.items():
            choose(page)
            page.wait_for_timeout(1000)
            found, spent = [], _cpu_seconds(process)
            for _ in range(steps):
                found.append(until_drawn(page, lambda: page.click("[data-test=step]")))
            spent = (_cpu_seconds(process) - spent) / steps
            rows += [
                Row(
                    f"a step of {nodes:,} nodes {name} until it is drawn, median",
                    statistics.median(found),
                    "s",
                    "<= 1 s",
                ),
                Row(f"a step of {nodes:,} nodes {name} until it is drawn, longest", max(found), "s"),
                Row(f"CPU of the server in a step {name}", spent, "s"),
            ]
    return rows


_VIEWS: Final[dict[str, Callable[[Any], object]]] = {
    "by groups": lambda page: page.select_option("[data-test=group-by]", "region"),
    "with an open group": lambda page: page.select_option("[data-test=group]", "region_12"),
    "by members": lambda page: page.select_option("[data-test=group-by]", "none"),
}
"""What the map shows, one after the other."""


@contextmanager
def served(scenario: Path) -> Iterator[tuple[str, subprocess.Popen[str], float]]:
    """`esc-sim app` on a free port: its address, its process, seconds until it was ready."""
    words = [sys.executable, "-c", _COMMAND, "app", str(scenario), "--no-open", "--port", "0"]
    begun = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        if address is None:
            raise RuntimeError("the page was not served")
        yield address[0], process, time.perf_counter() - begun
    finally:
        process.terminate()
        process.communicate(timeout=60)


def opened(browser: Any, address: str, width: int = 1440, height: int = 1000) -> tuple[Any, float]:
    """A tab with the page, drawn for the first time; and the seconds until then."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(120_000)
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("[data-test=map-0] canvas")
    page.wait_for_function(f"{_DRAWN} >= 0")
    return page, time.perf_counter() - begun


def until_drawn(page: Any, action: Any) -> float:
    """Do something; seconds until the browser has drawn what follows from it."""
    before = page.evaluate(_DRAWN)
    begun = time.perf_counter()
    action()
    page.wait_for_function(f"{_DRAWN} > {before}", polling="raf")
    return time.perf_counter() - begun


def _set_speed(page: Any, periods: int) -> None:
    page.fill("[data-test=speed]", str(periods))


def _reset(page: Any) -> None:
    until_drawn(page, lambda: page.click("[data-test=reset]"))
    page.wait_for_function(f"{_DAY} === 0")


def _cpu_seconds(process: subprocess.Popen[str]) -> float:
    """CPU seconds of a process so far; nan where the system does not tell."""
    try:
        text = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii")
    except OSError:
        return math.nan
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))
