"""Storage: files, tables, result folders and unfinished work, all begun, written, replaced and cleaned up in one way.

What is written is put together under a partial name beside its place (:func:`esc_sim.storage.files.partial_of`), locked
while someone works on it, and put in place in one step. A reader therefore finds the old or the new, each whole; what a
killed process has left is taken over by the next one. Nothing else in esc_sim writes files.
"""
