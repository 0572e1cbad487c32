"""edgecry listens beside an incubator and raises an alarm when the baby cries."""

__version__ = "0.1.0"
