"""Takes the processor for itself by a real-time priority."""
import os

from attack import try_each

try_each([("fifo", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))),
          ("round robin", lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)))])
