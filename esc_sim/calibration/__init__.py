"""Parameters of a scenario estimated from what was observed, by the method of simulated moments."""
