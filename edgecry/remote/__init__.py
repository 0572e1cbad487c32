"""What others ask of the monitor over MQTT: hostile bytes -> requests -> one thread that acts."""
