"""Takes more of the processor than its share by a better priority."""
import os

from attack import try_each

try_each([("setpriority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))])
