"""Tries every address family there is or may come, but AF_UNIX, with every common type."""
import socket

from attack import try_each

try_each([(f"{family}/{kind}", lambda family=family, kind=kind: socket.socket(family, kind).family)
          for family in range(0, 64) if family != socket.AF_UNIX for kind in (1, 2, 3, 5)])
