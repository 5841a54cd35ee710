"""Reads a file that only a supplementary group of the host's user may read."""
from attack import try_each

try_each([("read", lambda: open("/sandbox/scripts/for_group_only", encoding="utf-8").read())])
