"""Leaves a daemon behind: of its own session, without descriptors, child of nobody."""
import os
import sys
import time

from attack import bait, contained

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        os.execv(sys.executable,
                 [sys.executable, "-c", "import time; time.sleep(30)", bait("token")])
    os._exit(0)
time.sleep(0.3)  # the daemon is there by then; the test looks for it after we have ended
contained("the test looks for the daemon")
