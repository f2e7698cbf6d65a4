"""Negotiation protocols, one file each: who is asked, what is bid, what is accepted.

``registry`` names them; nothing else in the house knows a protocol by name.
"""
