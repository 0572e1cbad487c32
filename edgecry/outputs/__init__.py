"""What people notice: LED, buzzer, messages over MQTT, lines in the log."""
