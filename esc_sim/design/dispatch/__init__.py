"""Dispatch of microgrids as a kind of design."""
