"""Stress tests: which outage hurts most, how long the network survives it, and how long it takes to recover.

Beside what the members really do stands the best possible answer, from linear programs.
"""
