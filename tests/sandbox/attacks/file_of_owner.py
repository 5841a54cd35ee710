"""Reads a file that only the user who runs the engine may read."""
from attack import try_each

try_each([("read", lambda: open("/sandbox/scripts/for_owner_only", encoding="utf-8").read())])
