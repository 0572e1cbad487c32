"""Sound in: a microphone or a recording, as blocks of mono audio at the model's rate."""
