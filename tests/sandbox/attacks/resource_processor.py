"""Takes more processor time than a twentieth of a core."""
import time

from attack import broken, contained

end = time.monotonic() + 3
while time.monotonic() < end:
    if time.process_time() > 0.5:
        broken(f"{time.process_time():.2f} s, {end - time.monotonic():.1f} s before the end")
contained(f"{time.process_time():.2f} s in 3 s")
