"""Is what it must be: uid and gid 65534 in all their forms, no groups, /sandbox as folder."""
import os

from attack import broken, contained

if os.getresuid() != (65534,) * 3 or os.getresgid() != (65534,) * 3:
    broken(f"uid {os.getresuid()}, gid {os.getresgid()}")
if os.getcwd() != "/sandbox":
    broken(f"working folder {os.getcwd()}")
contained("65534, /sandbox")
