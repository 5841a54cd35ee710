"""Takes over the engine's umask, so that files may become writable for others."""
import os

from attack import broken, contained

mask = os.umask(0o22)
if mask != 0o22:
    broken(f"umask {mask:03o}")
contained("022")
