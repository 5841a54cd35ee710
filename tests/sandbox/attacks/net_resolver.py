"""Resolves a name with what the system offers for it."""
import socket

from attack import broken, contained

try:
    broken(repr(socket.getaddrinfo("example.com", 443)))
except socket.gaierror as error:
    contained(str(error))
