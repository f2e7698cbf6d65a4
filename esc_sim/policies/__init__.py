"""Order policies, one file each: its part of a scenario, its rule, what of it a search may decide.

``registry`` names them; nothing else in the house knows a policy by name.
"""
