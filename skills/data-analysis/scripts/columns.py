"""Statistics per column, collected batch by batch in bounded memory."""

import itertools
import math
import random
import re
from array import array
from collections import Counter
from datetime import datetime, timezone

from errors import InputError
from tables import MAX_COLUMNS, column_names

# Beyond this many different values a column is an identifier or a measurement: new ones are no
# longer told apart.
MAX_DISTINCT = 100_000
# Quantiles and histograms of more values come from a sample of this many.
SAMPLE_SIZE = 200_000
# A column is of a type if all its values are, or all but a few of many.
MOSTLY = 0.95
MOSTLY_FROM = 20
QUANTILES = (5, 25, 50, 75, 95)

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$")
# Statisticians' "not available", but Namibia in a column of countries: missing only among numbers
# and dates.
NOT_AVAILABLE = "NA"
_BOOLEANS = frozenset(("true", "false", "yes", "no"))


class Table:
    def __init__(self, names, options):
        self.rows = 0
        self._options = options
        self._base = [Column(name) for name in names]
        self._derived = [(d, Column(d.name)) for d in options.derive]
        for derived, column in self._derived:
            known = [c.name for c in self._base]
            if derived.source not in known:
                raise InputError(f"there is no column {derived.source} to derive {derived.name} from; "
                                 f"there are: {', '.join(known)[:300]}")
            if column.name in known:
                raise InputError(f"there is a column {column.name} already")

    @property
    def columns(self):
        return self._base + [column for _, column in self._derived]

    def add(self, batch):
        """Takes rows of strings in, column by column: whole lists are faster than single cells."""
        width = max(map(len, batch))
        if width > len(self._base):
            self._widen(width)
        cells = itertools.zip_longest(*batch, fillvalue="")
        by_name = {}
        for column, values in itertools.zip_longest(self._base, cells):
            values = [""] * len(batch) if values is None else [v.strip() for v in values]
            by_name[column.name] = values
            column.add(values, self.rows, self._options.missing)
        for derived, column in self._derived:
            values = [_match(derived.pattern, value) for value in by_name[derived.source]]
            column.add(values, self.rows, self._options.missing)
        self.rows += len(batch)

    def _widen(self, width):
        if width > MAX_COLUMNS:
            raise InputError(f"a row near {self.rows + 1} has {width} values, "
                             f"more than {MAX_COLUMNS}: is the delimiter right?")
        names = column_names([c.name for c in self._base], width)
        for name in names[len(self._base):]:
            column = Column(name)
            column.missing = self.rows
            self._base.append(column)

    def finish(self):
        for column in self.columns:
            column.finish()

    def warnings(self):
        return [text for column in self.columns for text in column.warnings()]


def _match(pattern, value):
    found = pattern.search(value)
    if not found:
        return ""
    return (found.group(1) if pattern.groups else found.group()) or ""


class Column:
    def __init__(self, name):
        self.name = name
        self.count = 0
        self.missing = 0
        self.values = Counter()
        self.distinct_capped = False
        self.numbers = Numbers()
        self.dates = Numbers()
        self._not_number = None  # (value, row) of the first that is none
        self._not_date = None
        self._shortest = math.inf
        self._longest = 0
        self._has_fraction = False
        self._has_time = False

    def add(self, cells, first_row, missing):
        values = [cell for cell in cells if cell not in missing]
        self.missing += len(cells) - len(values)
        if not values:
            return
        self._count_values(values)
        lengths = list(map(len, values))
        self._shortest = min(self._shortest, min(lengths))
        self._longest = max(self._longest, max(lengths))
        self._add_numbers(values, cells, first_row)
        self._add_dates(values, cells, first_row)
        self.count += len(values)

    def _count_values(self, values):
        if self.distinct_capped:
            self.values.update(v for v in values if v in self.values)
            return
        self.values.update(values)
        self.distinct_capped = len(self.values) > MAX_DISTINCT

    def _add_numbers(self, values, cells, first_row):
        # When the first thousand hold no number, no later one will make it a column of numbers.
        if self.count > 1000 and self.numbers.count == 0:
            return
        numbers = _all_numbers(values)
        if numbers is None:
            numbers = []
            for value in values:
                single = _all_numbers([value])
                if single is not None:
                    numbers += single
                elif self._not_number is None and value != NOT_AVAILABLE:
                    self._not_number = (value, first_row + cells.index(value) + 1)
        self._has_fraction = self._has_fraction or not all(map(float.is_integer, numbers)) \
            or "." in "".join(values)
        self.numbers.add(numbers)

    def _add_dates(self, values, cells, first_row):
        if self.count > 1000 and self.dates.count == 0:
            return
        stamps = []
        for value in values:
            stamp = _timestamp(value)
            if stamp is not None:
                stamps.append(stamp)
                self._has_time = self._has_time or len(value) > 10
            elif self._not_date is None and value != NOT_AVAILABLE:
                self._not_date = (value, first_row + cells.index(value) + 1)
        self.dates.add(stamps)

    def finish(self):
        """After the last batch."""
        unavailable = self.values.get(NOT_AVAILABLE, 0)
        if unavailable and unavailable < self.count:
            self.count -= unavailable
            if self.measured() is None:
                self.count += unavailable
            else:
                self.missing += unavailable
                del self.values[NOT_AVAILABLE]

    @property
    def distinct(self):
        return len(self.values)

    @property
    def type(self):
        if self.count == 0:
            return "empty"
        if self._mostly(self.numbers):
            return "number" if self._has_fraction else "integer"
        if self._mostly(self.dates):
            return "datetime" if self._has_time else "date"
        if not self.distinct_capped and len(self.values) <= 8 \
                and all(value.casefold() in _BOOLEANS for value in self.values):
            return "boolean"
        return "text"

    def _mostly(self, numbers):
        if numbers.count == self.count:
            return True
        return self.count >= MOSTLY_FROM and numbers.count >= MOSTLY * self.count

    def measured(self):
        """The numbers behind a numeric or date column, else None."""
        kind = self.type
        if kind in ("integer", "number"):
            return self.numbers
        return self.dates if kind in ("date", "datetime") else None

    def summary(self, top):
        result = {"name": self.name, "type": self.type, "count": self.count,
                  "missing": self.missing, "distinct": self.distinct}
        if self.distinct_capped:
            result["distinct_at_least"] = True
        kind = result["type"]
        if kind in ("integer", "number"):
            result.update(self.numbers.summary(_plain_number))
            result.update(mean=_plain_number(self.numbers.mean),
                          stddev=_plain_number(self.numbers.stddev))
        elif kind in ("date", "datetime"):
            result.update(self.dates.summary(self.date_text))
        elif kind == "text":
            result["length"] = {"min": self._shortest, "max": self._longest}
        if top and self.count:
            most = sorted(self.values.items(), key=lambda item: (-item[1], item[0]))[:top]
            result["top"] = [{"value": value, "count": count} for value, count in most]
        return result

    def date_text(self, stamp):
        moment = datetime.fromtimestamp(stamp, timezone.utc)
        if self.type == "date":
            return moment.strftime("%Y-%m-%d")
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

    def warnings(self):
        numbers = self.measured()
        if numbers is None or numbers.count == self.count:
            return []
        is_number = numbers is self.numbers
        value, row = self._not_number if is_number else self._not_date
        odd = self.count - numbers.count
        return [f"column {self.name}: {odd} of {self.count} values {'is' if odd == 1 else 'are'} not "
                f"{'a number' if is_number else 'a date'}, the first is {value[:40]!r} in row {row}; "
                "left out of its statistics"]


class Numbers:
    """Running statistics of floats, with a sample for quantiles."""

    def __init__(self):
        self.count = 0
        self.sample = array("d")
        self.low = math.inf
        self.high = -math.inf
        # Sums of differences from the first value: squares of large values would drown the rest.
        self._shift = 0.0
        self._sum = 0.0
        self._squares = 0.0
        self._random = random.Random(0)  # the same table gives the same result

    def add(self, numbers):
        if not numbers:
            return
        if self.count == 0:
            self._shift = numbers[0]
        differences = [x - self._shift for x in numbers]
        self._sum += math.fsum(differences)
        self._squares += math.fsum([d * d for d in differences])
        self.low = min(self.low, min(numbers))
        self.high = max(self.high, max(numbers))
        free = SAMPLE_SIZE - len(self.sample)
        self.sample.extend(numbers[:free])
        count = self.count + min(free, len(numbers))
        for x in numbers[max(free, 0):]:  # reservoir sampling, algorithm R (Vitter, 1985)
            count += 1
            at = int(self._random.random() * count)
            if at < SAMPLE_SIZE:
                self.sample[at] = x
        self.count += len(numbers)

    @property
    def sampled(self):
        return self.count > len(self.sample)

    @property
    def mean(self):
        return self._shift + self._sum / self.count

    @property
    def stddev(self):
        """Of a sample (n - 1); None for a single value."""
        if self.count < 2:
            return None
        return math.sqrt(max(0.0, self._squares - self._sum ** 2 / self.count) / (self.count - 1))

    def quantiles(self):
        """Percent → value, by linear interpolation (type 7 of Hyndman and Fan, 1996)."""
        ordered = sorted(self.sample)
        result = {}
        for percent in QUANTILES:
            at = (len(ordered) - 1) * percent / 100
            low = ordered[math.floor(at)]
            result[percent] = low + (ordered[math.ceil(at)] - low) * (at - math.floor(at))
        return result

    def summary(self, text):
        quantiles = self.quantiles()
        result = {"min": text(self.low), "max": text(self.high), "median": text(quantiles[50]),
                  "quantiles": {f"p{percent:02d}": text(x) for percent, x in quantiles.items()}}
        if self.sampled:
            result["quantiles_from_sample"] = len(self.sample)
        return result


def _all_numbers(values):
    """The values as finite floats, or None if any is something else."""
    try:
        numbers = list(map(float, values))
    except (ValueError, OverflowError):
        return None
    # float() also reads 1_000, nan and infinity.
    if "_" in "".join(values) or not all(map(math.isfinite, numbers)):
        return None
    # Squares of larger ones would not be finite.
    return numbers if max(map(abs, numbers)) < 1e150 else None


def _timestamp(value):
    if len(value) < 10 or value[4] != "-" or not _DATE.match(value):
        return None
    try:
        # Python before 3.11 knows neither Z, nor +0100, nor fractions of other than 3 or 6 digits.
        value = re.sub(r"\.\d+", "", value.replace("Z", "+00:00"))
        if re.search(r"[+-]\d{4}$", value):
            value = value[:-2] + ":" + value[-2:]
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None


def _plain_number(x):
    if x is None or not math.isfinite(x):
        return None
    rounded = float(f"{x:.10g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2 ** 53 else rounded
