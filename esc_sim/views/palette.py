"""Colours that colour-blind readers tell apart, and texts cut to a line; shared by figures, report and page.

Colours: Okabe, Ito (2008), "Color universal design".
"""

from __future__ import annotations

from typing import Final

from esc_sim.written import compact  # noqa: F401 - labels of figures and page take it from here, with the colours

BLACK: Final = "#000000"
ORANGE: Final = "#E69F00"
SKY_BLUE: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#6F6F6F"
LIGHT_GREY: Final = "#D9D9D9"

NORMAL_COLOUR: Final = BLUE
DISRUPTED_COLOUR: Final = VERMILION


def data_status(status: str, note: str = "") -> str:
    """ "calibrated data (to ...)"; nothing for measured data without a note; a long note is cut."""
    if status == "measured":
        return ""
    return f"{status} data" + (f" ({shortened(note, 140)})" if note else "")


def shortened(text: str, most: int) -> str:
    """The text on one line, cut at a word when it has more than ``most`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 4].rsplit(" ", 1)[0] + " ..."
