"""Sounds in the sample domain: read, changed, synthesised."""
