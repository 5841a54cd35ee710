"""Fills a writable folder with many files, each below the largest size of one."""
import errno

from attack import argument, broken, contained, name_of

try:
    for number in range(48):
        with open(f"{argument}/{number}", "wb", buffering=0) as file:
            if file.write(b"x" * (1 << 19)) < 1 << 19:
                contained("short write")
except OSError as error:
    if error.errno == errno.ENOSPC:
        contained(name_of(error.errno))
    raise
broken("24 MiB in files of 512 KiB")
