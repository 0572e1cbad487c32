"""Tells the nurse station over MQTT. The device's only import of paho.

sender: what is sent when, and what is remembered. link: one connection. attempts: when the next
one is tried. credentials: its secrets.
"""

from edgecry.outputs.mqtt.sender import EventStore, MqttSender

__all__ = ["EventStore", "MqttSender"]
