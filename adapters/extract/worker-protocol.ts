import * as z from 'zod';
import type { FailureCode } from '../../domain/errors.ts';

/**
 * Between the function and the child that parses: the document is the child's standard input, a file; the text comes out
 * of its standard output; these messages come out of descriptor 3, one line of JSON each, `done` or `failure` last.
 */
export const MESSAGES_FD = 3;

/** The child's one argument, as JSON. */
export interface WorkerRequest {
  /** Tells kinds of text apart that look the same; never trusted further. */
  readonly filename: string;
  readonly textBytes: number;
  readonly pages: number;
}

const FAILURES = [
  'unsupported-media-type',
  'document-empty',
  'document-encrypted',
  'document-broken',
  'document-too-large',
  'document-memory',
] as const satisfies readonly FailureCode[];

export const workerMessage = z.union([
  /** The program is loaded: what goes wrong from here on is the document's doing. */
  z.object({ ready: z.literal(true) }),
  z.object({
    progress: z.union([
      z.object({ pages: z.number(), totalPages: z.number() }),
      z.object({ bytes: z.number(), totalBytes: z.number() }),
    ]),
  }),
  z.object({
    done: z.object({
      mediaType: z.string(),
      title: z.string().optional(),
      note: z.string().optional(),
      pages: z.number().optional(),
      words: z.number(),
      characters: z.number(),
      preview: z.string(),
    }),
  }),
  z.object({ failure: z.object({ code: z.enum(FAILURES), error: z.string() }) }),
]);

export type WorkerMessage = z.infer<typeof workerMessage>;
export type Extracted = Extract<WorkerMessage, { done: unknown }>['done'];
