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
        "The run so far, without its warm-up. With changes, the difference from the baseline stands first, in the unit "
        "of the figure or in percentage points; mine and the baseline below it.",
    ),
    (
        "What if",
        "The baseline stays as it is. My changes are the plan or variant, the sliders and the members closed by hand "
        "that differ from it; each can be taken back, all can be saved under a name, and several be put in a table. "
        "Both run on the same random numbers.",
    ),
    (
        "Map",
        "The area of a circle is its stock against the member's own target or start, the width of a link what was sent "
        "in the last period. Colour and marker tell the state. Click on a member for its book, on a group for its "
        "members, and on the mark of an open group to close it; point at anything for its numbers. The view 'table' "
        "says the same in rows.",
    ),
    (
        "Book of a member",
        "What it ordered, what it was asked for and answered, its stock and its money in the last period. Close, "
        "halve and restore change its capacity by hand, in my changes only.",
    ),
    (
        "Exposure",
        "With the folder of a stress test (--stress): what the outage of the chosen member loses, and how long it is "
        "survived. 'Knock it out' plays it.",
    ),
    ("Parameters", "Made from the scenario. Below them stands the command that runs the same with many replications."),
    (
        "Members over time",
        "Orders, stock, what is owed and fill rate of up to six members; a click on the map adds one. Below stands "
        "how much more orders vary from tier to tier (bullwhip).",
    ),
    ("Over time", "The network's totals by period, with the disrupted periods shaded; below them what has states."),
    ("Events", "What was disrupted when, and how it went on, the latest first."),
)
"""Name and words of each part."""


def help_content() -> list[dict[str, str]]:
    """The parts, ready to be drawn."""
    return [{"name": name, "words": words} for name, words in PARTS]
