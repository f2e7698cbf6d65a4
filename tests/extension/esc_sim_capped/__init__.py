"""An example of a package that adds to esc_sim: an order policy with a cap on orders, a rule of allocation by class."""
