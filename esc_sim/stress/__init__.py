"""Stress tests: which outage hurts most, how long the network survives it, and how long it takes to recover.

Beside what the members really do stands the best possible answer, from linear programs.
"""

from esc_sim.callable_package import make_callable

make_callable(__name__, "esc_sim.stress.run", "stress")
