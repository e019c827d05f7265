import type { Bytes } from './reply.ts';

/** Whether `text` matches a pattern of `*`, `?`, `[a-z]`, `[^a]` and `\x`. */
export function matchesGlob(pattern: Bytes, text: Bytes): boolean {
  return compileGlob(pattern).test(text);
}

/** For a pattern that is asked of many texts. */
export function compileGlob(pattern: Bytes): RegExp {
  return new RegExp(`^${toRegExp(pattern)}$`, 's');
}

function toRegExp(pattern: Bytes): string {
  let out = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (char === '*') {
      // Runs of stars mean one: several in a row would make the regular expression try every way to share the text.
      if (pattern[at - 1] !== '*') out += '.*';
    } else if (char === '?') {
      out += '.';
    } else if (char === '[') {
      const end = pattern.indexOf(']', at + 1);
      const body = pattern.slice(at + 1, end < 0 ? undefined : end);
      const negated = body.startsWith('^');
      out += `[${negated ? '^' : ''}${(negated ? body.slice(1) : body).replace(/[\\\]^[]/g, '\\$&')}]`;
      at = end < 0 ? pattern.length : end;
    } else if (char === '\\' && at + 1 < pattern.length) {
      at += 1;
      out += literal(pattern[at]!);
    } else {
      out += literal(char);
    }
  }
  return out;
}

function literal(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}
