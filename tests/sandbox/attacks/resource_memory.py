"""Takes 160 MiB of one kind of memory under a limit of 64 MiB, and holds it for a second."""
import mmap
import os
import socket
import time

from attack import argument, broken, contained

SIZE, MiB = 160 << 20, 1 << 20
held = []


def fill(memory):
    for offset in range(0, len(memory), 4096):
        memory[offset] = 1
    held.append(memory)


def private():
    held.append(bytearray(b"x") * SIZE)


def shared():
    fill(mmap.mmap(-1, SIZE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))


def shared_dropped():
    """Keeps the pages but not their mapping, so that no process's size shows them."""
    memory = mmap.mmap(-1, SIZE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    for offset in range(0, SIZE, 4 * MiB):
        for page in range(offset, offset + 4 * MiB, 4096):
            memory[page] = 1
        memory.madvise(mmap.MADV_DONTNEED, offset, 4 * MiB)
    held.append(memory)


def memfd():
    for _ in range(4):
        file = os.memfd_create("flood")
        for _ in range(SIZE // 4 // MiB):
            os.write(file, b"x" * MiB)
        held.append(file)


def tmpfs():
    for place in ("/tmp", "/sandbox/out", "/dev/shm"):
        with open(place + "/flood", "wb") as file:
            for _ in range(60):
                file.write(b"x" * MiB)


def children():
    """Each below the limit, all together above it."""
    ready, tell = os.pipe()
    for _ in range(8):
        if os.fork() == 0:
            private_part = bytearray(b"x") * (SIZE // 8)
            os.write(tell, b"x")
            time.sleep(10)
            os._exit(len(private_part) and 0)
    os.close(tell)
    for _ in range(8):
        os.read(ready, 1)


def sockets():
    """What is on its way in a socket is the kernel's memory, not a process's."""
    while len(held) * 200_000 < SIZE:
        pair = socket.socketpair()
        pair[0].setblocking(False)
        pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        try:
            while True:
                pair[0].send(b"x" * 100_000)
        except BlockingIOError:
            held.append(pair)


try:
    {"private": private, "shared": shared, "shared_dropped": shared_dropped, "memfd": memfd,
     "tmpfs": tmpfs, "children": children, "sockets": sockets}[argument]()
except (MemoryError, OSError) as error:
    contained(f"{type(error).__name__} {error}")
time.sleep(1)
broken(f"holds {SIZE >> 20} MiB of {argument}")
