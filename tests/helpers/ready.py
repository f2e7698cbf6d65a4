"""Commands in processes of their own, forked from one that has everything imported, so that none imports it again.

A forked command has its own memory, folder, output and end, like one that a shell starts; it is only spared the second
or two of reading the same code once more. Tests of starting, of signals and of what is imported use
`tests.helpers.command.ESC_SIM`, which starts from nothing.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

_SERVER = "import sys; from tests.helpers.ready import serve; sys.exit(serve())"
_IMPORTED = ("matplotlib.pyplot", "networkx", "numba", "pandas", "pyarrow.parquet", "scipy.optimize", "scipy.stats")
_LEFT_OUT = ("esc_sim.__main__", "esc_sim.envs", "esc_sim.views.page")
"""What commands seldom need and what takes long to import."""


class Ready:
    """A process that stands ready to become a command, again and again.

    Args:
        environment: of all its commands.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER], env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def run(
        self, words: Sequence[str], folder: Path | None = None, shown_on: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`esc-sim` with these words; its exit status, or minus the signal that ended it, and what it said.

        Args:
            words: after the program's name; with `-c` and a script as the first two, that script is run instead.
            folder: in which it runs; by default where this process is.
            shown_on: a terminal that is its standard output, of which nothing is then returned.
        """
        with tempfile.TemporaryDirectory() as place:
            out, err = Path(place) / "stdout", Path(place) / "stderr"
            request = [list(words), str(folder or Path.cwd()), str(shown_on or out), str(err)]
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            status = int(self._answers.readline())
            shown = None if shown_on else out.read_text("utf-8")
            return subprocess.CompletedProcess(list(words), status, shown, err.read_text("utf-8"))

    def __enter__(self) -> Ready:
        return self

    def __exit__(self, *error: object) -> None:
        self._requests.close()
        self._process.wait()
        self._answers.close()


def serve() -> int:
    """Answer each line of standard input by the exit status of the command that it asks for.

    Returns:
        Exit status of the process: of a command in the processes that have become one, 0 at the end of requests.
    """
    _import_all()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    while line := requests.readline():
        words, folder, *said = json.loads(line)
        child = os.fork()
        if child == 0:
            requests.close()
            answers.close()
            return _command(words, folder, said)
        answers.write(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        answers.flush()
    return 0


def _import_all() -> None:
    import esc_sim

    found = (module.name for module in pkgutil.walk_packages(esc_sim.__path__, "esc_sim."))
    for name in [*(name for name in found if not name.startswith(_LEFT_OUT)), *_IMPORTED]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _command(words: list[str], folder: str, said: list[str]) -> int:
    """Be the command; returns its exit status, and leaves the rest of its end to Python."""
    from esc_sim.cli import main

    for number, path in enumerate([os.devnull, *said]):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_NOCTTY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder)
    try:
        if words[:1] == ["-c"]:
            sys.argv = ["-c", *words[2:]]
            exec(compile(words[1], "<script>", "exec"), {"__name__": "__main__"})
            return 0
        sys.argv = ["esc-sim", *words]
        return main()
    except Exception:
        traceback.print_exc()
        return 1
