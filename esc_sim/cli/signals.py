"""Signals: what schedulers, containers and closed terminals send ends a command as Ctrl-C does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDING: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Signals:
    """Signals that ask a command to end.

    Attributes:
        received: the first of them, None where there was none.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._held = self._waiting = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block they raise KeyboardInterrupt, once; those that the caller has set otherwise stay."""
        self.received = None
        mine = [s for s in _ENDING if threading.current_thread() is threading.main_thread()]
        mine = [s for s in mine if signal.getsignal(s) == signal.SIG_DFL]  # nohup ignores SIGHUP
        for number in mine:
            signal.signal(number, self._take)
        try:
            yield
        finally:
            for number in mine:
                signal.signal(number, signal.SIG_DFL)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block, which is short, they wait for its end: saving is not what they are to interrupt."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._waiting:
                self._waiting = False
                raise KeyboardInterrupt

    def status(self, status: int) -> int:
        """Exit status of a command that ended with ``status``; that of the signal where one interrupted it."""
        return 128 + self.received if self.received is not None and status == 128 + signal.SIGINT else status

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            return  # a second one must not break off what the first one has set going
        self.received = number
        if self._held:
            self._waiting = True
        else:
            raise KeyboardInterrupt


SIGNALS: Final = Signals()
