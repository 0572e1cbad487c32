"""Feature windows in, calibrated scores out."""
