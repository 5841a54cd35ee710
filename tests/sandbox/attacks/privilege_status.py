"""Reads from the kernel what privileges this process has."""
from attack import argument, broken, contained

with open("/proc/self/status", encoding="ascii") as file:
    status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
if argument == "capabilities":
    sets = {name: status[name].strip()
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    if any(int(value, 16) for value in sets.values()):
        broken(str(sets))
elif argument == "no_new_privs":
    if status["NoNewPrivs"].strip() != "1":
        broken("NoNewPrivs is off")
elif argument == "seccomp":
    if status["Seccomp"].strip() != "2":
        broken(f"Seccomp mode {status['Seccomp']}")
contained(argument)
