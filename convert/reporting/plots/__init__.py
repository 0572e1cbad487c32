"""Plots of an evaluation, one idea a file; each draws one PNG."""
