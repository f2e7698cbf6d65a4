"""Textbook inventory models: newsvendor, serial systems, (s, S)."""
