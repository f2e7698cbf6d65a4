"""An example of a package that adds to esc_sim: an order policy, a rule of allocation by class, a measure of supply."""
