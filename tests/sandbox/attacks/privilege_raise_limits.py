"""Raises the limits of the process, which holds both soft and hard ones equal."""
import resource

from attack import broken, contained

raised = []
for name in ("CORE", "FSIZE", "NOFILE", "NPROC", "MEMLOCK", "MSGQUEUE", "SIGPENDING", "NICE",
             "RTPRIO", "CPU"):
    limit = getattr(resource, "RLIMIT_" + name)
    soft, hard = resource.getrlimit(limit)
    try:
        resource.setrlimit(limit, (hard, hard + 1 if hard >= 0 else hard))
    except (ValueError, OSError):
        pass
    else:
        raised.append(f"{name} {hard}")
if raised:
    broken(", ".join(raised))
contained("no limit could be raised")
