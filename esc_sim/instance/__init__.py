"""Every array that one run needs, made from a scenario (and a plan)."""
