"""Scripts that make the project's numbers and figures again."""
