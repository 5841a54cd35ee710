"""Looks in its table of mounts for what is not of its view."""
from attack import broken, contained

OWN = ("/usr/", "/lib", "/bin", "/sandbox/", "/proc", "/dev/", "/etc/ld.so.cache",
       "/etc/alternatives", "/tmp")
with open("/proc/self/mountinfo", encoding="utf-8") as file:
    points = [line.split()[4] for line in file]
strange = [point for point in points if point != "/" and not point.startswith(OWN)]
if strange or points.count("/") != 1:
    broken(f"{len(points)} mounts, among them {strange or points}")
contained(f"{len(points)} mounts, all of the view")
