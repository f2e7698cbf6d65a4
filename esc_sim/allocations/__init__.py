"""Rules of allocation, one file each: whom a supplier serves first when it is short.

``registry`` names them; nothing else in the house knows a rule by name. ``dividing`` is what both engines run.
"""
