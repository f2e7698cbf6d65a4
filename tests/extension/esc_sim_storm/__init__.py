"""An example of a package that adds a kind of disruption to esc_sim: wind, by a fragility curve."""
