"""`esc-sim check` on scenarios with mistakes in them: it ends in success or a located message, never in a traceback.

What passes the check is run for a few periods now and then, which must not end in a traceback either.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import random
import re
import signal
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esc_sim.cli.commands.check import summary_of, text_of
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.scenario.reader import ReadScenario, read_scenario
from experiments.faults.mutations import Files, mutated
from experiments.faults.shipped import shipped

LOCATED = re.compile(r"(scenario\.yaml|[\w.]+\.csv|book\.xlsx(\[\w+\])?)[:!]")
"""How every message begins: with the file that it is about."""
PERIODS = 4
LIMIT = 60
"""Seconds of the processor after which a case counts as one that hangs."""


@dataclass(frozen=True)
class Case:
    """A scenario with mistakes: its files, and what was done to which scenario."""

    number: int
    files: Files
    what: str


@dataclass(frozen=True)
class Outcome:
    """How a case ended: success, message, or failed; ``text`` says what was printed or raised."""

    kind: str
    text: str


def case_of(seed: int, number: int) -> Case:
    """A case of a campaign, the same whichever others are made."""
    chance = random.Random(f"{seed}/{number}")
    (one,) = chance.choices(shipped(), [scenario.weight for scenario in shipped()])
    files, what = mutated(one.files, chance)
    return Case(number, files, f"{one.name}: {what}")


def tried(case: Case, *, run: bool = False) -> Outcome:
    """Check the case in a folder of its own, and, where that succeeds and ``run`` says so, run it shortly."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, raw in case.files.items():
            (Path(folder) / name).write_bytes(raw)
        try:
            read = read_scenario(folder)
            text = text_of(summary_of(read))
            if run:
                _run_shortly(read)
        except InputError as error:
            lost = [problem for problem in error.problems if not LOCATED.match(problem)]
            return Outcome("failed", f"not located: {lost[0]}") if lost else Outcome("message", str(error))
        except Exception:
            return Outcome("failed", traceback.format_exc())
    return Outcome("success", text)


def _run_shortly(read: ReadScenario) -> None:
    """A few periods in the agent engine; what it refuses with a message is refused."""
    scenario = read.scenario
    few = {"periods": min(scenario.run.periods, PERIODS), "warm_up": 0, "batches": 1}
    short = scenario.model_copy(update={"run": scenario.run.model_copy(update=few)})
    try:
        model = SupplyChainModel(short)
    except InputError:
        return
    for _ in range(short.run.periods):
        model.step()
    numbers = model.recorder.periods.ravel()
    if not all(map(math.isfinite, numbers)):
        raise ArithmeticError("a result of the run is not finite")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    parser.add_argument("--count", type=int, default=10_000, help="cases tried; default 10000")
    parser.add_argument("--first", type=int, default=0, help="number of the first, to share a campaign out")
    parser.add_argument("--seed", type=int, default=1, help="seed of all cases")
    parser.add_argument("--case", type=int, help="try this case alone, and print what it says")
    parser.add_argument("--run-every", type=int, default=20, help="of the cases, one in so many is run; default 20")


def main(arguments: argparse.Namespace) -> int:
    """Try all cases, or one; print what came of them."""
    if arguments.case is not None:
        case = case_of(arguments.seed, arguments.case)
        outcome = tried(case, run=True)
        print(f"{case.what}\n{outcome.kind}: {outcome.text}")
        return int(outcome.kind == "failed")
    return told(arguments.seed, _outcomes(arguments))


def _outcomes(arguments: argparse.Namespace) -> Iterator[tuple[Case, Outcome]]:
    for number in range(arguments.first, arguments.first + arguments.count):
        case = case_of(arguments.seed, number)
        with _no_longer_than(LIMIT):
            outcome = tried(case, run=number % arguments.run_every == 0)
        yield case, outcome


def told(seed: int, outcomes: Iterable[tuple[Case, Outcome]]) -> int:
    """Print what failed as it comes, then how many cases ended in which way; 1 where any failed."""
    count: Counter[str] = Counter()
    for case, outcome in outcomes:
        count[outcome.kind] += 1
        if outcome.kind == "failed":
            last = outcome.text.strip().splitlines()[-1]
            print(f"case {case.number} (--seed {seed} --case {case.number}), {case.what}: {last}", flush=True)
    tell = ", ".join(f"{count[kind]} {name}" for kind, name in NAMES.items())
    print(f"{count.total()} tried: {tell}")
    return int(count["failed"] > 0)


NAMES = {"success": "succeeded", "message": "with a located message", "failed": "failed"}


@contextlib.contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    """Raises TimeoutError, which counts as a failure, when what is done within takes the processor longer."""

    def late(signum: int, frame: Any) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
