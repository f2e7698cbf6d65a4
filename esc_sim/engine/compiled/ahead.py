"""Compiling the engine's kernels ahead: in this process, or in another one while this one does something else.

The other process is of low priority and says nothing. It belongs to no terminal, so that Ctrl-C ends the command alone,
and it goes on when the command is done: the next one then finds the kernel in the cache.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

from esc_sim.compile import tell_unkept
from esc_sim.engine.compiled.kernel import kernel_keeping
from esc_sim.engine.compiled.lean_run import run_lean
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario

SMALLEST: Final[Mapping[str, Any]] = {
    "version": 1,
    "name": "smallest",
    "run": {"periods": 2, "replications": 1},
    "nodes": [
        {"id": "shop", "demand": {"mean": 1, "sd": 0.1, "price": 1}, "order": {"mean": 1}},
        {"id": "maker", "role": "supplier", "initial_stock": 9, "target_stock": 9},
    ],
    "arcs": [{"buyer": "shop", "supplier": "maker", "price": 1}],
}
RULES: Final[Mapping[bool, Mapping[str, Any]]] = {
    True: {"known_after": 1_000},
    False: {"unmet": "backorder", "unmet_orders": "backorder"},
}
"""Rules of a scenario that needs the kernel for plain trade, or that for all rules."""
_PRIORITY: Final = 10


def compile_ahead(plain: bool) -> None:
    """Compile a kernel, or find it in the cache, by the smallest work that needs it."""
    instance = instance_of(Scenario.model_validate({**SMALLEST, "rules": RULES[plain]}))
    run_replications(instance, 1, [0], stock=True)


def compile_lean() -> None:
    """Compile the kernel for plain networks, or find it in the cache."""
    run_lean(instance_of(Scenario.model_validate(SMALLEST)), 1, [0])


def start_compiling(plain: bool) -> bool:
    """Have a kernel compiled by a process of its own, unless another process is at it.

    Returns:
        Whether it will be there some time; not so where nothing can be kept of it, or no process can be started.
    """
    keeping = kernel_keeping(plain)
    if not keeping.can_keep():
        tell_unkept()
        return False
    if not sys.executable or getattr(sys, "frozen", False):
        return False
    with keeping.compiling(wait=False) as free:
        if not free:
            return True
    # Our own path, so that it imports what we have imported; -P keeps the working directory out.
    path = os.pathsep.join(os.path.abspath(part) for part in sys.path)
    words = [sys.executable, "-P", "-c", f"from {__name__} import work_alone; work_alone({plain})"]
    nothing = subprocess.DEVNULL
    with keeping.starting() as number:
        if number is None:
            return True
        try:
            process = subprocess.Popen(
                words,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                cwd=keeping.folder,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
                pass_fds=() if number < 0 else (number,),
            )
        except OSError:
            return False
    # Somebody has to take note of its end, or it stays a zombie for as long as we live.
    threading.Thread(target=process.wait, daemon=True).start()
    return True


def work_alone(plain: bool) -> None:
    """What the process of its own does, one after the other: it leaves at once where a command is at it."""
    if hasattr(os, "nice"):
        os.nice(_PRIORITY)
    keeping = kernel_keeping(plain)
    with keeping.in_turn():
        with keeping.compiling(wait=False) as free:
            pass
        if free:
            compile_ahead(plain)
            compile_lean()
