"""Placement of safety stock by guaranteed service as a kind of design."""
