"""Process controls that weaken the process or reach deep into the kernel."""
from attack import REFUSALS, argument, broken, contained, name_of, prctl

OPTIONS = {
    "set_mm": (35, 1, 1, 0, 1),
    "set_ptracer": (0x59616d61, -1),
    "speculation": (53, 0, 4),              # would turn a mitigation off
    "syscall_dispatch": (59, 99),
    "sched_core": (62, 99),
    "set_seccomp": (22, 99),
    "set_securebits": (28, 0),
    "set_keepcaps": (8, 9),
    "set_tsc": (26, 99),
    "mdwe": (65, 99),
}
_, error = prctl(*OPTIONS[argument])
if error in REFUSALS:
    contained(name_of(error))
broken(f"reached: {name_of(error) if error else 'done'}")
