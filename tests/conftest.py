"""What every test shares: no display, property tests that neither depend on wall time nor on chance, marked outputs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling, Scheduling

from esc_sim.engine import outputs
from tests.helpers.ready import Ready

os.environ["MPLBACKEND"] = "Agg"
# Commands are started as users start them: what is not flushed does not arrive.
os.environ.pop("PYTHONUNBUFFERED", None)
outputs.mark_all = True  # every number of every run, not only those of the first period, is seen to be written

# Derandomized: a failure seen once is seen again by everybody; set HYPOTHESIS_PROFILE=explore to look further.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

APART = {f"tests/test_{name}.py" for name in ("bench", "docs_examples", "faults", "notebooks")}
"""Files of long tests that share nothing, so that several workers may take part in one of them."""
TOGETHER = "tests/test_extension"
"""Files that begin so need the same kernel, which the first of them compiles: another worker would wait for it."""


class SlowFirst(LoadFileScheduling):
    """Hands out files in the order of collection: those of ``APART`` test by test, those of ``TOGETHER`` as one."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if file.startswith(TOGETHER):
            return TOGETHER
        return nodeid if file in APART else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Our own in the place of `--dist loadfile`."""
    return SlowFirst(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker, begin with the files that hold slow tests: none of them is then left to one worker at the end."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready]:
    """Runs `esc-sim` in processes that need not import it."""
    from tests.helpers.command import ENVIRONMENT  # a copy of the environment as it stands above

    with Ready(ENVIRONMENT) as commands:
        yield commands


@pytest.fixture(scope="session")
def installed() -> Iterator[Ready]:
    """The same, with the example packages of tests/extension installed."""
    from tests.helpers.extension import INSTALLED

    with Ready(INSTALLED) as commands:
        yield commands
