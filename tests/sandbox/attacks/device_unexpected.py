"""Lists what is in /dev and of which numbers it is."""
import os
import stat

from attack import broken, contained

NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
OTHERS = {"fd", "stdin", "stdout", "stderr", "shm"}
for name in sorted(os.listdir("/dev")):
    info = os.lstat("/dev/" + name)
    is_device = stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode)
    numbers = (os.major(info.st_rdev), os.minor(info.st_rdev))
    if is_device and NODES.get(name) != numbers or not is_device and name not in OTHERS:
        broken(f"/dev/{name} {oct(info.st_mode)} {numbers}")
contained("only null, zero, full, random, urandom and shm")
