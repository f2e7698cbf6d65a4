"""The behaviours' arithmetic: plain functions of numbers and short sequences.

Everything here runs twice: as plain Python on lists of floats, called by the agents, and compiled by numba on arrays.
Rules therefore keep to the subset that both run alike: no ``**`` (write x * x), no ``sum``, no exceptions, no objects;
they write only into what they are handed and know nothing of files, threads or time.
"""
