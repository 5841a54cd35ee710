"""Reaches for the sandbox's init, which has seen the host and holds the launcher's socket."""
import os

from attack import argument, try_each

try_each({
    "seen": [("stat", lambda: os.stat("/proc/1").st_mode and None)],
    "opened": [(name, lambda name=name: open("/proc/1/" + name, "rb").read(64))
               for name in ("environ", "maps", "auxv", "syscall", "stack")]
    + [("mem", lambda: os.open("/proc/1/mem", os.O_RDWR))]
    + [(name, lambda name=name: os.listdir("/proc/1/" + name)) for name in ("fd", "root", "cwd")]
    + [(name, lambda name=name: os.readlink("/proc/1/" + name)) for name in ("exe", "ns/mnt")],
}[argument])
