"""Floods the machine with processes, zombies or threads; holds on to what it got."""
import os
import signal
import threading
import time

from attack import argument, broken, contained

MOST = 200  # far above the limit of 40, far below what harms the host
limit, made = 40, 0


def pause():
    signal.pause() if threading.current_thread() is threading.main_thread() else time.sleep(600)


try:
    while made < MOST:
        if argument == "threads":
            threading.Thread(target=pause, daemon=True).start()
        elif os.fork() == 0:
            if argument == "children":
                pause()
            os._exit(0)
        made += 1
except (OSError, RuntimeError) as error:
    if made <= limit:
        contained(f"{made} {argument}, then {error}")
broken(f"{made} {argument}")
