"""An example of a package that adds an order policy to esc_sim: base stock with a cap on each order."""
