"""Search for orders and prices on the simulation, and choice from the front it finds."""
