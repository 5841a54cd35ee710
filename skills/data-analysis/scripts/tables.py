"""Reads CSV, TSV and JSON tables as batches of rows of strings, as a stream where that is possible."""

import csv
import io
import itertools
import json
import os
import re
from pathlib import Path

from errors import InputError

BATCH_ROWS = 4096
# Enough rows to tell a header and a delimiter, few enough to be held back.
SAMPLE_ROWS = 200
SAMPLE_CHARS = 64 * 1024
MAX_COLUMNS = 2000
DELIMITERS = ",;\t|"
_LOOKS_LIKE_VALUE = re.compile(r"[-+]?(\d|\.\d)|\d{4}-\d\d-\d\d")

csv.field_size_limit(16 * 1024 * 1024)


class Source:
    """Rows with names. `names` are known at once; longer rows may add more later."""

    def __init__(self, names, rows, description):
        self.names = names
        self.description = description
        self._rows = rows
        self._short = self._long = None  # (how many rows, number of the first)

    def batches(self):
        width = len(self.names)
        number = 0
        while True:
            batch = list(itertools.islice(self._rows, BATCH_ROWS))
            if not batch:
                return
            for row in batch:
                number += 1
                if len(row) < width:
                    self._short = _noted(self._short, number)
                elif len(row) > width:
                    self._long = _noted(self._long, number)
            yield batch

    def warnings(self):
        width = len(self.names)
        return [f"{_count(noted[0], 'row')} with {kind} than {width} values, first row {noted[1]}"
                for noted, kind in ((self._short, "fewer"), (self._long, "more")) if noted]


def _noted(noted, number):
    return (1, number) if noted is None else (noted[0] + 1, noted[1])


def _count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def open_rows(options):
    if options.rows is not None:
        return _json_source(options.rows, options)
    stream = io.StringIO(options.text.lstrip("\ufeff"), newline="") if options.text is not None \
        else _open_file(options)
    if options.format == "json" or (options.format == "auto" and _looks_like_json(stream)):
        return _json_source(_parse_json(stream), options)
    return _delimited_source(stream, options)


def _open_file(options):
    folder = Path(os.environ["SANDBOX_INPUT_DIR"])
    if Path(options.file).name != options.file:
        raise InputError("`file` must be a name without folders")
    try:
        return open(folder / options.file, encoding=options.encoding, newline="")
    except LookupError:
        raise InputError(f"`encoding` {options.encoding} is not known") from None
    except (OSError, ValueError):
        there = ", ".join(sorted(os.listdir(folder))) if folder.is_dir() else ""
        raise InputError(f"there is no input file {options.file}; "
                         f"there are: {there or 'none'}") from None


# JSON

def _looks_like_json(stream):
    start = _sample(stream).lstrip()
    if start[:1] == "{":
        return True
    # A CSV may begin with a bracket too, so the first value must parse.
    if start[:1] == "[":
        return re.match(r"\[\s*([\[{\]])", start) is not None
    return False


def _parse_json(stream):
    text = _guarded(stream.read)
    try:
        value = json.loads(text)
    except RecursionError:
        raise InputError("the JSON is nested too deeply") from None
    except ValueError as error:
        lines = _json_lines(text)
        if lines is None:
            raise InputError(f"the table is not JSON: {error}") from None
        return lines
    if isinstance(value, dict) and value and all(isinstance(v, list) for v in value.values()):
        return [dict(zip(value, row)) for row in itertools.zip_longest(*value.values())]
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list) or not all(isinstance(row, (list, dict)) for row in value):
        raise InputError("a JSON table must be an array of objects or of arrays")
    return value


def _json_lines(text):
    """JSON Lines, or None when the second line is no JSON either."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            if len(rows) < 1:
                return None
            raise InputError(f"line {number} is not JSON: {error}") from None
        if not isinstance(row, (list, dict)):
            return None
        rows.append(row)
    return rows


def _json_source(rows, options):
    if rows and all(isinstance(row, dict) for row in rows):
        names = list(dict.fromkeys(key for row in rows for key in row))
        texts = ([_json_text(row.get(name)) for name in names] for row in rows)
        if options.columns is not None and len(options.columns) != len(names):
            raise InputError(f"`columns` has {len(options.columns)} names, "
                             f"the objects have {len(names)}: {', '.join(names)[:200]}")
        return _checked(Source(options.columns or names, texts, {"format": "json"}))
    if any(isinstance(row, dict) for row in rows):
        raise InputError("rows must be all objects or all arrays")
    texts = ([_json_text(value) for value in row] for row in rows)
    return _named(texts, options, {"format": "json"})


def _json_text(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Delimited text

def _delimited_source(stream, options):
    delimiter = options.delimiter or ("\t" if options.format == "tsv" else None) \
        or _detect_delimiter(_sample(stream), options.comment)
    lines = iter(stream)
    if options.comment:
        lines = (line for line in lines if not line.startswith(options.comment))
    # Tab-separated files as a rule do not quote, and a quote in them is a quote.
    quoting = csv.QUOTE_NONE if delimiter == "\t" and options.format == "tsv" else csv.QUOTE_MINIMAL
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting,
                        skipinitialspace=delimiter == " ")
    rows = (row for row in _safe_rows(reader) if any(cell.strip() for cell in row))
    return _named(rows, options, {"format": "tsv" if delimiter == "\t" else "csv",
                                  "delimiter": delimiter})


def _safe_rows(reader):
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"line {reader.line_num}: {error}") from None
        except UnicodeError as error:
            raise InputError(f"the file is not text in that encoding: {error.reason} after line "
                             f"{reader.line_num}; name its `encoding`") from None
        yield row


def _guarded(read):
    try:
        return read()
    except UnicodeError as error:
        raise InputError(f"the file is not text in that encoding: {error.reason}; "
                         "name its `encoding`") from None


def _sample(stream):
    text = _guarded(lambda: stream.read(SAMPLE_CHARS))
    stream.seek(0)
    return text


def _detect_delimiter(sample, comment):
    """The character that cuts most lines into the same number of fields, more than one."""
    lines = [line for line in sample.splitlines()[:SAMPLE_ROWS]
             if line.strip() and not (comment and line.startswith(comment))]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        common = max(set(widths), key=widths.count) if widths else 1
        if common > 1:
            score = widths.count(common) / len(widths) + min(common, 50) / 1000
            if score > best_score:
                best, best_score = delimiter, score
    return best


# Names

def _named(rows, options, description):
    """Takes the header off the rows, or makes names up."""
    rows = iter(rows)
    sample = list(itertools.islice(rows, SAMPLE_ROWS))
    has_header = options.header
    if has_header == "auto":
        has_header = options.columns is None and _has_header(sample)
    header = sample.pop(0) if has_header and sample else []
    width = max([len(header)] + [len(row) for row in sample[:1]])
    given = options.columns if options.columns is not None else header
    names = column_names(given, max(width if not header else len(header), len(given)))
    description = dict(description, header=bool(has_header))
    return _checked(Source(names, itertools.chain(sample, rows), description))


def _has_header(sample):
    first = [cell.strip() for cell in sample[0]] if sample else []
    if not all(first) or len(set(first)) < len(first) or any(map(_LOOKS_LIKE_VALUE.match, first)):
        return False
    # Names do not come back as values of their own column.
    return not any(i < len(row) and row[i].strip() == name
                   for row in sample[1:] for i, name in enumerate(first))


def column_names(given, width):
    used, names = set(), []
    for index in range(width):
        wanted = (given[index].strip() if index < len(given) else "") or f"column_{index + 1}"
        name, copy = wanted, 2
        while name in used:
            name, copy = f"{wanted}_{copy}", copy + 1
        used.add(name)
        names.append(name)
    return names


def _checked(source):
    if len(source.names) > MAX_COLUMNS:
        raise InputError(f"{len(source.names)} columns, more than {MAX_COLUMNS}: "
                         "is the delimiter right?")
    return source
