"""Reads a secret that lies, readable for all, in the host's /tmp."""
from attack import bait, try_each

try_each([("secret", lambda: open(bait("secret_path"), encoding="utf-8").read())])
