export interface RtfHandler {
  open(): void;
  close(): void;
  /** A control word, or the one sign of a control symbol. */
  control(word: string, parameter: number | undefined): void;
  /** Bytes of the document's code page, one in each character. Line breaks mean nothing. */
  text(bytes: string): void;
}

/** In this order: a group's start or end, a byte in hexadecimal digits, a control word, a control symbol, plain text. */
const TOKEN = /([{}])|\\'([0-9a-f]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([^\\{}]+)/giy;

/** The longest token that begins with a backslash: one that begins nearer to a chunk's end may go on in the next. */
const LONGEST_TOKEN = 48;

/** Splits RTF into its tokens as it comes. Nothing is held but a token that a chunk ends in. */
export function createRtfTokens(handler: RtfHandler) {
  let rest = '';
  /** Bytes of a picture or an object, as they are. */
  let binary = 0;

  function emit([, brace, hex, word, parameter, symbol, text]: RegExpExecArray): void {
    if (brace !== undefined) brace === '{' ? handler.open() : handler.close();
    else if (hex !== undefined) handler.text(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (word === 'bin') binary = Math.max(0, Number(parameter ?? 0));
    else if (word !== undefined) handler.control(word, parameter === undefined ? undefined : Number(parameter));
    else if (symbol !== undefined) handler.control(symbol, undefined);
    else handler.text(text!.replace(/[\r\n]+/g, ''));
  }

  function read(text: string, last: boolean): void {
    for (let at = 0; at < text.length; ) {
      if (binary > 0) {
        const skipped = Math.min(binary, text.length - at);
        binary -= skipped;
        at += skipped;
        continue;
      }
      TOKEN.lastIndex = at;
      const token = text[at] === '\\' && !last && text.length - at < LONGEST_TOKEN ? null : TOKEN.exec(text);
      if (!token) {
        rest = last ? '' : text.slice(at);
        return;
      }
      at = TOKEN.lastIndex;
      emit(token);
    }
  }

  return {
    write(bytes: Buffer): void {
      const text = rest + bytes.toString('latin1');
      rest = '';
      read(text, false);
    },
    end(): void {
      const text = rest;
      rest = '';
      read(text, true);
    },
  };
}
