"""The claims of Wang (2026) on regenerative agro-food networks, each as an experiment that could prove it wrong."""
