"""The recovery study: cascades, budgets and strategies on the reference instance and on fresh networks."""
