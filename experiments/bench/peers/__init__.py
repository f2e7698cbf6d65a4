"""The same serial network in other programs, each run in an environment of its own; and in esc_sim."""
