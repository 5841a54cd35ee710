"""Lists the processes that can be seen."""
import os

from attack import broken, contained

seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
if seen != [os.getpid()]:
    broken(f"sees {seen}")
contained("sees itself only")
