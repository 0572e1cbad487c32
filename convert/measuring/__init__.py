"""What a model is worth, with intervals: clips, scenes, thresholds, and YAMNet beside it."""
