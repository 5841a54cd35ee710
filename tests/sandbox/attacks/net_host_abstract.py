"""Connects to an abstract socket of the host: no path, so no file permission guards it."""
import socket

from attack import bait, try_each

try_each([("connect",
           lambda: socket.socket(socket.AF_UNIX).connect("\0" + bait("abstract_name")))])
