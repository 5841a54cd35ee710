import time

for done in (0, 50, 100):
    print(f"::progress {done}/100 step {done}", flush=True)
    time.sleep(0.06)
