"""Which measures of a summary are shares."""

from __future__ import annotations

from esc_sim.measures.registry import SEARCHED


def is_shown_as_share(name: str, label: str) -> bool:
    """Whether a measure of a summary is told in percent and points; chances say it by their unit alone."""
    return (name in SEARCHED and SEARCHED[name].is_share) or label.endswith("[share]")
