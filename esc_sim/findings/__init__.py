"""What results of every kind can do: frames, figures, tables for papers, a report, a folder, a notebook's display."""
