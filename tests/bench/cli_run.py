#!/usr/bin/env python3
"""What `skillbox run` of a trivial Python skill costs as a whole process, beside `python3 -c pass`.

Usage: cli_run.py SKILLBOX [ROUNDS]
The contenders take turns in every round. Peak memory is the kernel's ru_maxrss: the largest of the
process, the children it waited for, and this script, from which it was spawned. So it is an upper
bound for the engine's own.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

WARM_UP_ROUNDS = 3
GOAL_ABOVE_MS = 40
GOAL_PEAK_MIB = 40

SKILL = """---
name: nothing
description: Does nothing, so that what is left is the cost of running a skill.
version: 1.0.0
lang: python
---

Does nothing.
"""


def run_once(argv, environment, output):
    """(milliseconds, exit status, peak KiB) of one process from spawn to its end."""
    actions = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
    start = time.perf_counter()
    child = os.posix_spawn(argv[0], argv, environment, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    return (time.perf_counter() - start) * 1000, os.waitstatus_to_exitcode(status), usage.ru_maxrss


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    skillbox = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    # A version manager's shim would be measured instead of the interpreter.
    python = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else shutil.which("python3")

    with tempfile.TemporaryDirectory() as work, open(os.path.join(work, "log"), "w+b") as log:
        folder = os.path.join(work, "nothing")
        os.mkdir(folder)
        with open(os.path.join(folder, "SKILL.md"), "w", encoding="utf-8") as file:
            file.write(SKILL)
        with open(os.path.join(folder, "main.py"), "w", encoding="utf-8") as file:
            file.write("pass\n")
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": work,
                       "SKILLBOX_DATA_DIR": os.path.join(work, "data")}
        pushed = subprocess.run([skillbox, "skill", "push", folder], env=environment,
                                stdout=log, stderr=log)
        contenders = {
            "python3 -c pass": [python, "-c", "pass"],
            "skillbox run NAME": [skillbox, "run", "nothing", "--output", "json"],
            "skillbox run FOLDER": [skillbox, "run", folder + "/", "--output", "json"],
            "skillbox version": [skillbox, "version"],
        }
        times = {name: [] for name in contenders}
        peaks = {name: 0 for name in contenders}
        failed = None if pushed.returncode == 0 else "skillbox skill push"
        for round_ in range(-WARM_UP_ROUNDS, rounds):
            if failed:
                break
            for name, argv in contenders.items():
                taken, status, peak = run_once(argv, environment, log.fileno())
                if status != 0:
                    failed = name
                    break
                if round_ >= 0:
                    times[name].append(taken)
                    peaks[name] = max(peaks[name], peak)
        if failed:
            log.seek(0)
            sys.stderr.write(log.read()[-2000:].decode("utf-8", "replace"))
            print(f"Error: `{failed}` failed; its output is above.", file=sys.stderr)
            return 1

    print(f"{rounds} rounds after {WARM_UP_ROUNDS} to warm up, contenders taking turns")
    print(f"  {'':22} {'median':>9} {'p10':>9} {'p90':>9} {'above python':>13} {'peak':>10}")
    bare = statistics.median(times["python3 -c pass"])
    for name, values in times.items():
        values.sort()
        median = statistics.median(values)
        p10, p90 = values[len(values) // 10], values[len(values) * 9 // 10]
        above = f"{median - bare:10.1f} ms" if name.startswith("skillbox run") else f"{'':>13}"
        print(f"  {name:22} {median:6.1f} ms {p10:6.1f} ms {p90:6.1f} ms {above}"
              f" {peaks[name] / 1024:6.1f} MiB")
    print(f"  goals for skillbox run: at most {GOAL_ABOVE_MS} ms above python, "
          f"peak under {GOAL_PEAK_MIB} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
