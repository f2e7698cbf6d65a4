"""Made-up supply networks: their structure, and the numbers that let goods flow through it.

``layered_scenario`` and ``scale_free_scenario`` give a scenario; ``esc_sim.scenario.writing`` writes it as a folder.
"""
