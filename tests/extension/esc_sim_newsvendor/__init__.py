"""A kind of design for esc_sim, as a package of its own."""
