"""Looks for a process of the host by its number, and signals it."""
import os
import signal

from attack import bait, try_each

pid = bait("host_pid")
try_each([
    ("stat", lambda: os.stat(f"/proc/{pid}").st_mode and None),
    ("signal", lambda: os.kill(pid, 0)),
    ("pidfd", lambda: os.pidfd_open(pid)),
    ("priority", lambda: os.getpriority(os.PRIO_PROCESS, pid)),
    ("session", lambda: os.getsid(pid)),
    ("affinity", lambda: os.sched_getaffinity(pid)),
])
