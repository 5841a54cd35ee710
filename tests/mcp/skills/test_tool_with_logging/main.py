import time

for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
    print(line, flush=True)
    time.sleep(0.06)
