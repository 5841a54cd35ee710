"""What the attacks share: a verdict, raw system calls, and the bait that the host has laid out.

An attack prints one line and ends: CONTAINED (exit 0) says what stopped it, BROKEN (exit 1) what it
got. The test judges by that line; an attack that is killed is judged by how its run ended.
"""
import ctypes
import errno
import json
import os
import platform
import sys

from call_numbers import CALL_NUMBERS

argument = sys.argv[1] if len(sys.argv) > 1 else ""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

# What the system-call filter answers: it forbids (EPERM), or the call does not exist (ENOSYS).
REFUSALS = (errno.EPERM, errno.ENOSYS)
BAD_POINTER = ctypes.c_void_p(8)


def contained(what):
    print(f"CONTAINED: {what}", flush=True)
    os._exit(0)


def broken(what):
    print(f"BROKEN: {what}", flush=True)
    os._exit(1)


def bait(name):
    """What the host has put where this run must not reach it; see HostBait in the test."""
    with open("/sandbox/input.json", encoding="utf-8") as file:
        return json.load(file)[name]


def name_of(error):
    return errno.errorcode.get(error, str(error))


def call_number(name):
    return CALL_NUMBERS.get(platform.machine(), {}).get(name)


def raw_call(number, *arguments):
    """(result, errno) of a system call by its number."""
    ctypes.set_errno(0)
    padded = [a if isinstance(a, (bytes, ctypes._SimpleCData, ctypes.Array, ctypes.Structure))
              or a is None else ctypes.c_long(a) for a in arguments]
    result = _libc.syscall(ctypes.c_long(number), *padded)
    return result, ctypes.get_errno() if result == -1 else 0


def call(name, *arguments):
    number = call_number(name)
    if number is None:
        contained(f"{name} does not exist on {platform.machine()}")
    return raw_call(number, *arguments)


def prctl(*arguments):
    return call("prctl", *(list(arguments) + [0] * (5 - len(arguments))))


def in_child(work):
    """Wait status of a child that does `work`; for what may kill the caller."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(70)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def try_each(attempts):
    """Runs named attempts that raise OSError when they are stopped; broken if one is not."""
    stopped = []
    for name, attempt in attempts:
        try:
            got = attempt()
        except OSError as error:
            stopped.append(f"{name}: {name_of(error.errno)}")
        else:
            broken(f"{name}: {got!r}" if got is not None else name)
    contained(", ".join(stopped))


def nothing_visible(paths):
    """Broken if one of the paths can even be seen."""
    try_each([(path, lambda path=path: os.lstat(path).st_mode) for path in paths])


def open_only(path, flags):
    """Opens and closes: what can be opened for writing is not written to, it may be the host's."""
    os.close(os.open(path, flags))
