"""Refused calls from many threads, with signals that interrupt them: none may come through."""
import errno
import os
import signal
import socket
import threading
import time

from attack import broken, contained

signal.signal(signal.SIGUSR1, lambda *_: None)
end = time.monotonic() + 1
refused = [0] * 8
answers = set()


def flood(index):
    while time.monotonic() < end:
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, 40):
            try:
                socket.socket(family, socket.SOCK_DGRAM)
                broken(f"family {family}")
            except OSError as error:
                answers.add(error.errno)
                refused[index] += 1


threads = [threading.Thread(target=flood, args=(index,)) for index in range(len(refused))]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    for thread in threads:
        if thread.is_alive():
            signal.pthread_kill(thread.ident, signal.SIGUSR1)
    time.sleep(0.002)
# Killed while its calls wait for an answer.
for _ in range(20):
    child = os.fork()
    if child == 0:
        while True:
            try:
                socket.socket(socket.AF_INET)
                broken("in a child")
            except OSError:
                pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
if not answers <= {errno.EAFNOSUPPORT, errno.EINTR}:
    broken(f"other answers: {answers}")
contained(f"{sum(refused)} times")
