"""Sweeps: a scenario run again and again while some of its values change."""

from esc_sim.callable_package import make_callable

make_callable(__name__, "esc_sim.sweep.sweep", "sweep")
