"""Makes a namespace: `clone` or `unshare`, and which."""
import os
import signal
import sys

from attack import broken, call, contained, name_of

FLAGS = {"user": 0x10000000, "mnt": 0x20000, "pid": 0x20000000, "net": 0x40000000,
         "ipc": 0x8000000, "uts": 0x4000000, "cgroup": 0x2000000, "time": 0x80}
how, which = sys.argv[1:3]
if how == "unshare":
    result, error = call("unshare", FLAGS[which])
else:
    result, error = call("clone", FLAGS[which] | signal.SIGCHLD, None, None, None, None)
    if error == 0 and result == 0:
        os._exit(0)
    if error == 0:
        os.waitpid(result, 0)
if error == 0:
    broken(f"{how} made a {which} namespace")
contained(f"{how} {which}: {name_of(error)}")
