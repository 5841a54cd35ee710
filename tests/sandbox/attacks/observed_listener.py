"""Looks for the descriptor that answers refused calls: with it a run could let its own through."""
import errno
import fcntl
import os

from attack import broken, call, contained

ID_VALID = 0x40082102  # SECCOMP_IOCTL_NOTIF_ID_VALID

for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink("/proc/self/fd/" + name)
    except OSError:
        continue  # the folder's own
    if "seccomp" in target:
        broken(f"descriptor {name} is {target}")

try:
    broken(f"sees the init's: {os.listdir('/proc/1/fd')}")
except OSError as error:
    seen = errno.errorcode[error.errno]

for number in range(64):
    try:
        fcntl.ioctl(number, ID_VALID, bytes(8))
        broken(f"descriptor {number} takes a listener's request")
    except OSError as error:
        if error.errno == errno.ENOENT:  # only a listener says so
            broken(f"descriptor {number} is a listener")

handle, refused = call("pidfd_open", 1, 0)
if handle >= 0:
    for number in range(64):
        taken, refused = call("pidfd_getfd", handle, number, 0)
        if taken >= 0:
            broken(f"took descriptor {number} of the init")
contained(f"/proc/1/fd: {seen}, pidfd_getfd: {errno.errorcode[refused]}")
