"""Would another process of the host be killed in its place when memory runs out?"""
from attack import broken, contained

with open("/proc/self/oom_score_adj", encoding="ascii") as file:
    score = int(file.read())
if score < 800:
    broken(f"oom_score_adj {score}")
try:
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("-1000")
except OSError:
    contained(f"oom_score_adj {score}, cannot be lowered")
broken("lowered its score")
