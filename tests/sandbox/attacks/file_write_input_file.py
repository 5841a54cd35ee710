"""Changes a file that its caller gave it: another run may be given the same."""
import os

from attack import open_only, try_each

PATH = "/sandbox/input/data"
try_each([
    ("open", lambda: open_only(PATH, os.O_WRONLY)),
    ("chmod", lambda: os.chmod(PATH, 0o666)),
    ("rename", lambda: os.rename(PATH, PATH + ".old")),
    ("remove", lambda: os.unlink(PATH)),
])
