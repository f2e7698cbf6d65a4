"""What the user writes: schema, readers, overrides."""
