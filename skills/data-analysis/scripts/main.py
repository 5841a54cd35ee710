"""Statistics and a chart for tables. Reads a JSON object, writes a JSON object and three files;
SKILL.md describes them."""

import json
import os
import sys
from pathlib import Path

from chart import build_chart
from columns import Table
from errors import InputError
from options import read_options
from raster import draw_png
from report import markdown_summary
from tables import open_rows
from vector import draw_svg


def main():
    try:
        write_output(analyse(read_options(read_input())))
    except (InputError, MemoryError) as error:
        message = str(error) or "the input is too large for the memory of this run"
        write_output({"error": message})
        print(f"data-analysis: {message}", file=sys.stderr)
        return 1
    return 0


def read_input():
    text = os.environ.get("SANDBOX_INPUT")
    try:
        if text is None:  # left out when it is longer than one variable may be
            with open("/sandbox/input.json", encoding="utf-8") as file:
                text = file.read()
        value = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the input cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise InputError('the input must be an object such as {"text": "a,b\\n1,2\\n"}')
    return value


def write_output(value):
    # "replace" because JSON may carry half a surrogate pair, which UTF-8 cannot.
    with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8", errors="replace") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False)


def analyse(options):
    source = open_rows(options)
    table = Table(source.names, options)
    for batch in source.batches():
        table.add(batch)
    table.finish()
    if not table.columns:
        raise InputError("the table is empty")
    output = {
        "rows": table.rows,
        "source": source.description,
        "columns": [column.summary(options.top) for column in table.columns],
        "chart": None,
        "files": ["summary.md"],
        "warnings": source.warnings() + table.warnings(),
    }
    files = Path(os.environ["SANDBOX_FILES_DIR"])
    chart = build_chart(table, options)
    if chart is None:
        output["warnings"].append("no chart: no column has values")
    else:
        output["chart"] = {"column": chart.column, "kind": chart.kind,
                           "svg": "chart.svg", "png": "chart.png"}
        (files / "chart.svg").write_text(draw_svg(chart.scene), encoding="utf-8", errors="replace")
        (files / "chart.png").write_bytes(draw_png(chart.scene))
        output["files"] = ["chart.png", "chart.svg", "summary.md"]
    (files / "summary.md").write_text(markdown_summary(output, options.title), encoding="utf-8",
                                      errors="replace")
    return output


if __name__ == "__main__":
    sys.exit(main())
