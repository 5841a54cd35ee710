"""Fills a writable folder beyond its 8 MiB."""
import errno

from attack import argument, broken, contained, name_of

try:
    with open(argument + "/flood", "wb", buffering=0) as file:
        for _ in range(24):
            file.write(b"x" * (1 << 20))
            if file.tell() > 9 << 20:
                broken(f"{file.tell()} bytes in {argument}")
except OSError as error:
    if error.errno in (errno.ENOSPC, errno.EFBIG):
        contained(name_of(error.errno))
    raise
broken("wrote all of it")
