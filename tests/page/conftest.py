"""A served page and a headless Chromium for the browser tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
# The command line as installed, with a witness that writes down every address the server looks up or connects to.
SCRIPT = """
import sys
witness = open(sys.argv[1], "a", buffering=1)
def hook(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        witness.write(f"{event} {arguments[1]!r}\\n")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        witness.write(f"{event} {arguments[0]!r}\\n")
sys.addaudithook(hook)
sys.argv = ["esc-sim", *sys.argv[2:]]
from esc_sim.cli import main
sys.exit(main())
"""
PLAN = """\
version: 1
kind: decisions
name: fewer orders
orders:
  - {node: refinery_3, mean: 80}
  - {node: terminal_3, mean: 90}
prices:
  - {buyer: terminal_3, supplier: refinery_3, price: 50}
"""
PATIENCE = 120_000  # ms; only a broken page needs it


@dataclass
class Served:
    """A page that is served.

    Attributes:
        address: with its token.
        witness: file with the addresses that its server spoke to.
        plan: that it may offer.
        process: number of the server's process.
    """

    address: str
    witness: Path
    plan: Path
    process: int

    @property
    def origin(self) -> str:
        """The address without path and token."""
        return self.address.partition("/?")[0]


@contextmanager
def served(folder: Path, scenario: Path, *options: str) -> Iterator[Served]:
    """`esc-sim app` on a free port, ended by its own process id."""
    witness = folder / "witness.txt"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(witness), "app", str(scenario), "--no-open", "--port", "0", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        told: list[str] = []
        for line in process.stdout:
            told.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
            if found:
                yield Served(found[0], witness, folder / "plan.yaml", process.pid)
                break
        else:
            raise AssertionError(f"the page was not served:\n{''.join(told)}")
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a browser; without one the test is skipped, or fails where ESC_SIM_REQUIRE_BROWSER is 1."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        message = "the browser tests need Chromium or Chrome; on Debian: sudo apt-get install chromium"
        if os.environ.get("ESC_SIM_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="module")
def oil_gas(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of scenarios/oil_gas, with a plan beside it."""
    folder = tmp_path_factory.mktemp("served")
    plan = folder / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    with served(folder, ROOT / "scenarios" / "oil_gas", "--plan", str(plan)) as page:
        yield page


@pytest.fixture(scope="module")
def thousand(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of scenarios/network_1000."""
    with served(tmp_path_factory.mktemp("thousand"), ROOT / "scenarios" / "network_1000") as page:
        yield page


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[object]:
    """Headless Chromium that can look up no name."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def serve(chromium: str, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """A function that serves a scenario, with options, until the test's end."""
    with ExitStack() as stack:
        yield lambda scenario, *options: stack.enter_context(served(tmp_path, scenario, *options))


@pytest.fixture
def visit(browser: object, serve: object) -> Iterator[Callable[..., object]]:
    """A function that opens an address in a new tab; at the end no tab may have erred or asked for anything outside.

    It depends on ``serve`` so that tabs are closed before their servers.
    """
    contexts, problems = [], []

    def open_page(address: str, width: int = 1440, height: int = 1000, scheme: str = "light") -> object:
        origin = address.partition("?")[0]
        context = browser.new_context(  # type: ignore[attr-defined]
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
        page.on("console", lambda text: text.type == "error" and problems.append(f"console: {text.text}"))
        page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
        page.on("response", lambda answer: answer.status >= 400 and problems.append(f"{answer.status}: {answer.url}"))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((origin, "data:", "blob:")) or problems.append(f"outside: {request.url}")
            ),
        )
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}") or dialog.dismiss())
        page.goto(address)
        page.wait_for_selector("[data-test=map-0] canvas")
        page.wait_for_function("document.querySelector('[data-test=pulse]').dataset.drawn >= 0")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
