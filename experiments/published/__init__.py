"""Results set beside tables that others have published, a command each."""
