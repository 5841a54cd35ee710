// Reads delimited text (RFC 4180) piece by piece.

export class CsvError extends Error {}

// Bounds that keep one runaway quote from collecting a whole file in memory.
const MAX_FIELD_CHARS = 16 * 1024 * 1024;
const MAX_FIELDS = 10000;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Push text in pieces of any size, then call end(). `onRow(fields, line)` gets each row that is not
 * blank and the line it began on, counted from 1.
 */
export class CsvReader {
  #delimiter;
  #onRow;
  #fields = [];
  #field = '';
  #state = 'start'; // of the field: start, plain, quoted, closed
  #line = 1;
  #rowLine = 1;
  #quoteLine = 1;
  #rowHasQuote = false;
  #skipLf = false; // the other half of a CRLF may come with the next piece

  constructor(delimiter, onRow) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#onRow = onRow;
  }

  push(text) {
    const delimiter = this.#delimiter;
    let from = 0;
    let at = 0;
    if (this.#skipLf && text.length > 0) {
      if (text.charCodeAt(0) === LF) from = at = 1;
      this.#skipLf = false;
    }
    for (; at < text.length; ++at) {
      const c = text.charCodeAt(at);
      if (this.#state === 'quoted') {
        if (c === QUOTE) {
          this.#take(text, from, at);
          this.#state = 'closed';
        } else if (c === LF) {
          ++this.#line;
        }
      } else if (c === delimiter) {
        if (this.#state !== 'closed') this.#take(text, from, at);
        this.#endField();
        from = at + 1;
      } else if (c === LF || c === CR) {
        if (this.#state !== 'closed') this.#take(text, from, at);
        this.#endRow();
        if (c === CR) {
          if (at + 1 === text.length) this.#skipLf = true;
          else if (text.charCodeAt(at + 1) === LF) ++at;
        }
        from = at + 1;
        this.#rowLine = ++this.#line;
      } else if (this.#state === 'closed') {
        if (c !== QUOTE) throw new CsvError(`line ${this.#line}: text after a closing quote`);
        this.#field += '"';
        this.#state = 'quoted';
        from = at + 1;
      } else if (c === QUOTE && this.#state === 'start') {
        this.#state = 'quoted';
        this.#rowHasQuote = true;
        this.#quoteLine = this.#line;
        from = at + 1;
      } else {
        this.#state = 'plain';
      }
    }
    if (this.#state !== 'closed') this.#take(text, from, at);
  }

  end() {
    if (this.#state === 'quoted') {
      throw new CsvError(
        `line ${this.#quoteLine}: the quoted field that begins here is never closed`);
    }
    this.#endRow();
  }

  #take(text, from, to) {
    if (to > from) this.#field += text.slice(from, to);
    if (this.#field.length > MAX_FIELD_CHARS) {
      throw new CsvError(`line ${this.#rowLine}: a field is longer than ${MAX_FIELD_CHARS} characters`);
    }
  }

  #endField() {
    this.#fields.push(this.#field);
    if (this.#fields.length > MAX_FIELDS) {
      throw new CsvError(`line ${this.#rowLine}: more than ${MAX_FIELDS} fields`);
    }
    this.#field = '';
    this.#state = 'start';
  }

  #endRow() {
    this.#endField();
    const blank = this.#fields.length === 1 && this.#fields[0] === '' && !this.#rowHasQuote;
    if (!blank) this.#onRow(this.#fields, this.#rowLine);
    this.#fields = [];
    this.#rowHasQuote = false;
  }
}

/** The delimiter that cuts the first lines into the most regular rows. */
export function detectDelimiter(sample) {
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of [',', ';', '\t', '|']) {
    const widths = new Map();
    let rows = 0;
    const reader = new CsvReader(delimiter, (fields) => {
      ++rows;
      widths.set(fields.length, (widths.get(fields.length) ?? 0) + 1);
    });
    try {
      reader.push(sample); // without end(): the sample may stop inside a row
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      continue;
    }
    // A sample of one unfinished line still tells how often it could be cut.
    if (rows === 0) {
      rows = 1;
      widths.set(sample.split(delimiter).length, 1);
    }
    const [width, count] = [...widths].reduce((a, b) => (b[1] > a[1] ? b : a));
    const score = width < 2 ? 0 : (count / rows) * 1000 + Math.min(width, 100);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}
