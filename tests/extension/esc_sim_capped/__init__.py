"""An example of a package that adds to esc_sim: an order policy (base stock with a cap), a measure (supply)."""
