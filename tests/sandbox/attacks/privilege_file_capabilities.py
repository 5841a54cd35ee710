"""Gives a program of its own capabilities, for the next execution to take."""
import os
import shutil
import struct

from attack import try_each

# VFS_CAP_REVISION_2 | effective, and CAP_SYS_ADMIN in the permitted set; linux/capability.h
CAPABILITIES = struct.pack("<5I", 0x02000001, 1 << 21, 0, 0, 0)
shutil.copy("/usr/bin/env", "/tmp/tool")
os.chmod("/tmp/tool", 0o755)
try_each([("setxattr", lambda: os.setxattr("/tmp/tool", "security.capability", CAPABILITIES))])
