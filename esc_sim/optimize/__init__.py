"""Search for orders and prices on the simulation, and choice from the front it finds."""

from esc_sim.callable_package import make_callable

make_callable(__name__, "esc_sim.optimize.search", "optimize")
