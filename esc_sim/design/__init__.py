"""Robust design of supply networks by mathematical programming: sourcing, retail networks, the block builder."""

from esc_sim.callable_package import make_callable

make_callable(__name__, "esc_sim.design.kinds", "run_design")
