"""Signals: what schedulers, containers and closed terminals send ends a command as Ctrl-C does."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

_ENDING: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_USUAL: Final = (signal.SIG_DFL, signal.default_int_handler)
_SOON: Final = 0.05
"""Seconds after which a signal that compiled code has swallowed is taken again."""


class Signals:
    """Signals that ask a command to end.

    Attributes:
        received: the first of them, None where there was none.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._held = self._waiting = self._listening = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block they raise KeyboardInterrupt, once; those that the caller has set otherwise stay."""
        self.received = None
        mine = [s for s in _ENDING if threading.current_thread() is threading.main_thread()]
        before = {s: signal.getsignal(s) for s in mine if signal.getsignal(s) in _USUAL}  # nohup ignores SIGHUP
        unraisable = sys.unraisablehook
        for number in before:
            signal.signal(number, self._take)
        if before:
            sys.unraisablehook = lambda error: self._retaken(error) or unraisable(error)
        self._listening = True
        try:
            yield
        finally:
            self._listening = False
            if before:
                sys.unraisablehook = unraisable
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block, which is short, they wait for its end: saving is not what they are to interrupt.

        A second Ctrl-C does not wait.
        """
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._waiting:
                self._waiting = False
                raise KeyboardInterrupt

    @property
    def is_waiting(self) -> bool:
        """Whether one waits for the end of what :meth:`held` protects."""
        return self._waiting

    def status(self, status: int) -> int:
        """Exit status of a command that ended with ``status``; that of the signal where one interrupted it."""
        return 128 + self.received if self.received is not None and status == 128 + signal.SIGINT else status

    def _take(self, number: int, frame: FrameType | None) -> None:
        first = self.received is None
        if not first and number != signal.SIGINT:
            return  # a second one must not break off what the first one has set going
        if first:
            self.received = number
        if first and self._held:
            self._waiting = True
        else:
            raise KeyboardInterrupt

    def _retaken(self, error: Any) -> bool:
        """Whether it was our KeyboardInterrupt that met code which cannot pass it on: then it is raised again, soon."""
        number = self.received
        if number is None or error.exc_type is not KeyboardInterrupt:
            return False
        self.received = None

        def again_now() -> None:
            if not self._listening:
                return
            if hasattr(signal, "pthread_kill"):  # wakes the main thread, too, where that waits for something
                signal.pthread_kill(threading.main_thread().ident or 0, number)
            else:
                _thread.interrupt_main(signal.Signals(number))

        again = threading.Timer(_SOON, again_now)
        again.daemon = True
        again.start()
        return True


SIGNALS: Final = Signals()
