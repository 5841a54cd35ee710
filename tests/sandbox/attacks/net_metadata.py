"""Looks for a route to the address at which clouds hand out credentials."""
import socket

from attack import try_each

# A datagram socket's connect sends nothing: it only looks the route up.
try_each([("route", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
           .connect(("169.254.169.254", 80)))])
