"""Reads from /proc where on the host its control group lies."""
from attack import bait, broken, contained

with open("/proc/self/cgroup", encoding="utf-8") as file:
    paths = {line.rstrip("\n").split(":", 2)[2] for line in file}
host_paths = {path for path in bait("cgroups") if path != "/"}
known = [path for path in paths if path.startswith("/..") or "skillbox." in path
         or any(path.startswith(host) for host in host_paths)]
if known:
    broken(str(known))
contained(str(sorted(paths)))
