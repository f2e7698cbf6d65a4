"""Start dates: one in the middle of each of equal stretches of the run, the same for every stressor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from esc_sim.errors import InputError
from esc_sim.scenario.calendar import date_of
from esc_sim.scenario.kinds import whole


def start_dates(
    starts: int | Sequence[int],
    warm_up: int,
    periods: int,
    duration: float,
    said: str = "--duration",
    label: Callable[[int], str] = str,
) -> tuple[int, ...]:
    """Periods in which outages begin, ascending.

    The time in which an outage can begin and end within the run is cut into equal stretches; one begins in the middle
    of each, so that high and low season both meet it.

    Args:
        starts: number of dates, or the dates.
        warm_up: periods at the start that no statistic counts.
        periods: of the run.
        duration: longest of the outages, in periods.
        said: what says so, for messages.
        label: what a period is called there.

    Raises:
        InputError: an outage does not fit into the run, or the dates do not.
    """
    if not duration > 0.0:
        raise InputError(f"{said} {duration:g}: an outage lasts more than 0 periods")
    if duration > periods - warm_up:
        raise InputError(
            f"{said} {duration:g}: the run has {periods} periods, {warm_up} of them warm-up; an outage must fit "
            "into what is left"
        )
    room = int(periods - warm_up - duration)
    if isinstance(starts, str) or not isinstance(starts, Iterable):
        starts = whole("starts", starts)
        if not 1 <= starts <= room + 1:
            raise InputError(f"--starts {starts}: between 1 and {room + 1} dates fit into the run")
        return tuple(warm_up + int((2 * k + 1) * (room + 1) / (2 * starts)) for k in range(starts))
    starts = [whole("starts", start) for start in starts]
    outside = [start for start in starts if not warm_up <= start <= warm_up + room]
    if outside or not starts:
        word = f"{label(outside[0])} is not" if outside else "name dates"
        raise InputError(
            f"--starts: {word} between {label(warm_up)} (warm-up) and {label(warm_up + room)}, so that the outage ends"
        )
    return tuple(sorted(set(starts)))


def starts_from(text: str) -> int | tuple[int | str, ...]:
    """A number of dates ("8"), or the dates ("30,120", "2026-03-02,2026-06-01"; a period alone with a comma after it).

    Raises:
        InputError: it is neither.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    dates = [part if date_of(part) is not None and "-" in part else _whole_number(part) for part in parts]
    found = tuple(date for date in dates if date is not None)
    if not found or len(found) < len(parts):
        raise InputError(f"--starts {text}: write a number of dates such as 8, or periods such as 30,120, or dates")
    alone = found[0]
    return alone if isinstance(alone, int) and "," not in text else found


def _whole_number(text: str) -> int | None:
    """A whole number; None where a text is none."""
    try:
        return int(text)
    except ValueError:
        return None
