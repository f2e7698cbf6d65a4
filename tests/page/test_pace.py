"""The pace of playing: what is played in a second is the speed that is shown, or the page says what it reaches."""

from __future__ import annotations

import pytest

from esc_sim.views.page.pace import FRAMES, Pace


def played(speed: float, seconds: float, each: float, drawing: float) -> tuple[int, int, float]:
    """Periods and frames of some seconds of playing, and what falls short.

    Args:
        speed: periods per second that are asked for.
        seconds: how long it plays.
        each: seconds that a period takes.
        drawing: seconds that the browser takes for a frame.
    """
    now, periods, frames = 0.0, 0, 0
    pace = Pace(now)
    while now < seconds:
        due = pace.due(speed, now)
        now += each * due
        pace.played(due, now)
        periods, frames = periods + due, frames + 1
        now += drawing
        now += pace.rest(speed, now)
    return periods, frames, pace.short(speed)


@pytest.mark.parametrize("speed", [1, 5, 7, 12, 13, 31, 60])
@pytest.mark.parametrize("drawing", [0.01, 0.3])
def test_the_speed_that_is_shown_is_kept(speed: int, drawing: float) -> None:
    periods, frames, short = played(speed, 20.0, 0.002, drawing)
    assert periods == pytest.approx(20 * speed, rel=0.03, abs=2)
    assert frames <= 20 * FRAMES + 1
    assert short == 0.0


def test_what_cannot_be_kept_is_said() -> None:
    periods, frames, short = played(60, 20.0, 0.1, 0.2)  # ten periods a second at the very most
    assert short == pytest.approx(periods / 20.0, rel=0.1)
    assert 5.0 < short < 10.0
    assert frames > 20, "a pause is heard within a second"
    assert played(5, 20.0, 1.0, 0.0)[2] == pytest.approx(1.0, rel=0.05)


def test_a_break_is_not_made_up_for() -> None:
    pace = Pace(0.0)
    pace.due(10, 0.0)
    pace.played(1, 0.01)
    assert pace.due(10, 60.0) <= 50  # the tab slept for a minute: half a second of playing, not 600 periods
    pace.played(50, 60.5)
    assert pace.due(10, 60.6) <= 1 + 6  # what is due since, and no more
