"""Stops itself and all of its own: a stopped process takes no signal but one."""
import os
import signal
import time

from attack import broken

child = os.fork()
if child == 0:
    time.sleep(3)
    os.kill(os.getppid(), signal.SIGCONT)
    os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
broken("was woken after 3 s")
