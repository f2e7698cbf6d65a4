"""What members of a network do, one file a behaviour: receive, produce, order, respond, accept, sell, serve, settle.

Everything here runs twice: as plain Python, called by the agents, and compiled by numba. It therefore keeps to the
subset that both run alike: no ``**`` (write x * x), no ``sum``, no exceptions, no objects; functions write only into
what they are handed and know nothing of files, threads or time.
"""
