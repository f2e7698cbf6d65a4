"""Networks of other programs, read and written: Anura, stockpyl; with a list of what was not carried over."""
