"""Rolling plans: the program of a plan, what it is told of the network, and the demand that it plans for."""
