"""Makes a file with the set-user-id and set-group-id bits, in every way there is."""
import os
import stat

from attack import argument, broken, call, contained, name_of

MODE, AT_FDCWD, O_TMPFILE = 0o6755, -100, 0o20200000
path = b"/sandbox/out/files/planted"
plain = os.open(path + b".plain", os.O_CREAT | os.O_RDWR, 0o755)
target, attempt = {
    "chmod": (path + b".plain", lambda: call("chmod", path + b".plain", MODE)),
    "fchmod": (path + b".plain", lambda: call("fchmod", plain, MODE)),
    "fchmodat": (path + b".plain", lambda: call("fchmodat", AT_FDCWD, path + b".plain", MODE)),
    "fchmodat2": (path + b".plain", lambda: call("fchmodat2", AT_FDCWD, path + b".plain", MODE, 0)),
    "open": (path, lambda: call("open", path, os.O_CREAT | os.O_WRONLY, MODE)),
    "openat": (path, lambda: call("openat", AT_FDCWD, path, os.O_CREAT | os.O_WRONLY, MODE)),
    "openat_high_bits": (path, lambda: call("openat", AT_FDCWD, path, os.O_CREAT | os.O_WRONLY,
                                            MODE | 0x1_0000_0000)),
    "tmpfile": (None, lambda: call("openat", AT_FDCWD, b"/sandbox/out", O_TMPFILE | os.O_RDWR,
                                   MODE)),
    "creat": (path, lambda: call("creat", path, MODE)),
    "mknod": (path, lambda: call("mknod", path, stat.S_IFREG | MODE, 0)),
    "mknodat": (path, lambda: call("mknodat", AT_FDCWD, path, stat.S_IFREG | MODE, 0)),
    "fifo": (path, lambda: call("mknodat", AT_FDCWD, path, stat.S_IFIFO | MODE, 0)),
}[argument]
result, error = attempt()
if error == 0:
    mode = os.fstat(result).st_mode if target is None else os.lstat(target).st_mode
    if mode & (stat.S_ISUID | stat.S_ISGID):
        broken(f"{argument} gave a file of mode {oct(mode)}")
    contained(f"{argument}: the bits were dropped")
contained(f"{argument}: {name_of(error)}")
