"""Nodes, arcs, products and markets as arrays."""
