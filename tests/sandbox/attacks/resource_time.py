"""Spins past its wall clock of half a second."""
import time

from attack import broken

end = time.monotonic() + 3
while time.monotonic() < end:
    pass
broken("ran for 3 s")
