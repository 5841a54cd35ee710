"""Takes uid 0, gid 0 or other groups."""
import os

from attack import try_each

try_each([
    ("setuid", lambda: os.setuid(0)),
    ("seteuid", lambda: os.seteuid(0)),
    ("setresuid", lambda: os.setresuid(0, 0, 0)),
    ("setgid", lambda: os.setgid(0)),
    ("setresgid", lambda: os.setresgid(0, 0, 0)),
    ("setgroups", lambda: os.setgroups([0])),
    ("other uid", lambda: os.setuid(1000)),
    ("chown", lambda: os.chown("/tmp", 0, 0)),
])
