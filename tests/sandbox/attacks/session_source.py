"""Looks whether its session is the host's folder itself."""
from attack import broken, contained

with open("/proc/self/mountinfo", encoding="utf-8") as file:
    mounts = {line.split()[4]: line.split()[3] for line in file}
if mounts["/sandbox/session"] != "/":
    broken(mounts["/sandbox/session"])
with open("/sandbox/session/note", encoding="utf-8") as file:
    contained(f"a copy: {file.read()}")
