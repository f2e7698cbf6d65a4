"""Plans: files by which a user or an optimizer tells the agents what to do; each is a checked patch of an instance."""
