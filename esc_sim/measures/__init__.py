"""Key figures, each declared once: name, words, unit, range, direction, definition, and how it is computed.

Summary, tables, sweeps, searches, comparisons, page, reports and the documentation's tables derive from what is
declared here. Installed packages add to it (:mod:`esc_sim.measures.registry`).
"""
