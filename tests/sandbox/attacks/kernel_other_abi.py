"""Makes system calls by the numbers of another ABI, which a filter of names may have missed: the
32-bit ones by int 0x80, and x32's. Each must end the process with SIGSYS."""
import ctypes
import mmap
import os
import platform
import signal

from attack import argument, broken, call_number, contained, in_child, raw_call

if platform.machine() != "x86_64":
    contained("there is no such ABI on this architecture")


def by_interrupt():
    # mov eax, 20 (getpid); int 0x80; ret
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()


def by_x32():
    raw_call(0x40000000 | call_number("getpid"))


status = in_child({"int80": by_interrupt, "x32": by_x32}[argument])
if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
    contained("killed by SIGSYS")
broken(f"the call went through to the kernel, wait status {status:#x}")
