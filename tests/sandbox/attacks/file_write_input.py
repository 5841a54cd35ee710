"""Replaces the run's own input, which the record of the run says was something else."""
import os

from attack import open_only, try_each


def overwrite():
    os.chmod("/sandbox/input.json", 0o644)
    open_only("/sandbox/input.json", os.O_WRONLY)


try_each([
    ("overwrite", overwrite),
    ("rename", lambda: os.rename("/sandbox/input.json", "/sandbox/old.json")),
    ("plant", lambda: open_only("/sandbox/input/planted", os.O_WRONLY | os.O_CREAT)),
])
