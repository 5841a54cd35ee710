"""Are the securebits locked, so that neither uid 0 nor a file gives capabilities back?"""
from attack import broken, contained, prctl

PR_GET_SECUREBITS = 27
# NOROOT, NO_SETUID_FIXUP, NO_CAP_AMBIENT_RAISE with their locks, and KEEP_CAPS's lock.
WANTED = 0b11_10_11_11
bits, error = prctl(PR_GET_SECUREBITS)
if error or bits & WANTED != WANTED:
    broken(f"securebits {bits:#x}")
contained(f"securebits {bits:#x}")
