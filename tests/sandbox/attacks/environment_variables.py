"""Looks for variables of the engine's environment."""
import os

from attack import broken, contained

OWN = {"PATH", "LANG", "LC_ALL", "TZ"}
if strange := set(os.environ) - OWN:
    broken(str({name: os.environ[name] for name in strange}))
contained(", ".join(sorted(os.environ)))
