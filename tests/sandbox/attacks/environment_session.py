"""Shares a session or a terminal with the host, through which it could type there."""
import os

from attack import broken, contained

if os.getsid(0) != 1:
    broken(f"session {os.getsid(0)}")
try:
    os.open("/dev/tty", os.O_RDWR)
except OSError:
    contained("a session of its own, no terminal")
broken("has a terminal")
