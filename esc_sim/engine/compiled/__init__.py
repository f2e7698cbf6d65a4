"""The compiled engine: the same rules compiled by numba, for replications, searches and sweeps."""
