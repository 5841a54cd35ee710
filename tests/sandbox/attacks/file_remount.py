"""Takes the read-only flag from a mount, and mounts a tmpfs of its own."""
import os

from attack import call, contained, broken, name_of

MS_REMOUNT, MS_BIND, MS_NOSUID, MS_NODEV = 32, 4096, 2, 4
_, error = call("mount", b"none", b"/sandbox/scripts", None,
                MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, None)
if error == 0:
    broken("/sandbox/scripts is writable now")
_, second = call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
if second == 0:
    broken("mounted a tmpfs without bounds")
contained(f"{name_of(error)}, {name_of(second)}")
