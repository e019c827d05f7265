import { SourceFailure } from '../../domain/errors.ts';
import type { WorkerMessage } from './worker-message.ts';

type Failure = Extract<WorkerMessage, { failure: unknown }>['failure'];

/** @returns what the client is told; undefined where the error says nothing of the document, and has to be looked into. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof SourceFailure) return { code: error.code as Failure['code'], error: error.message };
  if (isOutOfMemory(error)) {
    return { code: 'document-memory', error: 'The document takes more memory to read than it may have: split it.' };
  }
  return undefined;
}

/**
 * What V8 and Node.js throw where a string, a buffer or a map would be larger than it can be. Any other RangeError, an
 * argument that cannot be say, is a mistake in a reader, and a smaller document would end in it too.
 */
const TOO_LARGE = /^(?:Invalid string length|Array buffer allocation failed|(?:Map|Set) maximum size exceeded)$/;

function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof RangeError) return TOO_LARGE.test(error.message);
  return (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG';
}
