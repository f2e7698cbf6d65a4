"""The agent engine: Mesa agents on the SimPy clock, for looking, tracing and user-written agents."""
