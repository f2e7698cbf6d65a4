"""Underload cascades on supply networks, and the search for the failed nodes to restore first."""
