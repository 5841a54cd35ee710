"""Takes more processor time than a twentieth of a core."""
import time

from attack import broken, contained

# What the interpreter's own start has taken does not count: on a slow machine that is much.
start, end = time.process_time(), time.monotonic() + 3
while time.monotonic() < end:
    used = time.process_time() - start
    if used > 0.5:
        broken(f"{used:.2f} s, {end - time.monotonic():.1f} s before the end")
contained(f"{time.process_time() - start:.2f} s in 3 s")
