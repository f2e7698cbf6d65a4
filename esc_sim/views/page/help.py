"""What each part of the page shows, for its help."""

from __future__ import annotations

from typing import Final

PARTS: Final = (
    (
        "Controls",
        "Play, step and reset, also by the keys P, S and R. The speed is in periods per second; where the page cannot "
        "keep to it, it says what it reaches. Changes below it take effect at reset.",
    ),
    (
        "Key figures",
        "The run so far, without its warm-up. Of two runs side by side the second stands below, with the difference.",
    ),
    (
        "Map",
        "The area of a circle is its stock, the width of a link what was sent in the last period. Colour and marker "
        "tell the state. Click on a member for its book, on a group for its members, and on the mark of an open group "
        "to close it; point at anything for its numbers. The view 'table' says the same in rows.",
    ),
    (
        "Book of a member",
        "What it ordered, what it was asked for and answered, its stock and its money in the last period. Disrupt, "
        "halve and restore change its capacity by hand.",
    ),
    (
        "Exposure",
        "With the folder of a stress test (--stress): what the outage of the chosen member loses, and how long it is "
        "survived. 'Knock it out' plays it.",
    ),
    ("Parameters", "Made from the scenario. Below them stands the command that runs the same with many replications."),
    ("Over time", "The network's totals by period, with the disrupted periods shaded; below them what has states."),
    ("Events", "What was disrupted when, and how it went on, the latest first."),
)
"""Name and words of each part."""


def help_content() -> list[dict[str, str]]:
    """The parts, ready to be drawn."""
    return [{"name": name, "words": words} for name, words in PARTS]
