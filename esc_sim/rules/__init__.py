"""Behaviours arithmetic: plain functions in the subset of Python that numba compiles."""
