"""Speed and memory, measured; ``make bench`` runs all of it."""
