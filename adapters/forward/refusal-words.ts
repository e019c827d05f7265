import { redact } from '../redact.ts';
import type { UpstreamAnswer } from './post-request.ts';
import { parse } from './read-result.ts';

/** Where services put their sentence, the best first: `detail` is FastAPI's, `title` that of RFC 9457. */
const FIELDS = ['error', 'message', 'detail', 'msg', 'error_description', 'title', 'reason', 'errors'];

/** An error in an object in a list is the deepest that services nest it: `{"detail": [{"msg": "…"}]}`. */
const MAX_NESTING = 3;

/**
 * What an upstream says of why it does not take a source, fit for a person: one line, without control characters and
 * without what looks like a secret. Pages of HTML, stack traces in them and all that has another shape say nothing.
 */
export function refusalWords({ body, cut, compressed, mediaType }: UpstreamAnswer): string | undefined {
  if (cut || compressed) return undefined;
  const json = parse(body);
  const raw = json === undefined && mediaType === 'text/plain' ? body.toString('utf8') : wordsIn(json, MAX_NESTING);
  const words = raw === undefined ? '' : clean(raw);
  return words === '' ? undefined : words;
}

function wordsIn(value: unknown, nesting: number): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || nesting === 0) return undefined;
  const values = Array.isArray(value) ? value : FIELDS.map((field) => (value as Record<string, unknown>)[field]);
  for (const each of values) {
    const words = wordsIn(each, nesting - 1);
    if (words !== undefined && words.trim() !== '') return words;
  }
  return undefined;
}

/** All of it, before it is cut anywhere: half of a secret is not known as one. And by its lines, where a header ends with one. */
function clean(text: string): string {
  const lines = text.replace(/(?![\r\n])[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ');
  return String(redact({ lines }).lines)
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}
