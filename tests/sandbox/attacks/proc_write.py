"""Writes where /proc takes settings of the process or of its namespace."""
import os

from attack import argument, open_only, try_each


def raise_namespaces():
    with open("/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as file:
        file.write("100")


try_each({
    "self": [(name, lambda name=name: open_only("/proc/self/" + name, os.O_WRONLY))
             for name in ("oom_score_adj", "coredump_filter", "comm", "mem", "clear_refs")],
    "namespaces": [("max_user_namespaces", raise_namespaces)],
}[argument])
