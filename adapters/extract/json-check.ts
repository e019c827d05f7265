/** A document that nests deeper is made to. */
const MAX_DEPTH = 1_000_000;

/** What may come next. */
type Next = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end';

/** A quote or a backslash, or what may not stand in a string. */
const STRING_SIGN = /["\\]|[^ -\uffff]/g;

const TOKEN = /[-+.\w]*/y;
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;

const ESCAPE = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})$/;
const START_OF_ESCAPE = /^\\(?:u[\da-fA-F]{0,3})?$/;

/**
 * @param pieces of a text, cut anywhere.
 * @returns whether it is JSON, without holding any of it: its objects take some 30 times the memory of the text.
 */
export function isJson(pieces: Iterable<string>): boolean {
  const reader = createJsonReader();
  for (const piece of pieces) if (!reader.read(piece)) return false;
  return reader.end();
}

/** Each step takes some of the text from `at` on. @returns where it ended, or -1 for what is no JSON. */
function createJsonReader() {
  /** Each an open `{` or `[`. */
  const open: string[] = [];
  let next: Next = 'value';
  let inString = false;
  /** What was read so far of an escape in a string, of a number or of a word. */
  let escaped = '';
  let token = '';

  function stringStep(text: string, at: number): number {
    if (escaped !== '') return escapeStep(text, at);
    STRING_SIGN.lastIndex = at;
    const sign = STRING_SIGN.exec(text);
    if (!sign) return text.length;
    if (sign[0] === '"') inString = false;
    else if (sign[0] === '\\') escaped = '\\';
    else return -1;
    return sign.index + 1;
  }

  function escapeStep(text: string, at: number): number {
    escaped += text[at]!;
    if (ESCAPE.test(escaped)) escaped = '';
    else if (!START_OF_ESCAPE.test(escaped)) return -1;
    return at + 1;
  }

  function tokenStep(text: string, at: number): number {
    TOKEN.lastIndex = at;
    token += TOKEN.exec(text)![0];
    // It may go on in the next piece.
    return TOKEN.lastIndex === text.length || endToken() ? TOKEN.lastIndex : -1;
  }

  function endToken(): boolean {
    const isScalar = SCALAR.test(token) && (next === 'value' || next === 'value-or-end');
    next = 'comma-or-end';
    token = '';
    return isScalar;
  }

  function signStep(sign: string, at: number): number {
    return ' \t\r\n'.includes(sign) || isInPlace(sign) ? at + 1 : -1;
  }

  function isInPlace(sign: string): boolean {
    const isValue = next === 'value' || next === 'value-or-end';
    switch (sign) {
      case '"':
        inString = isValue || next === 'key' || next === 'key-or-end';
        next = isValue ? 'comma-or-end' : 'colon';
        return inString;
      case '{':
      case '[':
        next = sign === '{' ? 'key-or-end' : 'value-or-end';
        return isValue && open.push(sign) <= MAX_DEPTH;
      case '}':
        return endContainer('{', 'key-or-end');
      case ']':
        return endContainer('[', 'value-or-end');
      case ',': {
        const wasEnded = next === 'comma-or-end' && open.length > 0;
        next = open.at(-1) === '{' ? 'key' : 'value';
        return wasEnded;
      }
      case ':': {
        const wasKey = next === 'colon';
        next = 'value';
        return wasKey;
      }
      default:
        return false;
    }
  }

  function endContainer(begin: string, whereEmpty: Next): boolean {
    const isEnd = open.pop() === begin && (next === 'comma-or-end' || next === whereEmpty);
    next = 'comma-or-end';
    return isEnd;
  }

  function step(text: string, at: number): number {
    if (inString) return stringStep(text, at);
    if (/[-+.\w]/.test(text[at]!)) return tokenStep(text, at);
    if (token !== '' && !endToken()) return -1;
    return signStep(text[at]!, at);
  }

  return {
    read(text: string): boolean {
      for (let at = 0; at < text.length; ) {
        at = step(text, at);
        if (at === -1) return false;
      }
      return true;
    },
    end: () => (token === '' || endToken()) && !inString && open.length === 0 && next === 'comma-or-end',
  };
}
