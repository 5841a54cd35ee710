"""Learns the host's name."""
import os

from attack import bait, broken, contained

with open("/proc/sys/kernel/hostname", encoding="utf-8") as file:
    names = {os.uname().nodename, file.read().strip()}
if names != {"sandbox"} or bait("host_name") in names:
    broken(str(names))
contained("sandbox")
