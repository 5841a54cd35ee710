"""No attack: what honest programs do. Nine processes share 28 MiB, which is within 96 MiB only if
it is counted once."""
import mmap
import os
import time

from attack import contained

private = bytearray(b"x") * (24 << 20)
shared = mmap.mmap(-1, 4 << 20)
shared.write(b"x" * (4 << 20))
children = []
for _ in range(8):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)
        os._exit(0 if shared[0] == private[0] else 1)
    children.append(pid)
if any(os.waitpid(pid, 0)[1] for pid in children):
    raise SystemExit("a child was killed")
contained("all of them ended by themselves")
