import type { Bytes } from './reply.ts';

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/**
 * Words of an inline command, as a person types it over telnet: split at spaces, with 'single' and "double" quotes.
 * @returns undefined when a quote does not end, or something other than a space follows one.
 */
export function splitInline(line: string): Bytes[] | undefined {
  const words: Bytes[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line[at])) at += 1;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !isSpace(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at += 1;
        continue;
      }
      const quoted = readQuoted(line, at + 1, quote);
      if (quoted === undefined || !(quoted.end >= line.length || isSpace(line[quoted.end]))) return undefined;
      word += quoted.text;
      at = quoted.end;
    }
    words.push(word);
  }
}

function readQuoted(line: string, start: number, quote: string): { text: string; end: number } | undefined {
  let text = '';
  for (let at = start; at < line.length; at += 1) {
    const char = line[at]!;
    if (char === quote) return { text, end: at + 1 };
    if (char !== '\\') {
      text += char;
      continue;
    }
    const hex = quote === '"' ? /^x[0-9a-f]{2}/i.exec(line.slice(at + 1, at + 4)) : null;
    if (hex) {
      text += String.fromCharCode(Number.parseInt(hex[0].slice(1), 16));
      at += 3;
    } else if (quote === '"' && at + 1 < line.length) {
      at += 1;
      text += ESCAPES[line[at]!] ?? line[at];
    } else if (line[at + 1] === "'") {
      at += 1;
      text += "'";
    } else {
      text += char;
    }
  }
  return undefined;
}

function isSpace(char: string | undefined): boolean {
  return (
    char === ' ' || char === '\t' || char === '\r' || char === '\n' || char === '\v' || char === '\f' || char === '\0'
  );
}
