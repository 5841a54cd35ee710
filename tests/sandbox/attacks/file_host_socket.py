"""Connects to a service of the host, as docker's and dbus' are, over its socket file."""
import socket

from attack import bait, try_each

try_each([("connect", lambda: socket.socket(socket.AF_UNIX).connect(bait("socket_path")))])
