"""Recordings that people have: layouts, labels, splits, and what is wrong with them."""
