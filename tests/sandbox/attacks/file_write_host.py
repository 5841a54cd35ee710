"""Opens files that are the host's own for writing; writes nothing."""
import os

from attack import argument, open_only, try_each

PATHS = {
    "usr": ["/usr/lib/os-release", "/usr/bin/env", "/lib/os-release"],
    "scripts": ["/sandbox/scripts/attack.py", "/sandbox/scripts/file_write_host.py"],
    "sysctl": ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches",
               "/proc/sys/kernel/randomize_va_space"],
}[argument]
try_each([(path, lambda path=path: open_only(path, os.O_WRONLY)) for path in PATHS])
