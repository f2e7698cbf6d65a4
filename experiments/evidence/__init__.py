"""Claims of the sourcing and the retail paper over fresh instances that nobody selected."""
