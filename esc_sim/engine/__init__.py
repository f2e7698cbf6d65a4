"""Two engines that follow the same rules: agents on the SimPy clock, and compiled loops."""
