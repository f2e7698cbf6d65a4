"""What a run found: tables, summary, files."""
