"""Make the pictures of the browser page and of a report that the documentation shows: ``python docs/screenshots.py``.

Needs Chromium or Chrome. The pictures are committed; remake them when the page changes, and look at them.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT))

from esc_sim.cli import main  # noqa: E402
from experiments.bench.bench_page import FLAGS, opened, served, until_drawn  # noqa: E402

OIL_GAS, BEER_GAME = ROOT / "scenarios" / "oil_gas", ROOT / "scenarios" / "beer_game"
_COLOURS = 256


def save(page: Any, name: str, **options: Any) -> None:
    """A picture with few colours, so that the file stays small."""
    picture = Image.open(io.BytesIO(page.screenshot(**options))).convert("RGB")
    picture = picture.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    IMAGES.mkdir(exist_ok=True)
    target = IMAGES / f"{name}.png"
    picture.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


def steps(page: Any, periods: int) -> None:
    """Play some periods, one by one."""
    for _ in range(periods):
        until_drawn(page, lambda: page.click("[data-test=step]"))


def choose(page: Any, name: str) -> None:
    """Choose a member, and leave the field so that no cursor is seen."""
    page.fill("[data-test=member]", name)
    page.press("[data-test=member]", "Enter")
    page.wait_for_selector(f'[data-test=book-name]:text-is("{name}")')
    page.evaluate("document.activeElement.blur()")


def one_run(page: Any) -> None:
    """A refinery disrupted by hand, with its book."""
    choose(page, "refinery_2")
    steps(page, 28)
    until_drawn(page, lambda: page.click("[data-test=disrupt]"))
    steps(page, 2)
    page.mouse.move(5, 5)
    save(page, "page", clip={"x": 0, "y": 0, "width": 1400, "height": 1010})


def what_if(page: Any) -> None:
    """A refinery closed for twenty days, against the baseline, at the end of the run."""
    steps(page, 10)
    choose(page, "refinery_2")
    page.fill("[data-test=lasts]", "20")
    until_drawn(page, lambda: page.click("[data-test=disrupt]"))
    until_drawn(page, lambda: page.click("[data-test=finish]"))
    page.mouse.move(5, 5)
    save(page, "page_what_if", clip={"x": 0, "y": 0, "width": 1400, "height": 1010})


def groups(browser: Any) -> None:
    """The map of a large network by regions, one of them opened and one of its members down."""
    with served(ROOT / "scenarios" / "network_1000") as (address, _, _):
        page, _ = opened(browser, address, 1400, 1100)
        choose(page, "supplier_253")
        steps(page, 12)
        until_drawn(page, lambda: page.click("[data-test=disrupt]"))
        page.select_option("[data-test=group]", "region_12")
        steps(page, 1)
        page.mouse.move(5, 5)
        save(page, "page_groups", clip=page.locator("section[aria-label=Network]").bounding_box())


def bullwhip(page: Any) -> None:
    """The beer game to its end."""
    until_drawn(page, lambda: page.click("[data-test=finish]"))
    page.mouse.move(5, 5)
    save(page, "page_bullwhip", clip={"x": 0, "y": 0, "width": 1400, "height": 1190})


def of_page(browser: Any, scenario: Path, shoot: Callable[[Any], None]) -> None:
    """A picture of the page of a scenario."""
    with served(scenario) as (address, _, _):
        page, _ = opened(browser, address, 1400, 1200)
        page.evaluate(
            """() => { const line = document.querySelector('.esc-command');
                       line.innerText = line.innerText.replace(/\\S*scenarios/, 'scenarios'); }"""
        )
        shoot(page)


def of_report(browser: Any) -> None:
    """The head of a run's report."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results"
        assert main(["run", str(OIL_GAS), "--replications", "20", "--seed", "1", "--out", str(out)]) == 0
        assert main(["report", str(out)]) == 0
        page = browser.new_page(viewport={"width": 980, "height": 1180})
        page.goto((out / "report.html").as_uri())
        page.evaluate(
            "document.querySelector('pre').innerText = "
            "'esc-sim run scenarios/oil_gas --replications 20 --seed 1 --out results/first'"
        )
        save(page, "report")


if __name__ == "__main__":
    import shutil

    from experiments.bench.bench_page import BROWSERS

    chromium = next(path for name in BROWSERS if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for scenario, what in ((OIL_GAS, one_run), (OIL_GAS, what_if), (BEER_GAME, bullwhip)):
            of_page(started, scenario, what)
        groups(started)
        of_report(started)
        started.close()
