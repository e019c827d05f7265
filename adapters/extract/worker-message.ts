import * as z from 'zod';
import type { FailureCode } from '../../domain/errors.ts';

const FAILURES = [
  'unsupported-media-type',
  'document-empty',
  'document-encrypted',
  'document-broken',
  'document-scanned',
  'document-too-large',
  'document-too-many-parts',
  'document-inflates-too-large',
  'document-too-deep',
  'document-memory',
] as const satisfies readonly FailureCode[];

/** What the function believes of a child that a document may have taken over. The child has the types only: zod takes long to load. */
export const workerMessage = z.union([
  /** True: the program is loaded, and what goes wrong is the document's doing. False: more of the program is being loaded. */
  z.object({ ready: z.boolean() }),
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
      words: z.number().optional(),
      characters: z.number(),
      preview: z.string(),
      language: z.string().optional(),
    }),
  }),
  z.object({ failure: z.object({ code: z.enum(FAILURES), error: z.string() }) }),
]);

export type WorkerMessage = z.infer<typeof workerMessage>;
export type Extracted = Extract<WorkerMessage, { done: unknown }>['done'];
