"""Samples in, windows of log-mel out. Pure: no I/O, no threads, no clock."""
