"""Opens files until something stops it."""
import os

from attack import broken, contained

opened = []
try:
    while len(opened) < 2000:
        opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    if len(opened) <= 1024:
        contained(f"{len(opened)} descriptors, then {error.strerror}")
broken(f"{len(opened)} descriptors")
