import { isUtf8 } from 'node:buffer';

/** What a source is called where its uploader gave no name. Shown, never used: no key and no path is ever made of it. */

/** In characters. Kept with the object, where 2 kB is all there is: each may take 12 bytes of that. */
const MAX_NAME_CHARACTERS = 150;

/**
 * The name that the server gave, else the last one in the path of the URL: of the one that the redirects end at, unless only the
 * first one ends like a file. Never the query: it may be a secret.
 */
export function displayNameOf(contentDisposition: unknown, url: URL, startUrl = url): string | undefined {
  const [name, startName] = [tidied(lastSegment(url)), tidied(lastSegment(startUrl))];
  return (
    nameIn(contentDisposition) ?? [name, startName].find((each) => /\.[0-9A-Za-z]{1,10}$/.test(each ?? '')) ?? name
  );
}

/** `name="value"` with backslashes, or `name=token`, or `name*=utf-8''percent-encoded` (RFC 6266, RFC 8187). */
const PARAMETER = /;\s*filename(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/gi;

function nameIn(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  let plain: string | undefined;
  for (const [, star, quoted, token] of header.matchAll(PARAMETER)) {
    const value = quoted === undefined ? token! : quoted.replace(/\\(.)/g, '$1');
    // The one with a star is the better one, wherever it stands.
    const extended = star === undefined ? undefined : extendedValue(value);
    if (extended) return extended;
    if (star === undefined) plain ??= tidied(inUtf8(value));
  }
  return plain;
}

function extendedValue(value: string): string | undefined {
  const [, charset, encoded] = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i.exec(value) ?? [];
  if (charset === undefined) return undefined;
  const bytes = encoded!.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return tidied(charset.toLowerCase() === 'utf-8' ? inUtf8(bytes) : bytes);
}

/** Header values are bytes, and come as one character each: what is UTF-8 by its form is meant as that. */
export function inUtf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return /^[\0-\xff]*$/.test(text) && isUtf8(bytes) ? bytes.toString() : text;
}

function lastSegment({ pathname }: URL): string {
  const segment = pathname.split('/').findLast((part) => part !== '') ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Characters that are not seen, but turn what stands beside them around: "gpj.exe" reads "exe.jpg" with one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029\ufffd]/gu;

function tidied(name: string): string | undefined {
  const last = name.split(/[/\\]/).at(-1)!;
  const characters = [...last.toWellFormed().replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim()];
  const text = characters.slice(0, MAX_NAME_CHARACTERS).join('').trim();
  return /^\.*$/.test(text) ? undefined : text;
}
