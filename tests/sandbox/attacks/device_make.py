"""Makes device nodes; a character device 0:0 is a whiteout, which needs no privilege."""
import os
import stat

from attack import argument, try_each

KINDS = {"memory": (stat.S_IFCHR, 1, 1), "disk": (stat.S_IFBLK, 8, 0),
         "whiteout": (stat.S_IFCHR, 0, 0)}
kind, major, minor = KINDS[argument]
try_each([(path, lambda path=path: os.mknod(path, kind | 0o666, os.makedev(major, minor)))
          for path in ("/tmp/device", "/sandbox/out/device", "/dev/shm/device")])
