"""Looks for groups left over from the host: they open what its groups may read."""
import os

from attack import broken, contained

if os.getgroups():
    broken(f"groups {os.getgroups()}")
contained("no groups")
