#!/usr/bin/env python3
"""What `./dev demo` shows: a real file of this machine, analysed by a skill in a sandbox.

Usage: demo.py ROOT BUILD
Everything it writes is in BUILD/demo, which is made anew each time.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

# From tzdata: the time zones of the world, a tab-separated table with comment lines.
TABLES = ["/usr/share/zoneinfo/zone1970.tab", "/usr/share/zoneinfo/zone.tab"]
WIDTH = 100


def pretty(value, indent=0, used=0):
    """JSON with one line for whatever fits into one."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + used + len(line) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        parts = []
        for key, item in value.items():
            name = json.dumps(key, ensure_ascii=False) + ": "
            parts.append(inner + name + pretty(item, indent + 2, len(name) + 1))
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    parts = [inner + pretty(item, indent + 2, 1) for item in value]
    return "[\n" + ",\n".join(parts) + "\n" + " " * indent + "]"


def fail(message):
    sys.stdout.flush()
    print(f"Error: {message}", file=sys.stderr)
    return 1


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    skillbox = build / "bin" / "skillbox"
    demo = build / "demo"
    table = next((path for path in TABLES if os.path.exists(path)), None)
    if table is None:
        return fail(f"the demo's table is missing: {TABLES[0]}. Install the package tzdata.")

    shutil.rmtree(demo, ignore_errors=True)
    demo.mkdir(parents=True)
    text = pathlib.Path(table).read_text(encoding="utf-8")
    question = {
        "text": text,
        "format": "tsv",
        "comment": "#",
        "header": False,
        "columns": ["countries", "coordinates", "zone", "comments"],
        "derive": [{"name": "region", "from": "zone", "pattern": "^[^/]+"}],
        "chart_column": "region",
        "title": "Time zones by region",
    }
    input_file = demo / "input.json"
    input_file.write_text(json.dumps(question, ensure_ascii=False), encoding="utf-8")

    # The demo's own data directory, and none of the user's settings.
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith("SKILLBOX_")}
    environment["SKILLBOX_DATA_DIR"] = str(demo / "data")
    command = [str(skillbox), "run", str(root / "skills" / "data-analysis"),
               "--input", f"@{input_file}", "--download", str(demo / "out"), "--output", "json"]

    print()
    print(f"The table of time zones on this machine, {table} ({len(text.encode()):,} bytes),")
    print("goes as input to the skill in skills/data-analysis, which runs in a sandbox:")
    print()
    print("  $ build/bin/skillbox run skills/data-analysis --input @build/demo/input.json \\")
    print("        --download build/demo/out --output json")
    print(flush=True)
    try:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, cwd=root)
    except OSError as error:
        return fail(f"{skillbox} cannot be started: {error.strerror}")
    try:
        result = json.loads(done.stdout)
    except ValueError:
        return fail(f"skillbox ended with status {done.returncode} and without a result."
                    " `build/bin/skillbox doctor` says what this machine lacks.")
    print(pretty(result))
    if done.returncode != 0 or result.get("status") != "success":
        return fail(f"the run ended as {result.get('status')}: {result.get('error')}")

    chart = demo / "out" / "chart.png"
    missing = [name for name in ("chart.png", "chart.svg") if not (demo / "out" / name).is_file()]
    if missing:
        return fail(f"the run was successful, but these files were not saved: {', '.join(missing)}")
    output = result.get("output") or {}
    sandbox = result["sandbox"]
    print()
    print(f"{output['rows']:,} rows, {result['duration_ms']} ms. The script ran with"
          f" {sandbox['interpreter']} in a sandbox of its own: no network,")
    print("no privileges, nothing of this shell's environment, and nowhere to write but its output and"
          " /tmp.")
    if sandbox["level"] != "full":
        print("Some of its limits are weaker on this machine; `build/bin/skillbox doctor` says which and"
              " why.")
    print("No server and no daemon took part, and all files that were made are in build/demo.")
    print()
    print(f"The chart: {chart}")
    print(f"The same as SVG: {chart.with_suffix('.svg')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
