"""Climbs above the root: the host's tree must not lie behind it."""
import os

from attack import broken, contained


def identity(path):
    info = os.stat(path)
    return info.st_dev, info.st_ino


for path in ("/..", "/../..", "/proc/self/root/..", "/proc/self/cwd/../..", "/tmp/../.."):
    if identity(path) != identity("/"):
        broken(f"{path} is another folder than /")
contained("every way up ends at /")
