"""What all parts of a scenario are made of: names, numbers, amounts, times."""
