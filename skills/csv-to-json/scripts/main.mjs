// Converts delimited text to JSON; SKILL.md describes input and output.

import fs from 'node:fs';
import path from 'node:path';

import { CsvError, CsvReader, detectDelimiter } from './csv.mjs';

/** Something the caller can put right; the message says what. */
class InputError extends Error {}

const CHUNK_BYTES = 256 * 1024;
const SAMPLE_CHARS = 64 * 1024;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function main() {
  try {
    const options = readOptions(readInput());
    writeOutput(convert(options));
    return 0;
  } catch (error) {
    if (!(error instanceof InputError || error instanceof CsvError)) throw error;
    writeOutput(JSON.stringify({ error: error.message }));
    console.error(`csv-to-json: ${error.message}`);
    return 1;
  }
}

function readInput() {
  // SANDBOX_INPUT is left out when it is longer than one variable may be.
  const text = process.env.SANDBOX_INPUT ?? fs.readFileSync('/sandbox/input.json', 'utf8');
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`the input is not JSON: ${error.message}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InputError('the input must be an object such as {"text": "a,b\\n1,2\\n"}');
  }
  return value;
}

function writeOutput(json) {
  fs.writeFileSync(process.env.SANDBOX_OUTPUT, json);
}

function readOptions(given) {
  const option = (name, fallback, accepts, wants) => {
    const value = given[name] ?? fallback;
    if (!accepts(value)) throw new InputError(`\`${name}\` must be ${wants}`);
    return value;
  };
  const isText = (v) => typeof v === 'string';
  const optional = (accepts) => (v) => v === undefined || accepts(v);
  const options = {
    text: option('text', undefined, optional(isText), 'a string'),
    file: option('file', undefined, optional((v) => isText(v) && v !== ''), 'a file name'),
    delimiter: option('delimiter', 'auto',
      (v) => v === 'auto' || (isText(v) && v.length === 1 && !'"\r\n'.includes(v)),
      '`auto` or one character other than a quote or a line break'),
    header: option('header', true, (v) => typeof v === 'boolean', 'true or false'),
    columns: option('columns', undefined,
      optional((v) => Array.isArray(v) && v.length > 0 && v.every(isText)), 'an array of strings'),
    types: option('types', 'infer', (v) => v === 'infer' || v === 'text', '`infer` or `text`'),
    format: option('format', 'json', (v) => v === 'json' || v === 'lines', '`json` or `lines`'),
    inlineRows: option('inline_rows', 1000, (v) => Number.isInteger(v) && v >= 0 && v <= 10000,
      'a whole number from 0 to 10000'),
    encoding: option('encoding', 'utf-8', isText, 'the name of an encoding'),
  };
  if ((options.text === undefined) === (options.file === undefined)) {
    throw new InputError('give exactly one of `text` and `file`');
  }
  return options;
}

/** The table's text in pieces, without a byte order mark; may be read more than once. */
function* pieces(options) {
  if (options.text !== undefined) {
    yield options.text.replace(/^\ufeff/, '');
    return;
  }
  const name = options.file;
  const folder = process.env.SANDBOX_INPUT_DIR;
  let fd;
  try {
    if (path.basename(name) !== name) throw new InputError("`file` must be a name without folders");
    fd = fs.openSync(path.join(folder, name), 'r');
  } catch (error) {
    if (error instanceof InputError) throw error;
    const there = fs.existsSync(folder) ? fs.readdirSync(folder).sort().join(', ') : '';
    throw new InputError(`there is no input file ${name}; there are: ${there || 'none'}`);
  }
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let length = fs.readSync(fd, buffer);
    const decoder = decoderFor(buffer.subarray(0, length), options.encoding);
    for (; length > 0; length = fs.readSync(fd, buffer)) {
      yield decode(decoder, buffer.subarray(0, length), name);
    }
    yield decode(decoder, undefined, name);
  } finally {
    fs.closeSync(fd);
  }
}

function decoderFor(start, encoding) {
  const label = start[0] === 0xff && start[1] === 0xfe ? 'utf-16le'
    : start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : encoding;
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw new InputError(`\`encoding\` ${encoding} is not known`);
  }
}

function decode(decoder, bytes, name) {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch {
    throw new InputError(`${name} is not valid ${decoder.encoding}; name its encoding`);
  }
}

function readRows(options, delimiter, onRow) {
  const reader = new CsvReader(delimiter, onRow);
  for (const piece of pieces(options)) reader.push(piece);
  reader.end();
}

/** Converts in two passes, so that a column has one type and memory stays small. */
function convert(options) {
  const delimiter = options.delimiter === 'auto' ? detectDelimiter(sampleOf(options))
    : options.delimiter;
  const survey = surveyTable(options, delimiter);
  const file = options.format === 'lines' ? 'data.jsonl' : 'data.json';
  const inline = writeRows(options, delimiter, survey, file);
  const columns = survey.names.map((name, i) => ({ name, type: survey.types[i] }));
  // Composed as text: rows are JSON already, and a column may be called __proto__.
  return `{"row_count":${survey.rowCount},"columns":${JSON.stringify(columns)}`
    + `,"delimiter":${JSON.stringify(delimiter)},"file":${JSON.stringify(file)}`
    + `,"rows":[${inline.join(',')}],"truncated":${inline.length < survey.rowCount}`
    + `,"warnings":${JSON.stringify(survey.warnings)}}`;
}

function sampleOf(options) {
  let sample = '';
  for (const piece of pieces(options)) {
    sample += piece.slice(0, SAMPLE_CHARS - sample.length);
    if (sample.length >= SAMPLE_CHARS) break;
  }
  return sample;
}

function surveyTable(options, delimiter) {
  let header = null;
  let width = 0;
  let rowCount = 0;
  const kinds = []; // per column: which types every value so far would allow
  const lines = []; // per row width: the first line that has it
  readRows(options, delimiter, (fields, line) => {
    if (options.header && header === null) {
      header = fields;
      return;
    }
    ++rowCount;
    lines[fields.length] ??= line;
    width = Math.max(width, fields.length);
    if (options.types === 'infer') fields.forEach((value, i) => narrow(kinds, i, value));
  });
  if (header === null && rowCount === 0) throw new InputError('the table is empty');

  const given = options.columns ?? header ?? [];
  const names = uniqueNames(given, Math.max(width, given.length));
  const types = names.map((_, i) => {
    const kind = kinds[i];
    if (!kind?.seen) return 'text';
    return kind.number ? 'number' : kind.boolean ? 'boolean' : 'text';
  });
  const expected = given.length || width;
  return { names, types, rowCount, warnings: raggedWarnings(lines, expected) };
}

function narrow(kinds, index, value) {
  const kind = (kinds[index] ??= { seen: false, number: true, boolean: true });
  if (value === '') return;
  kind.seen = true;
  if (kind.number) kind.number = isSafeNumber(value);
  if (kind.boolean) kind.boolean = /^(?:true|false)$/i.test(value);
}

/** Whether the text is a JSON number that readers who use doubles will not damage. */
function isSafeNumber(text) {
  if (!JSON_NUMBER.test(text)) return false;
  const value = Number(text);
  return Number.isFinite(value) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(value));
}

function uniqueNames(given, width) {
  const used = new Set();
  return Array.from({ length: width }, (_, i) => {
    const wanted = given[i]?.trim() || `column_${i + 1}`;
    let name = wanted;
    for (let n = 2; used.has(name); ++n) name = `${wanted}_${n}`;
    used.add(name);
    return name;
  });
}

function raggedWarnings(lines, expected) {
  const warnings = [];
  const first = (matches) => Math.min(...lines.flatMap((line, n) => (matches(n) ? [line] : [])));
  const short = first((n) => n < expected);
  const long = first((n) => n > expected);
  if (Number.isFinite(short)) {
    warnings.push(`rows with fewer than ${expected} fields, the first at line ${short}`);
  }
  if (Number.isFinite(long)) {
    warnings.push(`rows with more than ${expected} fields, the first at line ${long}`);
  }
  return warnings;
}

/** Writes every row to the file; returns the first ones as JSON text. */
function writeRows(options, delimiter, survey, file) {
  const asLines = options.format === 'lines';
  const keys = survey.names.map((name) => JSON.stringify(name));
  const fd = fs.openSync(path.join(process.env.SANDBOX_FILES_DIR, file), 'w');
  const inline = [];
  let buffer = asLines ? '' : '[\n';
  let written = 0;
  let skipHeader = options.header;
  readRows(options, delimiter, (fields) => {
    if (skipHeader) {
      skipHeader = false;
      return;
    }
    const row = `{${keys.map((key, i) => `${key}:${valueJson(fields[i], survey.types[i], options)}`)
      .join(',')}}`;
    if (inline.length < options.inlineRows) inline.push(row);
    buffer += asLines ? `${row}\n` : `${written === 0 ? '' : ',\n'}${row}`;
    ++written;
    if (buffer.length > CHUNK_BYTES) {
      fs.writeFileSync(fd, buffer);
      buffer = '';
    }
  });
  fs.writeFileSync(fd, buffer + (asLines ? '' : written === 0 ? ']\n' : '\n]\n'));
  fs.closeSync(fd);
  return inline;
}

function valueJson(value, type, options) {
  if (value === undefined || (value === '' && options.types === 'infer')) return 'null';
  if (type === 'number') return value;
  if (type === 'boolean') return value.toLowerCase();
  return JSON.stringify(value);
}

process.exitCode = main();
