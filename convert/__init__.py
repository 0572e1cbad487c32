"""The workbench: recordings in, a shipped model out. Each step is `python -m convert.<step>`."""
