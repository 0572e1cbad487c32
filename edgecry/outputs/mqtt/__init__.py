"""Tells the nurse station over MQTT. The device's only import of paho.

sender: its thread and the connections, one after the other. outgoing: what is said when. attempts:
when a connection is tried again. link: one connection. credentials: its secrets.
"""

from edgecry.outputs.mqtt.outgoing import EventStore
from edgecry.outputs.mqtt.sender import MqttSender

__all__ = ["EventStore", "MqttSender"]
