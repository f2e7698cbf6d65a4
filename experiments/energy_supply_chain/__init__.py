"""Figures of Chen, Wang, Zio, "Energy Supply Chains Planning: Risk-based Optimization", and studies around them."""
