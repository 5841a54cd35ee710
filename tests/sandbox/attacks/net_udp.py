"""Asks a name server, here one on the host's loopback, as a tunnel over DNS does."""
import socket

from attack import bait, try_each

QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x10\x00\x01"


def ask():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(5)
        channel.sendto(QUERY, ("127.0.0.1", bait("udp_port")))
        return channel.recv(512)


try_each([("query", ask)])
