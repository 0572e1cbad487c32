"""Scores in, alarm events and a signal for the panel out. Pure: no I/O, no threads, no clock."""
