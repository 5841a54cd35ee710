"""Counts the lines of a text and draws how long they are."""

import json
import os
import time

with open("/sandbox/input.json", encoding="utf-8") as file:
    lines = json.load(file)["text"].splitlines()

folder = os.environ["SANDBOX_FILES_DIR"]
lengths = [len(line) for line in lines]
widest = max(lengths, default=1) or 1

bars = []
with open(folder + "lines.csv", "w", encoding="utf-8") as table:
    table.write("line,length\n")
    for number, length in enumerate(lengths, start=1):
        print(f"\x1b[36mline {number:2}\x1b[0m  {length:3} characters", flush=True)
        table.write(f"{number},{length}\n")
        bars.append(f'<rect x="16" y="{number * 28 - 12}" width="{length * 360 // widest}" '
                    f'height="20" rx="4" fill="#2563c9"/>')
        time.sleep(0.25)

with open(folder + "lines.svg", "w", encoding="utf-8") as image:
    image.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 {len(lines) * 28 + 32}">'
                f'<rect width="400" height="{len(lines) * 28 + 32}" fill="#ffffff"/>'
                + "".join(bars) + "</svg>")

with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8") as file:
    json.dump({"lines": len(lines), "longest": max(lengths, default=0)}, file)
