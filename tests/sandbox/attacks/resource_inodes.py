"""Makes empty files until something stops it: memory that no size counts."""
import errno
import os

from attack import argument, broken, contained

made = 0
try:
    while made < 1200:
        os.mkdir(f"{argument}/{made}")
        made += 1
except OSError as error:
    if error.errno == errno.ENOSPC and made <= 500:
        contained(f"{made} folders, then ENOSPC")
broken(f"{made} folders in {argument}")
