import { MAX_TERMINAL_BYTES } from '../terminal-size.ts';
import { answerInvalid, answerTooLarge } from './forward-failures.ts';
import { MAX_RESULT_DEPTH } from './limits.ts';
import type { UpstreamAnswer } from './post-request.ts';

/**
 * The `result` that an upstream answered: any JSON that can be stored and said in one message.
 * Throws SourceFailure `upstream-answer-invalid`, `upstream-answer-too-large`.
 */
export function readResult({ body, cut, compressed }: UpstreamAnswer): unknown {
  if (compressed) throw answerInvalid('compressed content, which it was asked not to send');
  if (cut) throw answerTooLarge();
  if (body.byteLength === 0) throw answerInvalid('nothing, where JSON belongs');
  const result = parse(body);
  if (result === undefined) throw answerInvalid('something that is not JSON');
  // First: what is deeper could make the next line fail, or a client.
  if (isDeeper(result, MAX_RESULT_DEPTH)) throw answerInvalid(`JSON of more than ${MAX_RESULT_DEPTH} levels`);
  // As it will be written: without indentation, but with long numbers in full.
  const bytes = Buffer.byteLength(JSON.stringify({ status: 'success', result }));
  if (bytes > MAX_TERMINAL_BYTES) throw answerTooLarge();
  return result;
}

/** @returns undefined for what is no JSON in UTF-8. */
export function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}
