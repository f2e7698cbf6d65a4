"""Algorithms of a search, one file each."""
