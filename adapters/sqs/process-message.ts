import * as z from 'zod';
import type { SourceRef } from '../../app/ports.ts';
import { uuid } from '../../domain/messages.ts';

const message = z.object({ 'source-uuid': uuid, generation: z.int().positive() });

/** The body of a message is not ours, or not whole: no retry will mend it. */
export class ProcessMessageError extends Error {
  override readonly name = 'ProcessMessageError';
  readonly code = 'invalid-process-message';
}

export function formatProcessMessage({ sourceUuid, generation }: SourceRef): string {
  return JSON.stringify({ 'source-uuid': sourceUuid, generation } satisfies z.infer<typeof message>);
}

/** Throws ProcessMessageError. */
export function parseProcessMessage(body: string): SourceRef {
  try {
    const parsed = message.parse(JSON.parse(body));
    return { sourceUuid: parsed['source-uuid'], generation: parsed.generation };
  } catch (cause) {
    throw new ProcessMessageError('the message names no source', { cause });
  }
}
