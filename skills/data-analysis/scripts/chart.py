"""Chooses what to draw of a table and lays it out."""

import bisect
import math
from dataclasses import dataclass

from errors import InputError
from font import fitted, text_width
from scene import (ACCENT, ACCENT_SOFT, AXIS, GRID, INK, LABEL, MARK, MUTED, TITLE, Line, Rect, Scene,
                   Text)
from ticks import date_edges, near_step, nice_range, number_text

WIDTH = 880
MARGIN = 36
PLOT_TOP = 112
PLOT_HEIGHT = 320
AXIS_ROOM = 60       # below the plot: tick labels and the axis' name
ROW_HEIGHT = 30      # of a bar with its gap
BAR_HEIGHT = 18
MOST_BARS = 15
FEWEST_BINS, MOST_BINS = 8, 40
COUNT_AXIS = "Number of rows"
GAP = 1.5            # between the bars of a histogram


@dataclass
class Chart:
    column: str
    kind: str  # histogram or bar
    scene: Scene


def build_chart(table, options):
    """A chart of the column asked for, or of the one that seems to say most; None without values."""
    column = _chosen(table, options.chart_column)
    if column is None or column.count == 0:
        return None
    numbers = column.measured()
    # Closer together than that, values cannot be told apart on an axis.
    if numbers is not None and \
            numbers.high - numbers.low > 1e-9 * max(abs(numbers.low), abs(numbers.high)):
        return _histogram(table, column, numbers, options)
    return _bars(table, column, options)


def _chosen(table, name):
    if name is not None:
        for column in table.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in table.columns)
        raise InputError(f"there is no column {name} to chart; there are: {names[:300]}")
    candidates = [column for column in table.columns if column.count]
    return max(candidates, key=lambda c: _interest(table, c), default=None)


def _interest(table, column):
    """Groups and measurements say more than identifiers and constants. The first of equals wins."""
    filled = column.count / max(table.rows, 1)
    kind = column.type
    varied = column.distinct > 1
    if kind == "number" and varied:
        return 4 * filled
    if kind == "integer" and varied:
        # One number per row, counting up: an id.
        is_id = column.distinct == column.count and column.numbers.high - column.numbers.low \
            < column.count * 1.5
        return (1 if is_id else 3.5) * filled
    if kind in ("date", "datetime") and varied:
        return 2 * filled
    if kind in ("text", "boolean") and varied:
        repeats = 1 - column.distinct / column.count
        return (1 + 2.5 * repeats) * filled
    return 0.5 * filled


# Histogram

def _histogram(table, column, numbers, options):
    kind = column.type
    is_date = kind in ("date", "datetime")
    if is_date:
        edges, label = date_edges(numbers.low, numbers.high, options.bins or MOST_BINS)
        value_text = column.date_text
    else:
        edges = _number_edges(numbers, options.bins, kind == "integer")
        label = None
        value_text = number_text
    counts = [0] * (len(edges) - 1)
    for x in numbers.sample:
        at = bisect.bisect_right(edges, x) - 1
        counts[min(max(at, 0), len(counts) - 1)] += 1
    median = numbers.quantiles()[50]

    facts = [f"{numbers.count:,} values"]
    if not is_date:
        facts.append(f"mean {number_text(numbers.mean)}")
    facts += [f"median {value_text(median)}",
              f"range {value_text(numbers.low)} to {value_text(numbers.high)}"]
    if column.missing:
        facts.append(f"{column.missing:,} missing")
    if numbers.sampled:
        facts.append(f"bars from a sample of {len(numbers.sample):,}")

    scene = _titled(options.title or f"Distribution of {column.name}", facts,
                    PLOT_TOP + PLOT_HEIGHT + AXIS_ROOM)
    y_ticks = _count_ticks(max(counts))
    left = MARGIN + max(text_width(f"{tick:,}", LABEL) for tick in y_ticks) + 10
    right = WIDTH - MARGIN
    bottom = PLOT_TOP + PLOT_HEIGHT
    _count_axis(scene, y_ticks, left, right, bottom)

    def x_of(value):
        return left + (value - edges[0]) / (edges[-1] - edges[0]) * (right - left)

    for count, start, end in zip(counts, edges, edges[1:]):
        height = count / y_ticks[-1] * PLOT_HEIGHT
        if count:
            height = max(height, 1)  # a single value among thousands should still be seen
            x, width = x_of(start) + GAP / 2, x_of(end) - x_of(start) - GAP
            scene.add(Rect(x, bottom - height, max(width, 1), height, ACCENT))
    scene.add(Line(left, bottom, right, bottom, AXIS))

    ticks = edges
    if label is None and edges[0] % 1 == 0.5:  # a bar for each whole number
        ticks = [edge + 0.5 for edge in edges[:-1]]
    for tick, text in _tick_labels(ticks, label, (right - left) / (len(edges) - 1)):
        x = x_of(tick)
        scene.add(Line(x, bottom, x, bottom + 5, AXIS), Text(x, bottom + 20, text, LABEL, MUTED, "middle"))
    scene.add(Text((left + right) / 2, bottom + 44, fitted(column.name, LABEL, 600), LABEL, MUTED,
                   "middle"))
    _mark_median(scene, x_of(median), f"median {value_text(median)}", right, bottom)
    return Chart(column.name, "histogram", scene)


def _number_edges(numbers, bins, whole):
    low, high = numbers.low, numbers.high
    if not bins:
        # Freedman and Diaconis (1981): as fine as the number of values warrants.
        quantiles = numbers.quantiles()
        width = 2 * (quantiles[75] - quantiles[25]) / numbers.count ** (1 / 3)
        # Half as wide again shows the shape better at this size.
        bins = 1.5 * (high - low) / width if width > 0 else math.log2(numbers.count) + 1
        bins = min(max(bins, FEWEST_BINS), MOST_BINS)
    step = near_step((high - low) / bins)
    if whole:
        step = max(1.0, math.ceil(step))
        if step == 1:
            return [x - 0.5 for x in range(int(low), int(high) + 2)]
    first = math.floor(low / step)
    last = math.floor(high / step) + 1
    if high == (last - 1) * step and not whole and last - 1 > first:
        last -= 1  # the highest value ends the last bin rather than beginning one of its own
    return [i * step for i in range(first, last + 1)]


def _count_ticks(most):
    ticks = nice_range(0, most, 5)
    if ticks[1] < 1:
        ticks = list(range(0, most + 1))
    return [round(tick) for tick in ticks] if ticks[1] == int(ticks[1]) \
        else list(range(0, most + 2, max(1, math.ceil(most / 5))))


def _count_axis(scene, ticks, left, right, bottom):
    scene.add(Text(MARGIN, PLOT_TOP - 14, COUNT_AXIS, LABEL, MUTED))
    for tick in ticks:
        y = bottom - tick / ticks[-1] * PLOT_HEIGHT
        if tick:
            scene.add(Line(left, y, right, y, GRID))
        scene.add(Text(left - 8, y + 4, f"{tick:,}", LABEL, MUTED, "end"))


def _tick_labels(ticks, label, room):
    """As many ticks with their text as fit beside each other, `room` apart."""
    step = ticks[1] - ticks[0]
    texts = [label(tick) if label else number_text(tick, step) for tick in ticks]
    widest = max(text_width(text, LABEL) for text in texts) + 18
    every = math.ceil(widest / room)
    start = 0
    if label is None:  # begin where what is skipped leaves round numbers
        every = _round_stride(every)
        start = -round(ticks[0] / step) % every
    return list(zip(ticks, texts))[start::every]


def _round_stride(every):
    return next((n for n in (1, 2, 4, 5, 10, 20, 50) if n >= every), every)


def _mark_median(scene, x, text, right, bottom):
    # Above the plot and beside the line, both clear of the axis' name at the left.
    clear = MARGIN + text_width(COUNT_AXIS, LABEL) + 12
    scene.add(Line(x, PLOT_TOP - (22 if x > clear else 0), x, bottom, MARK, 1.5, (5, 4)))
    at = max(x, clear) + 8
    if at + text_width(text, LABEL) < right:
        scene.add(Text(at, PLOT_TOP - 14, text, LABEL, MARK))
    else:
        scene.add(Text(x - 8, PLOT_TOP - 14, text, LABEL, MARK, "end"))


# Bars

def _bars(table, column, options):
    ordered = sorted(column.values.items(), key=lambda item: (-item[1], item[0]))
    shown = ordered[:MOST_BARS]
    rest = column.count - sum(count for _, count in shown)
    rows = [(value, count, ACCENT) for value, count in shown]
    distinct = f"{column.distinct:,}{'+' if column.distinct_capped else ''}"
    if rest:
        others = len(ordered) - len(shown)
        rows.append((f"{others:,}{'+' if column.distinct_capped else ''} others", rest, ACCENT_SOFT))

    facts = [f"{column.count:,} values", f"{distinct} different"]
    if column.missing:
        facts.append(f"{column.missing:,} missing")
    top = PLOT_TOP - 16
    scene = _titled(options.title or f"Rows by {column.name}", facts,
                    top + len(rows) * ROW_HEIGHT + 28)

    label_room = min(260, max(text_width(fitted(value, LABEL, 260), LABEL) for value, _, _ in rows))
    texts = [f"{count:,}  ({count / column.count:.0%})" for _, count, _ in rows]
    left = MARGIN + label_room + 12
    room = WIDTH - MARGIN - left - max(text_width(text, LABEL) for text in texts) - 10
    most = max(count for _, count, _ in rows)
    for index, ((value, count, color), text) in enumerate(zip(rows, texts)):
        y = top + index * ROW_HEIGHT
        length = max(count / most * room, 2)
        baseline = y + BAR_HEIGHT / 2 + 4.5
        scene.add(Text(left - 12, baseline, fitted(value, LABEL, 260), LABEL,
                       MUTED if color == ACCENT_SOFT else INK, "end"),
                  Rect(left, y, length, BAR_HEIGHT, color, 3),
                  Text(left + length + 8, baseline, text, LABEL, MUTED))
    scene.add(Line(left - 1, top - 8, left - 1, top + len(rows) * ROW_HEIGHT - 4, AXIS))
    return Chart(column.name, "bar", scene)


def _titled(title, facts, height):
    title = " ".join(title.split())
    subtitle = " · ".join(facts)
    scene = Scene(WIDTH, round(height), title, subtitle)
    scene.add(Text(MARGIN, 42, fitted(title, TITLE, WIDTH - 2 * MARGIN), TITLE),
              Text(MARGIN, 65, fitted(subtitle, LABEL, WIDTH - 2 * MARGIN), LABEL, MUTED))
    return scene
