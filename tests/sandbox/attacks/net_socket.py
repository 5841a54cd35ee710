"""Opens a socket of one family; each leads into a large part of the kernel."""
import socket

from attack import argument, try_each

AF_KEY, AF_CAN, AF_TIPC, AF_BLUETOOTH, AF_ALG, AF_VSOCK, AF_XDP = 15, 29, 30, 31, 38, 40, 44
family, kind, protocol = {
    "inet": (socket.AF_INET, socket.SOCK_STREAM, 0),
    "inet6": (socket.AF_INET6, socket.SOCK_DGRAM, 0),
    "raw": (socket.AF_INET, socket.SOCK_RAW, 1),
    "ping": (socket.AF_INET, socket.SOCK_DGRAM, 1),
    "packet": (socket.AF_PACKET, socket.SOCK_RAW, 3),
    "netlink": (socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "vsock": (AF_VSOCK, socket.SOCK_STREAM, 0),
    "alg": (AF_ALG, socket.SOCK_SEQPACKET, 0),
    "bluetooth": (AF_BLUETOOTH, socket.SOCK_RAW, 1),
    "xdp": (AF_XDP, socket.SOCK_RAW, 0),
    "can": (AF_CAN, socket.SOCK_RAW, 1),
    "key": (AF_KEY, socket.SOCK_RAW, 2),
    "tipc": (AF_TIPC, socket.SOCK_STREAM, 0),
}[argument]
try_each([(argument, lambda: socket.socket(family, kind, protocol).family)])
