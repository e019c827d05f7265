import { STATUS_CODES } from 'node:http';
import { SourceFailure } from '../../domain/errors.ts';
import { MAX_TERMINAL_BYTES } from '../terminal-size.ts';
import { MAX_SENTENCE_CHARACTERS } from './limits.ts';

/** The sentences that go out when an upstream does not take a source. They never hold its address, nor a header of it. */

const LATER = 'Send the source again later.';
const MAYBE = 'It may have taken the source all the same: look there before you send it again.';

/** @param words what the upstream said of it, if it did. */
export function refused(status: number, words: string | undefined): SourceFailure {
  const start = `The upstream service answered ${statusText(status)}`;
  if (words !== undefined) return new SourceFailure('upstream-refused', withWords(start, words, ''));
  return new SourceFailure('upstream-refused', `${start}, and gave no reason: ask those who run it.`);
}

export function failed(status: number, words: string | undefined): SourceFailure {
  const start = `The upstream service answered ${statusText(status)}`;
  if (words !== undefined) return new SourceFailure('upstream-failed', withWords(start, words, LATER));
  return new SourceFailure('upstream-failed', `${start}. ${LATER}`);
}

export function unreachable(cause: unknown): SourceFailure {
  return new SourceFailure('upstream-unreachable', `The upstream service cannot be reached. ${LATER}`, { cause });
}

export function brokenOff(cause: unknown): SourceFailure {
  const sentence = `The connection to the upstream service broke off before it had answered. ${MAYBE}`;
  return new SourceFailure('upstream-broke-off', sentence, { cause });
}

export function timedOut(deadlineMs: number): SourceFailure {
  return new SourceFailure(
    'upstream-timeout',
    `The upstream service did not answer within ${deadlineMs / 1000} s. ${MAYBE}`,
  );
}

export function redirected(status: number): SourceFailure {
  return new SourceFailure(
    'upstream-answer-invalid',
    `The upstream service answered ${statusText(status)}, and redirects are not followed: its address has to be corrected.`,
  );
}

/** @param how it is no result: the end of a sentence. */
export function answerInvalid(how: string): SourceFailure {
  return new SourceFailure(
    'upstream-answer-invalid',
    `The upstream service took the source, but answered with ${how}: ask those who run it.`,
  );
}

export function answerTooLarge(): SourceFailure {
  const limit = Math.floor(MAX_TERMINAL_BYTES / 1024);
  return new SourceFailure(
    'upstream-answer-too-large',
    `The upstream service took the source, but answered with more than the ${limit} KiB that fit into a message.`,
  );
}

/** In the words of the standard: the server's own could be anything. */
function statusText(status: number): string {
  const text = STATUS_CODES[status];
  return text ? `${status} ${text}` : String(status);
}

/** The words are cut where the whole would be too long, and never between the halves of a character. */
function withWords(start: string, words: string, end: string): string {
  const tail = end === '' ? '' : ` ${end}`;
  const room = MAX_SENTENCE_CHARACTERS - start.length - tail.length - ': .'.length;
  const characters = [...words];
  const kept = characters.length > room ? `${characters.slice(0, room - 1).join('')}…` : words;
  return `${start}: ${kept}${/[.!?…]$/.test(kept) ? '' : '.'}${tail}`;
}
