"""Robust design of supply networks by mathematical programming: sourcing, retail networks, the block builder."""

from __future__ import annotations
