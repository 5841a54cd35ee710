"""Round numbers and calendar dates for axes and bins."""

import math
from datetime import datetime, timedelta, timezone

_DAY = 86400
# Months are counted, everything shorter is a number of seconds.
_CALENDAR = ([("second", s) for s in (1, 5, 15, 30)]
             + [("second", 60 * m) for m in (1, 5, 15, 30)]
             + [("second", 3600 * h) for h in (1, 3, 6, 12)]
             + [("second", _DAY * d) for d in (1, 7)]
             + [("month", m) for m in (1, 3, 6)]
             + [("month", 12 * y) for y in (1, 2, 5, 10, 20, 50, 100, 200, 500)])


_FACTORS = (1, 2, 2.5, 5, 10)


def nice_step(rough):
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next((f * power for f in _FACTORS if f * power >= rough * (1 - 1e-9)), 10 * power)


def near_step(rough):
    """The one that is nearest by ratio."""
    power = 10.0 ** math.floor(math.log10(rough))
    return min((f * power for f in _FACTORS), key=lambda step: abs(math.log(step / rough)))


def nice_range(low, high, count):
    """Multiples of a nice step that cover low to high, about `count` steps."""
    step = nice_step((high - low) / count)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, max(last, first + 1) + 1)]


def number_text(x, step=None):
    """With as many decimals as `step` needs, thousands separated, huge and tiny ones short."""
    if x != 0 and (abs(x) >= 1e9 or abs(x) < 1e-4) and (step is None or step >= 1e6 or step < 1e-4):
        return f"{x:.3g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e") \
            .replace("-", "−")
    decimals = 0
    if step is not None:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        if abs(round(step, decimals) - step) > step * 1e-6:  # 2.5
            decimals += 1
    elif x != int(x):
        decimals = max(0, 3 - math.floor(math.log10(abs(x))))
    text = f"{x:,.{decimals}f}"
    if step is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def date_edges(low, high, most):
    """(stamps, label function): calendar steps that cover low to high, at most `most` of them."""
    for unit, amount in _CALENDAR:
        seconds = amount if unit == "second" else amount * 30 * _DAY
        if (high - low) / seconds < most - 2:
            break
    edges = _month_edges(low, high, amount) if unit == "month" else _second_edges(low, high, amount)
    if unit == "month":
        pattern = "%Y" if amount % 12 == 0 else "%Y-%m"
    elif amount >= _DAY:
        pattern = "%Y-%m-%d"
    elif high - low > _DAY:
        pattern = "%m-%d %H:%M"
    else:
        pattern = "%H:%M:%S" if amount < 60 else "%H:%M"
    return edges, lambda stamp: _moment(stamp).strftime(pattern)


def _moment(stamp):
    # Not fromtimestamp(), which does not know the years before 1970 everywhere.
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=stamp)


def _second_edges(low, high, step):
    first = math.floor(low / step)
    last = math.floor(high / step) + 1
    return [i * step for i in range(first, last + 1)]


def _month_edges(low, high, months):
    start = _moment(low)
    index = (start.year * 12 + start.month - 1) // months * months
    edges = []
    while not edges or edges[-1] <= high:
        year, month = divmod(index, 12)
        if not 1 <= year <= 9999:
            edges.append(high + 1 if year > 9999 else low)
        else:
            edges.append(datetime(year, month + 1, 1, tzinfo=timezone.utc).timestamp())
        index += months
    return edges
