"""Nodes, arcs, products and markets as arrays; builders, generators, imports."""
