"""Kinds of disruptions, one file each: what a scenario says of it, what it touches, and the words for it.

``registry`` names them; beside it, only the line of a behaviour that reads a channel knows the channel by name.
"""
