"""Campaigns of faults: what a user's mistakes, or a machine's failures, may do to a command, tried many times over."""
