"""Agent-based discrete-event simulation of supply networks under disruption."""

from __future__ import annotations

__version__ = "0.1.0"
