"""A Bayesian rival on the oil and gas chain: BoTorch's qLogNEHVI on the same budget of simulated years."""
