"""Reads from /proc what listens on the host."""
from attack import bait, broken, contained

wanted = f":{bait('tcp_port'):04X}"
with open("/proc/self/net/tcp", encoding="ascii") as file:
    if any(wanted in line for line in file):
        broken("the host's server is in the table")
contained("the host's server is not in the table")
