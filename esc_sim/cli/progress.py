"""Progress of long work on the terminal; silent where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from esc_sim.cli.output import Unfailing, note

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def _bar(what: str, figure: str = "") -> Iterator[Progress]:
    """A bar on standard error: what it counts, how many are done, a figure where there is one, the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=cast(TextIO, Unfailing(sys.stderr)))
    figures = [TextColumn(figure)] if figure else []
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), *figures, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error.

    Yields:
        A function to call with (done, total).
    """
    with _bar("{task.description}") as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show


@contextmanager
def search_progress(unit: str, figure: str) -> Iterator[Callable[[int, int, float], None]]:
    """A progress bar of a search on standard error, with a figure; lines from time to time without a terminal.

    Args:
        unit: what is counted: generations, replications.
        figure: what is told: hypervolume, best.

    Yields:
        A function to call with (units done, units wanted, figure).
    """
    with _bar(unit, f"{figure} {{task.fields[value]}}") as bar:
        task = bar.add_task("", total=None, value="")
        told = 0

        def show(done: int, total: int, value: float) -> None:
            nonlocal told
            bar.update(task, completed=done, total=total, value=f"{value:.4g}")
            step = max(1, total // 10)
            if not bar.console.is_terminal and done // step > told // step:
                told = done
                note(f"{unit.removesuffix('s')} {done} of {total}: {figure} {value:.4g}")

        yield show


@contextmanager
def recovery_progress() -> Iterator[Callable[[str], Callable[[int, int, float], None]]]:
    """Progress bars of recovery searches on standard error, one a strategy, with the best resilience so far.

    Yields:
        A function that takes a strategy's name and gives one to call with (evaluations done, their limit, best).
    """
    with _bar("{task.description}", "RN {task.fields[best]}") as bar:

        def of(strategy: str) -> Callable[[int, int, float], None]:
            task = bar.add_task(strategy, total=None, best="")

            def show(done: int, limit: int, best: float) -> None:
                bar.update(task, completed=done, total=limit, best=f"{best:g}")

            return show

        yield of


@contextmanager
def status(what: str) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is being done; silent where there is no terminal.

    Yields:
        A function to call with the words for the current step.
    """
    from rich.console import Console

    console = Console(file=cast(TextIO, Unfailing(sys.stderr)))
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status(what) as line:

        def show(text: str) -> None:
            line.update(f"{what}: {text}")

        yield show
