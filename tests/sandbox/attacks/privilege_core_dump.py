"""Makes the kernel write a core dump, wherever the host's core_pattern sends it."""
import os
import resource
import signal

from attack import broken, contained, in_child

hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def crash():
    os.chdir("/tmp")
    os.kill(os.getpid(), signal.SIGSEGV)


status = in_child(crash)
if hard != 0 or os.WCOREDUMP(status):
    broken(f"core limit {hard}, wait status {status:#x}, {os.listdir('/tmp')}")
contained("no core")
