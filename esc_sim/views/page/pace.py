"""How many periods a frame plays, so that the page keeps to the speed that it shows, and what it reaches."""

from __future__ import annotations

from collections import deque
from typing import Final

FRAMES: Final = 12
"""Most frames drawn in a second; a higher speed plays several periods a frame."""
_LONGEST: Final = 0.5
"""Seconds of playing in a frame, at most about, so that a pause is heard."""
_WINDOW: Final = 3.0
"""Seconds over which the speed that was reached is measured."""
_KEPT: Final = 0.9
"""Share of the speed from which it counts as kept."""


class Pace:
    """The pace of one playing. Times are seconds of a clock that only goes on.

    Args:
        now: when the playing begins.
    """

    def __init__(self, now: float) -> None:
        self._begun = now
        self._credit = 1.0
        self._each = 0.0
        self._frames: deque[tuple[float, int]] = deque([(now, 0)])

    def due(self, speed: float, now: float) -> int:
        """Periods to play in the frame that begins now.

        A frame that comes late plays what is due since the one before. What would take too long is not made up for.

        Args:
            speed: periods per second.
            now: when the frame begins.
        """
        self._credit += speed * (now - self._begun)
        self._begun = now
        most = max(1, int(_LONGEST / self._each)) if self._each > 0.0 else 1
        periods = min(max(1, int(self._credit + 1e-6)), most)
        self._credit = min(self._credit - periods, 1.0)
        return periods

    def played(self, periods: int, now: float) -> None:
        """Note that periods of this frame have been played by now."""
        self._each = (now - self._begun) / periods
        self._frames.append((now, periods))
        while now - self._frames[0][0] > _WINDOW and len(self._frames) > 2:
            self._frames.popleft()

    def rest(self, speed: float, now: float) -> float:
        """Seconds from now until the next frame."""
        return max(0.0, self._begun + max(1.0 / FRAMES, (1.0 - self._credit) / speed) - now)

    def short(self, speed: float) -> float:
        """Periods per second that are reached where that is less than the speed; 0 where it is kept, or not known."""
        first, last = self._frames[0][0], self._frames[-1][0]
        if last - first < _WINDOW / 2.0:
            return 0.0
        reached = sum(periods for _, periods in list(self._frames)[1:]) / (last - first)
        return reached if reached < _KEPT * speed else 0.0
