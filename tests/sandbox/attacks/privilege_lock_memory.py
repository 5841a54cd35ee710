"""Locks memory, which no limit could then reclaim."""
import ctypes
import mmap

from attack import broken, contained, name_of

memory = mmap.mmap(-1, 1 << 20)
libc = ctypes.CDLL(None, use_errno=True)
address = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
if libc.mlock(address, ctypes.c_size_t(1 << 20)) == 0:
    broken("locked 1 MiB")
contained(name_of(ctypes.get_errno()))
