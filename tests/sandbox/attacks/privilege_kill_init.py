"""Kills the sandbox's init from inside; then its limits and reaper would be gone."""
import os
import signal
import time

from attack import contained

for number in range(1, signal.NSIG):
    try:
        os.kill(1, number)
    except OSError:
        pass
time.sleep(0.1)
# Were the init dead, so were we: a run that dies here is judged as broken.
contained("every signal was ignored")
