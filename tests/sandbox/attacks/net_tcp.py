"""Connects to a server on the host's loopback."""
import socket

from attack import bait, try_each


def connect():
    with socket.socket(socket.AF_INET) as connection:
        connection.settimeout(5)
        connection.connect(("127.0.0.1", bait("tcp_port")))
        return connection.recv(64)


try_each([("connect", connect)])
