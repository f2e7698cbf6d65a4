"""Who does the work: independent tasks, handed to threads, processes or a cluster, and given back in their order."""
