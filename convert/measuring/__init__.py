"""What a model is worth: through the device's own path, with intervals."""
