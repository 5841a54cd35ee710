"""Changes the read-only root, which belongs to the sandbox's own user."""
import os

from attack import open_only, try_each


def overwrite_passwd():
    os.chmod("/etc/passwd", 0o644)
    open_only("/etc/passwd", os.O_WRONLY)


try_each([
    ("new file", lambda: open_only("/planted", os.O_WRONLY | os.O_CREAT)),
    ("new folder", lambda: os.mkdir("/sandbox/planted")),
    ("renamed file", lambda: os.rename("/etc/hosts", "/etc/planted")),
    ("removed file", lambda: os.unlink("/etc/group")),
    ("new file in dev", lambda: open_only("/dev/planted", os.O_WRONLY | os.O_CREAT)),
    ("passwd", overwrite_passwd),
])
