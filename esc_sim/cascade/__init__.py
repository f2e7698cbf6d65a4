"""Underload cascades: how the failure of some nodes makes others fail (Li, Zhao, Wang, Mi, APEM 2024)."""
