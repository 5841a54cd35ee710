"""Reads what /proc tells about the whole machine, its keys and its boot."""
import os
import stat

from attack import broken, contained

FILES = ("cmdline", "config.gz", "diskstats", "interrupts", "iomem", "ioports", "kallsyms", "kcore",
         "key-users", "keys", "kmsg", "modules", "partitions", "sched_debug", "sysrq-trigger",
         "timer_list", "vmallocinfo")
FOLDERS = ("acpi", "bus", "driver", "fs", "irq", "scsi", "sysvipc", "tty")
seen = []
for name in FILES:
    try:
        info = os.stat("/proc/" + name)
    except FileNotFoundError:
        continue
    if not stat.S_ISCHR(info.st_mode) or info.st_rdev != os.makedev(1, 3):
        seen.append(name)
for name in FOLDERS:
    try:
        if os.listdir("/proc/" + name):
            seen.append(name)
    except FileNotFoundError:
        pass
if seen:
    broken(", ".join(seen))
contained(f"{len(FILES) + len(FOLDERS)} entries are empty or absent")
