"""The engine that chooses itself: agents until the kernel is there, the same bits and files whatever happened."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.crews.crew import Hands
from esc_sim.engine.compiled.ahead import RULES, SMALLEST, compile_ahead
from esc_sim.engine.compiled.keeping import Keeping
from esc_sim.engine.compiled.kernel import kernel_keeping
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.replications import Outcome, Player, Task
from esc_sim.results.manifest import engines_of
from esc_sim.results.run import EnginePart, joined
from esc_sim.scenario.schema import Scenario
from tests.helpers.command import ENVIRONMENT, ROOT, contents

STRUCK = {
    **SMALLEST,
    "run": {"periods": 500, "replications": 40, "seed": 3},
    "rules": RULES[True],
    "disruptions": [{"name": "strike", "nodes": ["maker"], "probability": 0.02, "duration": 3}],
}
"""A task of the agents has 16 of its replications."""


class Coming:
    """A kernel that is there when it has been asked for so often; the engine behind it is the real one."""

    def __init__(self, after: int, comes: bool = True) -> None:
        self.asked, self.started = 0, 0
        self._after, self._comes = after, comes

    def is_there(self) -> bool:
        self.asked += 1
        return self.asked > self._after

    def comes(self) -> bool:
        self.started += 1
        return self._comes


def task(**changes: Any) -> Task:
    instance = instance_of(Scenario.model_validate(STRUCK))
    given: dict[str, Any] = {"twin": True, "stratified": False, "trace": False, "lots": False, **changes}
    return Task(instance, 3, given.pop("replications", range(40)), **given)


def parts_of(outcomes: list[Outcome]) -> list[tuple[str, int, int]]:
    return [(part.engine, part.first, part.stop) for part in joined(one.part for one in outcomes)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (0, [("compiled", 0, 40)]),
        (1, [("compiled", 0, 40)]),  # it came while the process that compiles it was started
        (2, [("agents", 0, 16), ("compiled", 16, 40)]),
        (3, [("agents", 0, 32), ("compiled", 32, 40)]),
        (4, [("agents", 0, 40)]),
    ],
)
def test_work_goes_over_when_the_kernel_is_there(after: int, expected: list[tuple[str, int, int]]) -> None:
    kernel = Coming(after)
    played = list(Player("auto", Hands(), kernel).play(task()))
    assert parts_of(played) == expected
    assert kernel.started == (after > 0)
    alone = list(Player("compiled", Hands(), Coming(0)).play(task()))
    for mine, theirs in ((lambda one: one.run, "periods"), (lambda one: one.twin, "periods")):
        one, other = (np.concatenate([getattr(mine(o), theirs) for o in outcomes]) for outcomes in (played, alone))
        assert one.tobytes() == other.tobytes()
    for name in ("health", "active"):
        one, other = (np.concatenate([getattr(o, name) for o in outcomes]) for outcomes in (played, alone))
        assert one.tobytes() == other.tobytes()


def test_later_work_stays_with_the_compiled_engine() -> None:
    kernel = Coming(2)
    player = Player("auto", Hands(), kernel)
    played = [*player.play(task()), *player.play(task(replications=range(40, 60)))]
    assert parts_of(played) == [("agents", 0, 16), ("compiled", 16, 60)]
    assert kernel.asked == 3


def test_later_work_begins_with_the_agents_while_the_kernel_is_still_coming() -> None:
    kernel = Coming(6)
    player = Player("auto", Hands(), kernel)
    played = [*player.play(task()), *player.play(task(replications=range(40, 70)))]
    assert parts_of(played) == [("agents", 0, 56), ("compiled", 56, 70)]
    assert kernel.started == 1


def test_a_kernel_that_cannot_come_is_not_waited_for() -> None:
    kernel = Coming(1, comes=False)
    assert parts_of(list(Player("auto", Hands(), kernel).play(task()))) == [("agents", 0, 40)]
    assert kernel.asked == 1


def test_large_work_waits_for_the_kernel() -> None:
    kernel = Coming(99)
    outcomes = Player("auto", Hands(1), kernel).play(task(replications=range(20_000)))
    assert next(iter(outcomes)).part.engine == "compiled"
    assert kernel.started == 0


def test_the_other_engines_are_what_they_are_called() -> None:
    for engine in ("compiled", "agents"):
        kernel = Coming(99)
        assert parts_of(list(Player(engine, Hands(1), kernel).play(task()))) == [(engine, 0, 40)]
        assert (kernel.asked, kernel.started) == (0, 0)


def test_parts_are_joined_and_read_back() -> None:
    parts = [EnginePart("agents", 0, 2), EnginePart("agents", 2, 3), EnginePart("compiled", 3, 9)]
    assert joined(parts) == (EnginePart("agents", 0, 3), EnginePart("compiled", 3, 9))
    assert joined([EnginePart("agents", 0, 2), EnginePart("agents", 5, 6)])[1].first == 5
    assert engines_of({"engines": [{"engine": "agents", "first": 0, "stop": 3}]}) == (EnginePart("agents", 0, 3),)
    for damaged in ({}, {"engines": 3}, {"engines": [3]}, {"engines": [{"engine": "agents"}]}):
        assert engines_of(damaged) == ()


CHANGE_OVER = """
import json, os, shutil, sys, threading, time
from pathlib import Path
from esc_sim import simulate
from esc_sim.crews.crew import Hands
from esc_sim.engine.compiled.kernel import kernel_keeping
from esc_sim.results.writing import write_run
from esc_sim.scenario.schema import Scenario

content, source, out = json.loads(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
keeping = kernel_keeping(True)
for file in source.glob("kernel.*.nb?"):
    shutil.copy(file, keeping.folder)
assert not keeping.is_kept()  # the kernel is in the cache, but nobody has said so

def until(reached):
    end = time.monotonic() + 500
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)

def children():
    lists = Path("/proc/self/task").glob("*/children")
    return [int(number) for file in lists for number in file.read_text().split()]

def progress(done, total):
    if done == 16:
        for child in children():
            assert os.getsid(child) != os.getsid(0), "Ctrl-C on the terminal would reach it"
            assert os.getpriority(os.PRIO_PROCESS, child) >= os.getpriority(os.PRIO_PROCESS, 0)
            assert all(os.readlink(f"/proc/{child}/fd/{number}") == "/dev/null" for number in range(3))
        until(keeping.is_kept)  # the other process has done its work

write_run(simulate(Scenario.model_validate(content), progress=progress), out / "cold")
until(lambda: not children())  # no zombie stays
write_run(simulate(Scenario.model_validate(content)), out / "warm")
assert not children()
"""


def test_a_run_that_goes_over_leaves_the_files_of_one_that_found_the_kernel(tmp_path: Path) -> None:
    compile_ahead(True)
    source = kernel_keeping(True).folder
    assert source is not None
    assert kernel_keeping(True).is_kept()
    words = [sys.executable, "-c", CHANGE_OVER, json.dumps(STRUCK), str(source), str(tmp_path)]
    environment = {**ENVIRONMENT, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    cold, warm = (contents(tmp_path / name) for name in ("cold", "warm"))
    manifests = [json.loads(files.pop("manifest.json")) for files in (cold, warm)]
    assert cold == warm
    assert [manifest.pop("engines") for manifest in manifests] == [
        [{"engine": "agents", "first": 0, "stop": 16}, {"engine": "compiled", "first": 16, "stop": 40}],
        [{"engine": "compiled", "first": 0, "stop": 40}],
    ]
    for manifest in manifests:
        assert manifest.pop("date")
    assert manifests[0] == manifests[1]
    assert manifests[0]["engine"] == "auto"


def test_where_nothing_can_be_kept_small_work_is_done_by_the_agents_and_the_user_is_told_once(tmp_path: Path) -> None:
    package = tmp_path / "esc_sim"
    shutil.copytree(ROOT / "esc_sim", package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (folder / "__pycache__").touch()  # a file: nobody can make the folder, not even root
    script = (
        "import json, sys\n"
        "from esc_sim import simulate\n"
        "from esc_sim.scenario.schema import Scenario\n"
        "run = simulate(Scenario.model_validate(json.loads(sys.argv[1])))\n"
        "print(run.engine, [part.engine for part in run.engines], run.values.sum())\n"
    )
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "PYTHONPATH": str(tmp_path)}
    environment = {**ENVIRONMENT, **nowhere}
    environment.pop("NUMBA_CACHE_DIR", None)
    words = [sys.executable, "-B", "-c", script, json.dumps(STRUCK)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, cwd=tmp_path)
    expected = simulate(Scenario.model_validate(STRUCK), engine="agents").values.sum()
    assert (done.returncode, done.stdout) == (0, f"auto ['agents'] {expected}\n"), done.stderr
    assert done.stderr.count("each start compiles again") == 1
    assert len(done.stderr.splitlines()) == 1


TURNS = """
import sys, time
from pathlib import Path
from esc_sim.engine.compiled.keeping import Keeping
import small

keeping = Keeping("small", Path(sys.argv[1]), 5)
kept = keeping.is_kept()
with keeping.compiling() as mine:
    assert mine
    begun = time.monotonic()
    kernel = small.build()
    keeping.mark(kernel)
    time.sleep(0.3)
    ended = time.monotonic()
assert keeping.is_kept()
assert not Keeping("small", Path(sys.argv[1]), 6).is_kept()
print(begun, ended, kernel(21))
"""


def test_two_processes_compile_one_after_the_other(tmp_path: Path) -> None:
    module = "from esc_sim.compile import cached_kernel\n\ndef build():\n    @cached_kernel('int64(int64)')\n"
    (tmp_path / "small.py").write_text(module + "    def double(n):\n        return 2 * n\n    return double\n")
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    words = [sys.executable, "-c", TURNS, str(tmp_path)]
    both = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    (_, first_end, one), (second_begin, _, two) = sorted(said, key=lambda words: float(words[0]))
    assert float(first_end) <= float(second_begin)
    assert (one, two) == ("42", "42")


def test_many_commands_at_once_start_one_process(tmp_path: Path) -> None:
    keeping = Keeping("small", tmp_path, 5)
    with keeping.starting() as number:
        assert number is not None
        started = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(number,))
    with keeping.starting() as another:
        assert another is None  # as long as the process lives
    started.communicate(b"\n")
    with keeping.starting() as later:
        assert later is not None
    with Keeping("small", None, 5).starting() as nowhere:
        assert nowhere == -1


def test_kernels_are_compiled_ahead_one_after_the_other(tmp_path: Path) -> None:
    turn = threading.Event()

    def second() -> None:
        with Keeping("general", tmp_path, 6).in_turn():
            turn.set()

    waiting = threading.Thread(target=second, daemon=True)
    with Keeping("plain", tmp_path, 5).in_turn():
        waiting.start()
        assert not turn.wait(0.2)
    assert turn.wait(30)
    waiting.join()
    with Keeping("plain", None, 5).in_turn():
        pass  # nobody waits for anybody where nothing is kept


def test_an_engine_of_another_name_is_refused() -> None:
    with pytest.raises(InputError, match="engine: there is no 'steam'; take auto, compiled or agents"):
        simulate(Scenario.model_validate(STRUCK), engine="steam")  # type: ignore[arg-type]
