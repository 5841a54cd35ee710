"""Looks for descriptors that were left open: sockets to the engine, folders of the host."""
import os

from attack import broken, contained

found = {}
for number in range(0, 4096):
    try:
        found[number] = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        pass
if set(found) != {0, 1, 2} or found[0] != "/dev/null":
    broken(str(found))
contained(str(found))
