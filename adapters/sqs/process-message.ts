import * as z from 'zod';
import type { QueuedSource } from '../../app/ports.ts';
import { uuid } from '../../domain/messages.ts';

const message = z.object({
  'source-uuid': uuid,
  generation: z.int().positive(),
  'correlation-id': z.string().optional(),
});

/** The body of a message is not ours, or not whole: no retry will mend it. */
export class ProcessMessageError extends Error {
  override readonly name = 'ProcessMessageError';
  readonly code = 'invalid-process-message';
}

export function formatProcessMessage({ sourceUuid, generation, correlationId }: QueuedSource): string {
  const content: z.infer<typeof message> = { 'source-uuid': sourceUuid, generation, 'correlation-id': correlationId };
  return JSON.stringify(content);
}

/** Throws ProcessMessageError. */
export function parseProcessMessage(body: string): QueuedSource {
  try {
    const parsed = message.parse(JSON.parse(body));
    const { 'source-uuid': sourceUuid, generation, 'correlation-id': correlationId } = parsed;
    return { sourceUuid, generation, ...(correlationId !== undefined && { correlationId }) };
  } catch (cause) {
    throw new ProcessMessageError('the message names no source', { cause });
  }
}
