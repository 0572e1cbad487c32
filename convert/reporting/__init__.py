"""What was measured, for people: card, plots, report."""
