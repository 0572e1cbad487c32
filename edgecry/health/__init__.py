"""Watches the flow from the side: is the monitor still listening, and does systemd know?"""
