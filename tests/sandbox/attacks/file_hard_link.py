"""Links a file of the host to where it can be written, or beside itself."""
import os

from attack import try_each

try_each([
    ("usr to tmp", lambda: os.link("/usr/bin/env", "/tmp/env")),
    ("usr to out", lambda: os.link("/usr/bin/env", "/sandbox/out/env")),
    ("scripts", lambda: os.link("/sandbox/scripts/attack.py", "/sandbox/scripts/linked.py")),
])
