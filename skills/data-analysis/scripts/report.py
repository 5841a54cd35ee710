"""The analysis as a Markdown page."""

import re


def markdown_summary(output, title):
    source = output["source"]
    rows, columns = output["rows"], output["columns"]
    lines = [f"# {_cell(title or 'Data summary')}", "",
             f"{rows:,} rows, {len(columns)} columns ({source['format'].upper()}).", ""]
    if output["chart"]:
        lines += [f"![{_cell(output['chart']['column'])}](chart.svg)", ""]
    lines += ["| column | type | values | missing | distinct | min | median | mean | max |",
              "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for column in columns:
        distinct = f"{column['distinct']:,}{'+' if 'distinct_at_least' in column else ''}"
        lines.append("| " + " | ".join((
            _cell(column["name"]), column["type"], f"{column['count']:,}", f"{column['missing']:,}",
            distinct, _value(column.get("min")), _value(column.get("median")),
            _value(column.get("mean")), _value(column.get("max")))) + " |")
    lines.append("")
    for column in columns:
        top = column.get("top", [])
        # Values that occur once each are a list, not a ranking.
        if top and top[0]["count"] > 1:
            values = ", ".join(f"{_cell(item['value'])} ({item['count']:,})" for item in top)
            lines.append(f"- Most frequent in **{_cell(column['name'])}**: {values}")
    if output["warnings"]:
        lines += ["", "## Warnings", ""] + [f"- {_cell(w, 300)}" for w in output["warnings"]]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text, longest=60):
    """One line that Markdown will not take for markup."""
    text = " ".join(text.split())
    text = text if len(text) <= longest else text[:longest] + "…"
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)


def _value(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
